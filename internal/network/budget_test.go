package network_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/network"
)

func TestBudgetKeepsAFifthForReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			calls++
			return answering(200, nil, "{}")(r)
		})
		dialect := network.Dialect{Credential: "ana", Limit: func(r *http.Request) (string, network.Limit) {
			return r.URL.Path, network.Limit{Calls: 10, Per: 10 * time.Minute}
		}}
		budget := network.NewBudget()
		one := network.Adapt(network.NewClient(network.Options{Base: base, Budget: budget}), dialect)
		two := network.Adapt(network.NewClient(network.Options{Base: base, Budget: budget}), dialect)
		dialect.Credential = "bob"
		other := network.Adapt(one, dialect)

		for _, c := range []*http.Client{one, two, one, two, one, two, one, two} {
			if _, err := c.Get("https://api.example/posts"); err != nil {
				t.Fatal(err)
			}
		}
		_, err := one.Get("https://api.example/posts")
		if e := typed(t, err); e.Fault != network.Limited || !e.Unsent || e.After != time.Minute {
			t.Fatalf("the ninth read: %v, after %v", err, e.After)
		}
		if _, err := one.Get("https://api.example/other"); err != nil {
			t.Errorf("another endpoint: %v", err)
		}
		if _, err := other.Get("https://api.example/posts"); err != nil {
			t.Errorf("another credential: %v", err)
		}
		reply := func() error {
			req, _ := http.NewRequestWithContext(network.ForReply(t.Context()), "POST", "https://api.example/posts", nil)
			_, err := one.Do(req)
			return err
		}
		for range 2 {
			if err := reply(); err != nil {
				t.Errorf("a reply: %v", err)
			}
		}
		if e := typed(t, reply()); e.Fault != network.Limited || e.After != time.Minute {
			t.Errorf("a reply from an empty bucket: %v after %v", e, e.After)
		}
		time.Sleep(3 * time.Minute)
		if _, err := one.Get("https://api.example/posts"); err != nil {
			t.Errorf("three minutes later: %v", err)
		}
		if calls != 8+1+1+2+1 {
			t.Errorf("%d calls left the house", calls)
		}
	})
}

func TestBudgetBelievesTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status, header := 200, http.Header{"X-Ratelimit-Remaining": {"3"}}
		base := roundTrip(func(r *http.Request) (*http.Response, error) { return answering(status, header, "{}")(r) })
		client := network.Adapt(network.NewClient(network.Options{Base: base}), network.Dialect{
			Limit: func(*http.Request) (string, network.Limit) {
				return "posts", network.Limit{Calls: 10, Per: 10 * time.Minute}
			},
		})
		get := func() error { _, err := client.Get("https://api.example/"); return err }
		if err := get(); err != nil {
			t.Fatal(err)
		}
		status, header = 429, http.Header{"Retry-After": {"30"}}
		if e := typed(t, get()); e.Status != 429 || e.After != 30*time.Second {
			t.Errorf("got %v", e)
		}
		if e := typed(t, get()); e.Status != 0 || e.After != 3*time.Minute {
			t.Errorf("an emptied bucket let a call out: %v after %v", e, e.After)
		}
	})
}

// A network that grants less than its documents say is read all the same.
func TestBudgetShrinksToWhatIsGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := 100
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			left--
			return answering(200, http.Header{"X-Ratelimit-Limit": {"100"}, "X-Ratelimit-Remaining": {fmt.Sprint(left)}}, "{}")(r)
		})
		client := network.Adapt(network.NewClient(network.Options{Base: base}), network.Dialect{
			Limit: func(*http.Request) (string, network.Limit) {
				return "posts", network.Limit{Calls: 3000, Per: 5 * time.Minute}
			},
		})
		calls := 0
		for ; calls < 200; calls++ {
			if _, err := client.Get("https://api.example/"); err != nil {
				break
			}
		}
		if calls != 80 {
			t.Errorf("%d of 100 calls were spent on reading, want 80", calls)
		}
	})
}
