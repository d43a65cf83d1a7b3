package web

import (
	"context"
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
	State      string    `json:"state" enum:"reading,starting,failing,stopped,held,gone" doc:"gone: only the log knows it."`
	Why        string    `json:"why,omitempty" doc:"One plain sentence about a failure."`
	PolledAt   time.Time `json:"polled_at,omitzero" doc:"Last answer of the network."`
	NextAt     time.Time `json:"next_at,omitzero"`
	PageAt     time.Time `json:"page_at,omitzero" doc:"Last page that brought something."`
	Newest     time.Time `json:"newest,omitzero" doc:"Latest posting time that was read."`
	Behind     int       `json:"behind_seconds" doc:"How far reading is behind the network, as far as is known."`
	Read       int       `json:"read"`
	New        int       `json:"new"`
	Known      int       `json:"known"`
	Flagged    int       `json:"flagged"`
	Opened     int       `json:"opened" doc:"Cases."`
	Late       int       `json:"late"`
	Own        int       `json:"own"`
	Bad        int       `json:"bad"`
	Repaired   int       `json:"repaired"`
	GapCount   int       `json:"gap_count"`
	Gaps       []Gap     `json:"gaps" doc:"The latest spans of time that can never be read any more."`
}

// A Gap is a span of time that we could not read.
type Gap struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Why       string    `json:"why"`
	Recovered int       `json:"recovered,omitempty" doc:"Mentions of that span that came after all."`
}

// A SourceList is every source.
type SourceList struct {
	Sources []Source `json:"sources"`
	Held    string   `json:"held,omitempty" doc:"Why nothing is read or sent until an administrator releases the desk."`
}

type sourceListOutput struct{ Body SourceList }

func (s *Server) listSources(ctx context.Context, _ *Reading) (*sourceListOutput, error) {
	l, err := s.sources()
	return &sourceListOutput{l}, err
}

// sources joins what runs with what the log tells.
func (s *Server) sources() (SourceList, error) {
	logged, err := s.Mentions.Sources()
	if err != nil {
		return SourceList{}, err
	}
	setup := s.Setup()
	out := SourceList{Sources: []Source{}, Held: setup.Held}
	for i := range setup.Sources {
		st := &setup.Sources[i]
		src := Source{Name: st.Name, Network: st.Network, Configured: true, State: "reading", Why: st.Why, PolledAt: st.PolledAt,
			NextAt: st.NextAt, Behind: int(st.Behind / time.Second), Gaps: []Gap{}}
		switch {
		case setup.Held != "":
			src.State = "held"
		case st.Fault != "":
			src.State = "failing"
		case st.PolledAt.IsZero():
			src.State = "starting"
		}
		out.Sources = append(out.Sources, src)
	}
	for i := range logged {
		l := &logged[i]
		at := slices.IndexFunc(out.Sources, func(s Source) bool { return s.Name == l.Name })
		if at < 0 {
			out.Sources = append(out.Sources, Source{Name: l.Name, State: "gone", Gaps: []Gap{}})
			at = len(out.Sources) - 1
		}
		out.Sources[at].add(l)
	}
	slices.SortFunc(out.Sources, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (s *Source) add(l *view.Source) {
	t := &l.Totals
	s.PageAt, s.Newest = l.PageAt, l.Newest
	s.Read, s.New, s.Known, s.Flagged, s.Opened, s.Late = t.Read, t.New, t.Known, t.Flagged, t.Opened, t.Late
	s.Own, s.Bad, s.Repaired, s.GapCount = t.Own, t.Bad, t.Repaired, l.GapCount
	for _, g := range slices.Backward(l.Gaps) {
		s.Gaps = append(s.Gaps, gap(g))
	}
	if l.Stopped != "" && s.Configured && s.State != "held" {
		s.State = "stopped"
		if s.Why == "" {
			s.Why = l.StopWhy
		}
	}
}

func gap(g care.SourceGap) Gap {
	return Gap{From: g.From, To: g.To, Why: g.Why, Recovered: g.Recovered}
}

type releaseDeskInput struct{ Writing }

// releaseDesk ends the hold of a desk that was restored.
func (s *Server) releaseDesk(ctx context.Context, _ *releaseDeskInput) (*done, error) {
	if s.Setup().Held == "" {
		return &done{}, nil
	}
	return &done{}, s.Release(ctx, askedOf(ctx).who.Actor())
}
