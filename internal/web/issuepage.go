package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A choice is an instant to choose, with its name.
type choice struct {
	Name string
	At   string
}

type issuesPage struct {
	page
	List    IssueList
	Groups  []groupView
	CanWork bool
	Nexts   []choice
	Typed   url.Values
}

// A groupView is a proposed group with the beginning of what some of it says.
type groupView struct {
	IssueGroup
	Samples []Mention
}

// maxSamples is how many mentions of a group are shown.
const maxSamples = 4

func (s *Server) issuesGet(w http.ResponseWriter, r *http.Request) error {
	return s.issuesPage(w, r, nil)
}

func (s *Server) issuesPage(w http.ResponseWriter, r *http.Request, wrong *failure) error {
	p := issuesPage{Typed: r.PostForm}
	var err error
	if p.page, err = s.framed(r, "known_issues"); err != nil {
		return err
	}
	if p.List, err = s.issues(r.Context()); err != nil {
		return err
	}
	for _, g := range p.List.Groups {
		v := groupView{IssueGroup: g}
		ms, err := s.Mentions.Mentions(r.Context(), g.Mentions[:min(len(g.Mentions), maxSamples)]...)
		if err != nil {
			return err
		}
		for i := range ms {
			if ms[i].Post.Text != "" {
				v.Samples = append(v.Samples, mention(&ms[i]))
			}
		}
		p.Groups = append(p.Groups, v)
	}
	p.Wrong, p.CanWork, p.Nexts = wrong, p.Me.May(auth.Work), p.tells.nexts(s.Now())
	status := http.StatusOK
	if wrong != nil {
		status = wrong.status
	}
	return s.show(w, status, "issues", p)
}

// nexts are good instants to say more at.
func (t teller) nexts(now time.Time) []choice {
	now = now.UTC().Truncate(time.Minute)
	out := []choice{{t.Say("issue.no_promise"), ""}}
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 24 * time.Hour} {
		out = append(out, choice{t.Say("in_span", "span", t.Span(d)), now.Add(d).Format(time.RFC3339)})
	}
	return out
}

func (s *Server) issuesPost(w http.ResponseWriter, r *http.Request) error {
	in, err := decodeForm[NewIssue](s, r)
	var out IssueWritten
	if err == nil {
		out, err = s.newIssue(r.Context(), Writing{Key: r.PostFormValue("op")}.op(r.Context()), in)
	}
	if err != nil {
		f := s.explain(r.Context(), err)
		if f.status >= http.StatusInternalServerError {
			return f
		}
		return s.issuesPage(w, r, f)
	}
	s.after(w, r, "/issues/"+string(out.Issue), "issue", Written{Seq: out.Seq})
	return nil
}

type issuePage struct {
	page
	Issue   *IssueFull
	Left    string // until we say more
	Ends    []string
	Nexts   []choice
	CanWork bool
	CanLead bool
	Open    bool
	Typed   url.Values
	Numbers map[care.CaseID]uint64
	Missing int // linked cases without a draft in the latest round
	Latest  int // round; 0: none
	After   int // what is listed begins behind so many
	Final   bool
}

// How much of an issue's lists a page shows, and where they may begin.
const (
	pageStretch = 100
	maxStretch  = 10_000_000
)

func (s *Server) issueGet(w http.ResponseWriter, r *http.Request) error {
	id, err := s.issueID(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.issuePage(w, r, id, nil)
}

func (s *Server) issuePage(w http.ResponseWriter, r *http.Request, id care.IssueID, wrong *failure) error {
	after, _ := strconv.Atoi(r.URL.Query().Get("after")) // what is no number is the beginning
	f, err := s.fullIssue(r.Context(), id, Stretch{After: min(max(after, 0), maxStretch), Limit: pageStretch})
	if err != nil {
		return err
	}
	p := issuePage{Issue: f, After: after, Ends: s.dispositions(), Typed: r.PostForm, Open: f.State == care.IssueOpen, Numbers: map[care.CaseID]uint64{}}
	if p.page, err = s.framed(r, "known_issue"); err != nil {
		return err
	}
	p.Title, p.Nexts = cleanLine(f.Title), p.tells.nexts(s.Now())
	p.Wrong, p.CanWork, p.CanLead = wrong, p.Me.May(auth.Work), p.Me.May(auth.Assign)
	if !f.NextAt.IsZero() {
		p.Left = p.tells.until(f.NextAt, s.Now())
	}
	for _, c := range f.Cases {
		row, err := s.Cases.Row(c.Case)
		if err != nil {
			return err
		}
		p.Numbers[c.Case] = row.Number
	}
	if n := len(f.Steps); n > 0 {
		p.Latest, p.Missing = f.Steps[n-1].N, max(0, f.Linked-f.Steps[n-1].Written)
		p.Final = f.Steps[n-1].Final
	}
	status := http.StatusOK
	if wrong != nil {
		status = wrong.status
	}
	return s.show(w, status, "issue", p)
}

// issueAgain shows the issue's page with what went wrong.
func (s *Server) issueAgain(w http.ResponseWriter, r *http.Request, id care.IssueID, err error) error {
	f := s.explain(r.Context(), err)
	if f.status >= http.StatusInternalServerError || f.status == http.StatusNotFound {
		return f
	}
	return s.issuePage(w, r, id, f)
}
