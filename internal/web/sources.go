package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// A Source is how one stream of mentions is doing.
type Source struct {
	Name       string    `json:"name"`
	Network    string    `json:"network,omitempty"`
	Configured bool      `json:"configured" doc:"It is in the configuration in force."`
	State      string    `json:"state" enum:"reading,starting,failing,stopped,capped,paused,held,gone" doc:"gone: only the log knows it."`
	Why        string    `json:"why,omitempty" doc:"One plain sentence about a failure."`
	Troubles   []Trouble `json:"troubles" doc:"What people must know of, the worst first."`
	PolledAt   time.Time `json:"polled_at,omitzero" doc:"Last answer of the network."`
	PushedAt   time.Time `json:"pushed_at,omitzero" doc:"When the network last told us something by itself."`
	NextAt     time.Time `json:"next_at,omitzero"`
	PageAt     time.Time `json:"page_at,omitzero" doc:"Last page that brought something."`
	Newest     time.Time `json:"newest,omitzero" doc:"Latest posting time that was read."`
	Behind     int       `json:"behind_seconds" doc:"How long ago the network last answered."`
	Left       *int      `json:"calls_left,omitempty" doc:"Calls that the network still takes until reset_at."`
	ResetAt    time.Time `json:"reset_at,omitzero"`
	Spent      float64   `json:"spent_today,omitempty" doc:"What reading cost in this UTC day, in US dollars."`
	Cap        float64   `json:"cap,omitempty" doc:"What it may cost in a day, in US dollars."`
	KeysEnd    time.Time `json:"keys_end,omitzero"`
	Read       int       `json:"read"`
	New        int       `json:"new"`
	Known      int       `json:"known"`
	Flagged    int       `json:"flagged"`
	Opened     int       `json:"opened" doc:"Cases."`
	Late       int       `json:"late"`
	Missed     int       `json:"missed" doc:"Found only by reading the last day again."`
	Own        int       `json:"own"`
	Bad        int       `json:"bad"`
	Repaired   int       `json:"repaired"`
	GapCount   int       `json:"gap_count"`
	Gaps       []Gap     `json:"gaps" doc:"The latest spans of time that can never be read any more."`
	Blind      []Blind   `json:"blind" doc:"The latest spans in which nothing was read, and what came of them."`
}

// A Gap is a span of time that we could not read.
type Gap struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Why       string    `json:"why"`
	Recovered int       `json:"recovered,omitempty" doc:"Mentions of that span that came after all."`
}

// Blind is a span in which nothing was read, until all was caught up with.
type Blind struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Came int       `json:"came" doc:"Mentions that catching up brought."`
}

// A Trouble is something about a source that people must know.
type Trouble struct {
	Kind  care.TroubleKind `json:"kind"`
	Since time.Time        `json:"since,omitzero"`
	Why   string           `json:"why"`
}

// A SourceList is every source.
type SourceList struct {
	Sources []Source `json:"sources"`
	Held    string   `json:"held,omitempty" doc:"Why nothing is read or sent until an administrator releases the desk."`
}

type sourceListOutput struct{ Body SourceList }

func (s *Server) listSources(ctx context.Context, _ *Reading) (*sourceListOutput, error) {
	l, err := s.sources(s.teller(ctx))
	return &sourceListOutput{l}, err
}

