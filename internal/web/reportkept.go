package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/web/saved"
)

// keptReports are the reports that each person printed or kept.
type keptReports interface {
	Kept(ctx context.Context, who care.AgentID) ([]saved.Kept, error)
	Keep(ctx context.Context, who care.AgentID, k saved.Kept) error
	Drop(ctx context.Context, who care.AgentID, id string) error
}

// question is where the same is asked wherever the log stands.
func (a *reportAsk) question(name string) string {
	q := *a
	q.At, q.Since, q.AsOf, q.Open, q.As, q.Page = 0, 0, "", "", "", 0
	return q.address(name)
}

// A keptBefore is a stand that the present one can be compared with.
type keptBefore struct {
	saved.Kept
	Mine    bool   // it was printed or kept by whoever asks; else the address itself says it
	Changes string // where what changed since is told; empty: nothing can have
}

// before finds what a page can be compared with: the record that its address
// names, where the log has gone on, or else the last time that whoever asks
// printed or kept the same question.
func (s *Server) before(ctx context.Context, p *reportPage) error {
	p.Question = p.Ask.question(p.Report.Name)
	since := func(fixed reportAsk, position uint64) string {
		fixed.Since, fixed.At = position, 0 // as_of is of then
		return fixed.address(p.Report.Name)
	}
	if p.Ask.At > 0 {
		p.Before = &keptBefore{Kept: saved.Kept{Position: p.Ask.At}, Changes: since(p.Ask, p.Ask.At)}
		return nil
	}
	all, err := s.Saved.Kept(ctx, askedOf(ctx).who.Name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(k saved.Kept) bool { return k.Question == p.Question })
	if i < 0 {
		return nil
	}
	p.Before = &keptBefore{Kept: all[i], Mine: true}
	if all[i].Position >= p.Report.Position {
		return nil
	}
	u, err := url.Parse(all[i].Address)
	if err != nil {
		return nil // of another program: it still can be dropped
	}
	was, err := s.reportAsk(u.Query())
	if err != nil {
		return nil
	}
	p.Before.Changes = since(was, all[i].Position)
	return nil
}

// keepReportPost keeps a report as it stands: somebody printed it, or asked for
// that.
func (s *Server) keepReportPost(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	ask := func(field string) (reportAsk, string, error) {
		u, err := url.Parse(r.PostForm.Get(field))
		name, ok := "", false
		if err == nil {
			name, ok = strings.CutPrefix(u.Path, reportsPath)
		}
		if !ok || !slices.Contains(report.Names(), name) || len(u.RawQuery) > maxKeptAddress {
			return reportAsk{}, "", &care.Error{Code: care.Invalid, Field: field, Msg: "This is no report."}
		}
		a, err := s.reportAsk(u.Query())
		return a, name, err
	}
	asked, name, err := ask("question")
	if err != nil {
		return err
	}
	fixed, other, err := ask("fixed")
	switch {
	case err != nil:
		return err
	case other != name || fixed.At == 0:
		return &care.Error{Code: care.Invalid, Field: "fixed", Msg: "This is not the same report."}
	case !askedOf(r.Context()).who.May(needsFor(name)):
		return errMayNot
	}
	k := saved.Kept{
		Report: name, Question: asked.question(name), Address: fixed.address(name), Position: fixed.At, Printed: r.PostForm.Get("printed") != "",
	}
	if err := s.Saved.Keep(r.Context(), askedOf(r.Context()).who.Name, k); err != nil {
		return err
	}
	s.after(w, r, k.Question, "", Written{})
	return nil
}

// maxKeptAddress bounds what is kept of a question, in bytes.
const maxKeptAddress = 2000

func (s *Server) dropReportPost(w http.ResponseWriter, r *http.Request) error {
	err := s.Saved.Drop(r.Context(), askedOf(r.Context()).who.Name, r.PathValue("id"))
	if err == nil {
		s.after(w, r, local(r.PostFormValue("back")), "", Written{})
	}
	return err
}

