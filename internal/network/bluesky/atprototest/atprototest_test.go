package atprototest_test

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/network/bluesky/atprototest"
)

var shared atprototest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func TestPostIsSeenAnsweredAndForgotten(t *testing.T) {
	n := shared.Network(t)
	brand, ana := n.Account(t, "brand"), n.Account(t, "ana")

	post := ana.Post(t, "@"+brand.Handle+" my parcel is gone")
	n.Indexed(t, post)
	reply := brand.Post(t, "We are looking for it.", atprototest.Replying(post))
	n.Indexed(t, reply)
	if got := n.Replies(t, post.URI); len(got) != 1 || got[0].URI != reply.URI || got[0].Author != brand.DID {
		t.Fatalf("replies: %+v", got)
	}
	var notes struct {
		Notifications []struct{ URI, Reason string }
	}
	brand.Call(t, http.MethodGet, "app.bsky.notification.listNotifications", url.Values{}, nil, &notes)
	if len(notes.Notifications) != 1 || notes.Notifications[0].URI != post.URI || notes.Notifications[0].Reason != "mention" {
		t.Fatalf("notifications: %+v", notes)
	}

	edited := ana.Edit(t, post, "@"+brand.Handle+" my parcel is still gone")
	n.Indexed(t, edited)
	ana.Delete(t, post)
	n.Vanished(t, post)
}

func TestNetworkComesBackWithItsPosts(t *testing.T) {
	n := shared.Network(t)
	ana := n.Account(t, "ana")
	before := ana.Post(t, "before the power cut")
	n.Indexed(t, before)

	n.Halt()
	if resp, err := http.Get(n.URL); err == nil {
		resp.Body.Close()
		t.Fatal("a halted network answers")
	}
	n.Resume(t, atprototest.Options{})
	n.Indexed(t, before, ana.Post(t, "after the power cut"))
}

func TestNothingListensOutside(t *testing.T) {
	n := shared.Network(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(n.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port)); err != nil {
		t.Fatal(err)
	} else {
		c.Close()
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		ip, _, err := net.ParseCIDR(a.String())
		if err != nil || ip.Equal(net.IPv4(127, 0, 0, 1)) {
			continue
		}
		if c, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: ip, Port: atoi(t, port)}); err == nil {
			c.Close()
			t.Errorf("the network can be reached at %v", ip)
		}
	}
}

func TestAccountsActAsTheySay(t *testing.T) {
	n := shared.Network(t)
	ana := n.Account(t, "ana")
	old := ana.Handle
	ana.Rename(t, "ann")
	if ana.Handle == old || !strings.HasPrefix(ana.Handle, "ann") {
		t.Errorf("renamed to %s", ana.Handle)
	}
	post := ana.Post(t, "@"+ana.Handle+" and not @"+old, atprototest.Keyed("3kaaaaaaaaaa2"))
	if !strings.HasSuffix(post.URI, "/3kaaaaaaaaaa2") {
		t.Error(post.URI)
	}
	n.Settle(t)
	shown, ok := n.Look(t, post.URI)
	if facets, _ := shown.Record["facets"].([]any); !ok || len(facets) != 1 {
		t.Errorf("facets %v", shown.Record["facets"])
	}
	n.Label(t, post.URI, "!takedown")
	atprototest.Await(t, "the label takes the post away", func() bool {
		_, ok := n.Look(t, post.URI)
		return !ok
	})
}

func atoi(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
