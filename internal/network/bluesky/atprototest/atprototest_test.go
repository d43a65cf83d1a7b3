package atprototest_test

import (
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/amends-care/amends/internal/network/bluesky/atprototest"
)

var shared atprototest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func TestPostIsSeenAnsweredAndForgotten(t *testing.T) {
	net := shared.Network(t)
	brand, ana := net.Account(t, "brand"), net.Account(t, "ana")

	post := ana.Post(t, "@"+brand.Handle+" my parcel is gone")
	net.Indexed(t, post)
	reply := brand.Post(t, "We are looking for it.", atprototest.Replying(post))
	net.Indexed(t, reply)
	if got := net.Replies(t, post.URI); len(got) != 1 || got[0].URI != reply.URI || got[0].Author != brand.DID {
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
	net.Indexed(t, edited)
	ana.Delete(t, post)
	net.Vanished(t, post)
}

func TestNetworkComesBackWithItsPosts(t *testing.T) {
	net := shared.Network(t)
	ana := net.Account(t, "ana")
	before := ana.Post(t, "before the power cut")
	net.Indexed(t, before)

	net.Halt()
	if resp, err := http.Get(net.URL); err == nil {
		resp.Body.Close()
		t.Fatal("a halted network answers")
	}
	net.Resume(t, atprototest.Options{})
	net.Indexed(t, before, ana.Post(t, "after the power cut"))
}
