package remote

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/classifiertest"
	"github.com/amends-care/amends/classifiers/linear"
)

// scorer is a server that calls everything with "bad" in it a complaint.
func scorer(t *testing.T, calls *atomic.Int64) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls != nil {
			calls.Add(1)
		}
		var req request
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		a := answer{Model: "big@1"}
		for _, x := range req.Texts {
			p := 0.02
			if strings.Contains(x.Body, "bad") {
				p = 0.98
			}
			a.Scores = append(a.Scores, p)
		}
		json.NewEncoder(w).Encode(a)
	}))
	t.Cleanup(s.Close)
	return s
}

func open(t *testing.T, o Options) *Classifier {
	t.Helper()
	local, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(o, local)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeepsTheContract(t *testing.T) {
	classifiertest.Run(t, func(t *testing.T) classifiers.Classifier {
		return open(t, Options{URL: scorer(t, nil).URL, Timeout: time.Minute})
	})
}

func TestTheRemoteScoreCountsAndComesInBatches(t *testing.T) {
	var calls atomic.Int64
	c := open(t, Options{URL: scorer(t, &calls).URL, Batch: 10, Timeout: time.Minute})
	texts := make([]classifiers.Text, 25)
	texts[13].Body = "bad"
	got, err := c.Classify(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls for 25 texts in batches of 10", calls.Load())
	}
	for i, v := range got {
		if v.Complaint != (i == 13) || v.Model != "big@1" || v.Fallback != "" {
			t.Errorf("text %d: complaint %t by %s, fallback %q", i, v.Complaint, v.Model, v.Fallback)
		}
	}
}

func TestAnyFailureFallsBackAndSaysSo(t *testing.T) {
	for name, answer := range map[string]string{
		"an error":        "",
		"not JSON":        "<html>",
		"too few scores":  `{"model":"m@1","scores":[0.5]}`,
		"too many scores": `{"model":"m@1","scores":[0.5,0.5,0.5]}`,
		"over one":        `{"model":"m@1","scores":[0.5,1.5]}`,
		"no model":        `{"scores":[0.5,0.5]}`,
		"endless":         `{"model":"m@1","scores":[0.5,` + strings.Repeat("0.5,", 100000),
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if answer == "" {
				w.WriteHeader(http.StatusInternalServerError)
			}
			w.Write([]byte(answer))
		}))
		c := open(t, Options{URL: s.URL, Timeout: time.Minute})
		got, err := c.Classify(t.Context(), []classifiers.Text{{Body: "worst service ever, my order never arrived"}, {Body: "hi"}})
		s.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got[0].Fallback == "" || !got[0].Complaint || !strings.HasPrefix(got[0].Model, "amends-linear@") {
			t.Errorf("%s: complaint %t by %s, fallback %q", name, got[0].Complaint, got[0].Model, got[0].Fallback)
		}
		if strings.Contains(got[0].Fallback, "order") {
			t.Errorf("%s: the reason repeats the text: %s", name, got[0].Fallback)
		}
	}
}

func TestALateAnswerFallsBack(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	c := open(t, Options{URL: s.URL, Timeout: time.Millisecond})
	got, err := c.Classify(t.Context(), []classifiers.Text{{Body: "hi"}})
	if err != nil || got[0].Fallback == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheBreakerRestsAndTriesAgain(t *testing.T) {
	var calls atomic.Int64
	var broken atomic.Bool
	good := scorer(t, nil)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if broken.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		good.Config.Handler.ServeHTTP(w, r)
	}))
	defer s.Close()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := open(t, Options{URL: s.URL, Failures: 3, Pause: 30 * time.Second, Timeout: time.Minute, Now: func() time.Time { return now }})
	ask := func() string {
		got, err := c.Classify(t.Context(), []classifiers.Text{{Body: "hi"}})
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Fallback
	}
	broken.Store(true)
	for range 10 {
		if ask() == "" {
			t.Fatal("a broken scorer was believed")
		}
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls to a broken scorer, want 3", calls.Load())
	}
	now = now.Add(31 * time.Second)
	if ask() == "" || calls.Load() != 4 {
		t.Errorf("after the pause: %d calls, want one more", calls.Load())
	}
	if ask() != ErrResting.Error() {
		t.Error("a failed trial must start the pause again")
	}
	now = now.Add(31 * time.Second)
	broken.Store(false)
	if why := ask(); why != "" {
		t.Errorf("a mended scorer is not asked: %s", why)
	}
	if why := ask(); why != "" {
		t.Errorf("after a good answer: %s", why)
	}
}

func TestCancelIsNotAFailureOfTheScorer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	defer s.Close()
	c := open(t, Options{URL: s.URL, Timeout: time.Minute})
	if _, err := c.Classify(ctx, []classifiers.Text{{Body: "hi"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if c.breaker.failed != 0 {
		t.Error("the caller's cancel counts against the scorer")
	}
}