// sources joins what runs with what the log tells.
func (s *Server) sources(t teller) (SourceList, error) {
	logged, err := s.Mentions.Sources()
	if err != nil {
		return SourceList{}, err
	}
	setup, now := s.Setup(), s.Now()
	out := SourceList{Sources: []Source{}, Held: t.Say(setup.Held)}
	for _, h := range setup.Sources {
		l := view.Source{Name: h.Name}
		if at := slices.IndexFunc(logged, func(l view.Source) bool { return l.Name == h.Name }); at >= 0 {
			l = logged[at]
			logged = slices.Delete(logged, at, at+1)
		}
		src := t.running(&l, h, now)
		if setup.Held != "" {
			src.State, src.Troubles = "held", []Trouble{}
		}
		out.Sources = append(out.Sources, src)
	}
	for i := range logged {
		out.Sources = append(out.Sources, told(&logged[i]))
	}
	slices.SortFunc(out.Sources, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// told is a source as the log tells of it.
func told(l *view.Source) Source {
	t := &l.Totals
	s := Source{
		Name: l.Name, State: "gone", PageAt: l.PageAt, Newest: l.Newest, Troubles: []Trouble{},
		Read: t.Read, New: t.New, Known: t.Known, Flagged: t.Flagged, Opened: t.Opened, Late: t.Late, Missed: t.Missed,
		Own: t.Own, Bad: t.Bad, Repaired: t.Repaired, GapCount: l.GapCount, Gaps: []Gap{}, Blind: []Blind{},
	}
	for _, g := range slices.Backward(l.Gaps) {
		s.Gaps = append(s.Gaps, Gap{From: g.From, To: g.To, Why: g.Why, Recovered: g.Recovered})
	}
	for _, b := range slices.Backward(l.Blind) {
		s.Blind = append(s.Blind, Blind(b))
	}
	return s
}

// running is a source that is configured.
func (t teller) running(l *view.Source, h care.SourceHealth, now time.Time) Source {
	s := told(l)
	tale := l.Tale(h)
	s.Network, s.Configured, s.State, s.Why = h.Network, true, "reading", h.Why
	s.PolledAt, s.PushedAt, s.NextAt, s.ResetAt, s.KeysEnd = h.SucceededAt, h.PushedAt, h.NextAt, h.Reset, h.Expires
	s.Spent, s.Cap = h.SpentToday, h.Cap
	for _, of := range tale.Troubles(now) {
		s.Troubles = append(s.Troubles, Trouble{Kind: of.Kind, Since: of.Since, Why: t.tell(of.Why)})
	}
	if h.LeftKnown {
		s.Left = &h.Left
	}
	if !h.SucceededAt.IsZero() {
		s.Behind = int(now.Sub(h.SucceededAt) / time.Second)
	}
	switch {
	case l.Paused:
		s.State = "paused"
	case l.Stopped != "":
		s.State = "stopped"
		if s.Why == "" {
			s.Why = l.StopWhy
		}
	case h.State == care.SourceCapped:
		s.State = "capped"
	case h.Fault != "":
		s.State = "failing"
	case h.SucceededAt.IsZero():
		s.State = "starting"
	}
	return s
}

// blinding are the troubles that keep us from hearing what is said, each with
// its source's name.
func (l *SourceList) blinding() (all []namedTrouble) {
	for _, src := range l.Sources {
		for _, t := range src.Troubles {
			if t.Kind.Blinding() {
				all = append(all, namedTrouble{src.Name, t})
				break
			}
		}
	}
	return all
}

type namedTrouble struct {
	Source string
	Trouble
}

// OneSource names a source.
type OneSource struct {
	Name string `path:"name" maxLength:"200" doc:"As the configuration calls it."`
}

type sourceWrite struct {
	Writing
	OneSource
}

// pauseSource lets a source rest, and resumeSource ends that.
func (s *Server) pauseSource(ctx context.Context, in *sourceWrite) (*written, error) {
	return s.tellSource(ctx, in.Name, care.SourcePaused{}, "paused")
}

func (s *Server) resumeSource(ctx context.Context, in *sourceWrite) (*written, error) {
	return s.tellSource(ctx, in.Name, care.SourceResumed{}, "reading")
}

// tellSource records a decision about a source, once.
func (s *Server) tellSource(ctx context.Context, name string, e care.Event, becomes string) (*written, error) {
	l, err := s.sources(s.teller(ctx))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(l.Sources, func(src Source) bool { return src.Name == name && src.Configured })
	if at < 0 {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no such source in the configuration."}
	}
	if (l.Sources[at].State == "paused") == (becomes == "paused") {
		return &written{}, nil
	}
	seq, err := s.TellSource(ctx, askedOf(ctx).who.Actor(), name, e)
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

type reloadInput struct{ Writing }

// reload reads the configuration again, and keys with it.
func (s *Server) reload(ctx context.Context, _ *reloadInput) (*done, error) {
	err := s.Reload(ctx)
	if err == nil {
		return &done{}, nil
	}
	if _, known := errors.AsType[*care.Error](err); known {
		return nil, err
	}
	return nil, &care.Error{Code: care.Invalid, Msg: "The old configuration stays in force: {why}", With: []any{"why", err.Error()}, Err: err}
}

type releaseDeskInput struct{ Writing }

// releaseDesk ends the hold of a desk that was restored.
func (s *Server) releaseDesk(ctx context.Context, _ *releaseDeskInput) (*done, error) {
	if s.Setup().Held == "" {
		return &done{}, nil
	}
	return &done{}, s.Release(ctx, askedOf(ctx).who.Actor())
}
