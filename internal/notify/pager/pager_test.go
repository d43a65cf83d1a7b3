package pager

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/notify/notifytest"
)

const team = "first line"

// A service keeps what is open, as the pager that it plays does.
type service struct {
	*networktest.Wire
	t    testing.TB
	kind string
	mu   sync.Mutex
	got  []notifytest.Arrival
	open map[string]string // severity or priority, by what it is about; "known" once somebody has it
}

func newService(t testing.TB, kind string) *service {
	s := &service{t: t, kind: kind, open: map[string]string{}}
	s.Wire = networktest.NewWire(t, s)
	return s
}

func (s *service) Channel() notify.Channel {
	d := Driver()
	set := d.Settings().(*Settings)
	set.Kind, set.Key = s.kind, "hush-key"
	c, err := d.Open(set, network.NewClient(network.Options{Base: s.Wire}))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *service) Got() []notifytest.Arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// told is all that both services read.
type told struct {
	Key     string `json:"routing_key"`
	Action  string `json:"event_action"`
	Dedup   string `json:"dedup_key"`
	Link    string `json:"client_url"`
	Payload struct {
		Summary, Source, Severity string
		Details                   struct{ Text string } `json:"custom_details"`
	}
	Message, Alias, Description, Priority string
	Responders                            []struct{ Type, Name string }
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in told
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kind == PagerDuty {
		s.pagerDuty(r, &in)
	} else {
		s.opsgenie(r, &in)
	}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprint(w, `{"status":"success"}`)
}

func (s *service) pagerDuty(r *http.Request, in *told) {
	if r.URL.Path != "/v2/enqueue" || in.Key != "hush-key" || in.Dedup == "" || len(in.Dedup) > 255 {
		s.t.Errorf("%s, dedup %q", r.URL.Path, in.Dedup)
	}
	switch p := in.Payload; in.Action {
	case "resolve":
		delete(s.open, in.Dedup)
	case "acknowledge":
		s.open[in.Dedup] = "known"
	case "trigger":
		if p.Source == "" || p.Severity == "" || p.Summary == "" || len([]rune(p.Summary)) > 1024 {
			s.t.Errorf("not taken: %+v", p)
		}
		s.open[in.Dedup] = p.Severity
		s.got = append(s.got, notifytest.Arrival{To: team, Title: p.Summary, Body: p.Details.Text, Link: in.Link})
	default:
		s.t.Errorf("action %q", in.Action)
	}
}

func (s *service) opsgenie(r *http.Request, in *told) {
	if r.Header.Get("Authorization") != "GenieKey hush-key" {
		s.t.Error("not signed in")
	}
	one, _ := strings.CutPrefix(r.URL.Path, "/v2/alerts/")
	if alias, act, ok := strings.Cut(one, "/"); ok && alias != "" {
		if r.URL.Query().Get("identifierType") != "alias" {
			s.t.Error("closed by another name")
		}
		switch act {
		case "close":
			delete(s.open, alias)
		case "acknowledge":
			s.open[alias] = "known"
		default:
			s.t.Errorf("act %q", act)
		}
		return
	}
	if r.URL.Path != "/v2/alerts" || in.Alias == "" || len([]rune(in.Message)) > 130 || len([]rune(in.Description)) > 15_000 || len(in.Responders) != 1 || in.Responders[0].Type != "team" {
		s.t.Errorf("not taken: %s %+v", r.URL.Path, in)
	}
	s.open[in.Alias] = in.Priority
	a := notifytest.Arrival{To: in.Responders[0].Name, Title: in.Message, Body: in.Description}
	if i := strings.LastIndexByte(a.Body, '\n'); strings.HasPrefix(a.Body[i+1:], "https://") {
		a.Link = a.Body[i+1:]
	}
	s.got = append(s.got, a)
}

func TestChannel(t *testing.T) {
	for _, kind := range []string{PagerDuty, Opsgenie} {
		t.Run(kind, func(t *testing.T) {
			notifytest.Run(t, notifytest.Traits{
				To: team, Secrets: []string{"hush"},
				Faults: slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
					return f == networktest.Silent || f == networktest.Stalled
				}),
			}, func(t *testing.T) notifytest.World { return newService(t, kind) })
		})
	}
}

// What is told twice is open once, with what was said of it last, calls nobody once
// somebody has it, and is closed when it is over.
func TestOpenedAndClosed(t *testing.T) {
	for kind, high := range map[string]string{PagerDuty: "critical", Opsgenie: "P1"} {
		s := newService(t, kind)
		send := func(n notify.Notice) {
			t.Helper()
			if err := s.Channel().Send(t.Context(), team, n); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		send(notify.Notice{Key: "a/1", About: "alert/slow", Title: "Slow", Severity: notify.Warning, At: at})
		send(notify.Notice{Key: "a/2", About: "alert/slow", Title: "Slow", Severity: notify.Critical, At: at})
		send(notify.Notice{Key: "b/1", Title: "Case 12", At: at})
		if len(s.open) != 2 || s.open[about(notify.Notice{About: "alert/slow"})] != high {
			t.Errorf("%s: open are %v", kind, s.open)
		}
		send(notify.Notice{Key: "a/2/known", About: "alert/slow", Title: "Somebody has it", Known: true, At: at})
		if now := s.open[about(notify.Notice{About: "alert/slow"})]; len(s.open) != 2 || now != "known" {
			t.Errorf("%s: somebody has it, open are %v", kind, s.open)
		}
		send(notify.Notice{Key: "a/3", About: "alert/slow", Title: "Well again", Over: true, At: at})
		if len(s.open) != 1 {
			t.Errorf("%s: still open are %v", kind, s.open)
		}
	}
}

func TestSettings(t *testing.T) {
	for want, s := range map[string]Settings{
		"":     {Kind: PagerDuty, Key: "hush", URL: "https://events.eu.pagerduty.com"},
		"kind": {Kind: "fax", Key: "hush"},
		"key":  {Kind: Opsgenie},
		"url":  {Kind: Opsgenie, Key: "hush", URL: "eu"},
	} {
		err := s.Validate()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", &s, &s, &s); strings.Contains(shown, "hush") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}
