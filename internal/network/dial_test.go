package network_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/amends-care/amends/internal/network"
)

func TestDialerIsGuarded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	inside := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	ended, end := context.WithCancel(t.Context())
	end()
	for name, c := range map[string]struct {
		client *http.Client
		ctx    context.Context
		fault  network.Fault // empty: it connects
	}{
		"private":           {network.NewClient(network.Options{}), t.Context(), network.Refused},
		"private, adapted":  {network.Adapt(network.NewClient(network.Options{}), network.Dialect{Credential: "k"}), t.Context(), network.Refused},
		"a client not ours": {&http.Client{}, t.Context(), network.Refused},
		"allowed":           {network.NewClient(network.Options{Inside: inside}), t.Context(), ""},
		"allowed, adapted":  {network.Adapt(network.NewClient(network.Options{Inside: inside}), network.Dialect{}), t.Context(), ""},
		"cancelled":         {network.NewClient(network.Options{Inside: inside}), ended, network.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := network.Dialer(c.client)(c.ctx, "tcp", l.Addr().String())
			if conn != nil {
				conn.Close()
			}
			e, _ := errors.AsType[*network.Error](err)
			switch {
			case c.fault == "" && err != nil:
				t.Error(err)
			case c.fault != "" && (e == nil || e.Fault != c.fault || !e.Unsent):
				t.Errorf("got %v, want %s and unsent", err, c.fault)
			}
		})
	}
}

func TestDialerOfNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := network.NewClient(network.Options{Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	_, err = network.Dialer(c)(t.Context(), "tcp", address)
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Transient || !e.Unsent {
		t.Errorf("got %v, want transient and unsent", err)
	}
}