// reportChanges tells what a report says otherwise, to whoever asks.
func (s *Server) reportChanges(ctx context.Context, name string, a *reportAsk) (c report.Changes, err error) {
	who := &askedOf(ctx).who
	if s.Reports == nil || !slices.Contains(report.Names(), name) {
		return c, &care.Error{Code: care.NotFound, Msg: "There is no such report."}
	}
	if !who.May(needsFor(name)) {
		return c, errMayNot
	}
	q, err := a.Query(s.Reports.Zone())
	if err != nil {
		return c, err
	}
	c, err = s.Reports.Since(ctx, name, q, a.Since, a.At)
	if mine := own(name, who); mine != "" {
		c.Numbers = slices.DeleteFunc(c.Numbers, func(n report.Change) bool { return n.Row != mine })
	}
	return c, err
}

// casesShown is how many cases are named beside a change.
const casesShown = 8

type changesPage struct {
	page
	Changes *report.Changes
	Report  string // its title
	ThenAt  string
	NowAt   string
	Span    string
	Numbers []changedLine
	Back    string // the report as it is now
	Then    string // and as it was
}

type changedLine struct {
	Title, Row, Was, Now string
	WasHref, NowHref     string
	Parts                []changedPart
}

type changedPart struct {
	Text  string
	Cases []openedCase
	More  int
}

// changesPage shows which figures of a report are others than they were at a
// record, and the cases that are why.
func (s *Server) changesPage(w http.ResponseWriter, r *http.Request, name string, a *reportAsk) error {
	if a.As != "" {
		return &care.Error{Code: care.Invalid, Field: "as", Msg: "Ask the API for what changed as a file."}
	}
	c, err := s.reportChanges(r.Context(), name, a)
	if err != nil {
		return err
	}
	say := s.teller(r.Context())
	p := changesPage{Changes: &c, Report: say.fig(c.Title), Span: say.days(c.From, c.To, c.Zone), ThenAt: say.moment(c.Since.AsOf.UTC()), NowAt: say.moment(c.Now.AsOf.UTC())}
	at := func(stand report.Stand) reportAsk {
		f := a.over(report.Span{From: c.From, To: c.To})
		f.Since, f.At, f.Zone, f.AsOf = 0, stand.Position, c.Zone, stand.AsOf.Format(time.RFC3339Nano)
		return f
	}
	then, now := at(c.Since), at(c.Now)
	p.Then, p.Back = then.address(name), now.address(name)
	for i := range c.Numbers {
		n := &c.Numbers[i]
		l := changedLine{Title: say.fig(n.Titled[0]) + ", " + say.fig(n.Titled[1])}
		if !n.Whole() {
			l.Row = shortName(say.label(n.Row))
		}
		l.Was, l.Now = say.sides(n)
		if n.Opens && n.Was != nil && n.Was.N > 0 {
			l.WasHref = then.opening(name, n.Ref().String())
		}
		if n.Opens && n.Now != nil && n.Now.N > 0 {
			l.NowHref = now.opening(name, n.Ref().String())
		}
		for _, part := range n.Parts() {
			shown := changedPart{Text: say.changed(part), More: part.More + max(len(part.Cases)-casesShown, 0)}
			for _, id := range part.Cases[:min(len(part.Cases), casesShown)] {
				one, err := s.openedCase(id)
				if err != nil {
					return err
				}
				shown.Cases = append(shown.Cases, one)
			}
			l.Parts = append(l.Parts, shown)
		}
		p.Numbers = append(p.Numbers, l)
	}
	if p.page, err = s.framed(r, "since.changed"); err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "reportsince", &p)
}

// openedCase is a case as a line of a list; this node's view may have yet to
// show it.
func (s *Server) openedCase(id care.CaseID) (openedCase, error) {
	row, err := s.Cases.Row(id)
	if ce, ok := errors.AsType[*care.Error](err); ok && ce.Code == care.NotFound {
		row, err = care.Row{}, nil
	}
	return openedCase{id, row.Number, row.Labels.Network, row.Labels.Topic, row.Queue, string(row.State)}, err
}
