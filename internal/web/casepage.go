package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

type caseView struct {
	page
	Case     *CaseFull
	Row      rowView
	Thread   []threadItem // mentions, replies and notes, in order of time
	Draft    string
	DraftAt  time.Time
	Typed    url.Values // what was written before something went wrong
	CanWork  bool
	CanLead  bool
	Mine     bool
	Free     bool // nobody has it
	Over     bool
	Team     []auth.Account // who can work
	Queues   []string
	Ends     []string
	Reasons  []string
	Whats    []string
	Sleeps   []choice
	Outside  []string // who else a case can wait for
	Promises []choice
	Offered  []PromiseProposal // what our newest reply promises, for a person to track
	Others   []Present
	Why      []why // of the mention that opened the case
	Verdict  *Verdict
	UndoIn   int // seconds
	After    string
	Linkable []IssueBrief // open known issues that the case is not linked to
}

// A choice is an instant to choose, with its name.
type choice struct {
	Name string
	At   string
}

// A why is a reason with the length of its bar, in steps of 5 %.
type why struct {
	Reason
	Bar string
}

// A threadItem is one thing in the conversation.
type threadItem struct {
	At      time.Time
	Mention *Mention
	Reply   *Reply
	Note    *Note
	Who     string
	Colour  int
	Short   string
	CanUndo bool
}

func (s *Server) caseGet(w http.ResponseWriter, r *http.Request) error {
	id, err := s.caseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.casePage(w, r, id, nil)
}

// casePage shows a case, and what went wrong if something did.
func (s *Server) casePage(w http.ResponseWriter, r *http.Request, id care.CaseID, wrong *failure) error {
	ctx := r.Context()
	after := s.Cases.Position()
	full, err := s.full(ctx, id)
	if err != nil {
		return err
	}
	v := caseView{Case: full, Typed: r.PostForm, After: strconv.FormatUint(uint64(after), 10)}
	if v.page, err = s.framed(r, "Case "+strconv.FormatUint(full.Number, 10)); err != nil {
		return err
	}
	v.Wrong, v.Live = wrong, true
	team, err := s.team(ctx)
	if err != nil {
		return err
	}
	v.fill(s, team)
	if err := v.linkable(ctx, s); err != nil {
		return err
	}
	if v.CanWork {
		if v.Draft, v.DraftAt, err = s.Drafts.Draft(ctx, id, v.Me.Name); err != nil {
			return err
		}
	}
	if typed := v.Typed.Get("text"); typed != "" {
		v.Draft = typed
	}
	status := http.StatusOK
	if wrong != nil {
		status = wrong.status
	}
	return s.show(w, status, "case", v)
}

// maxLinkable is how many open issues a case's page offers.
const maxLinkable = 6

func (v *caseView) linkable(ctx context.Context, s *Server) error {
	all, err := s.issues(ctx)
	for _, i := range all.Issues {
		linked := slices.ContainsFunc(v.Case.Issues, func(o CaseIssue) bool { return o.ID == i.ID })
		if i.State == care.IssueOpen && !linked && len(v.Linkable) < maxLinkable {
			v.Linkable = append(v.Linkable, i)
		}
	}
	return err
}

// fill works out what the page shows of a case and what may be done with it.
func (v *caseView) fill(s *Server, team []auth.Account) {
	c, now := v.Case, s.Now()
	v.Row = viewOf(c.CaseRow, v.Me, team, now)
	v.CanWork, v.CanLead = v.Me.May(auth.Work), v.Me.May(auth.Assign)
	v.Mine, v.Free, v.Over = c.Assignee == v.Me.Name, c.Assignee == "", c.State.Over()
	for _, a := range team {
		if !a.Disabled && auth.May(a.Role, auth.Work) {
			v.Team = append(v.Team, a)
		}
	}
	setup := s.Setup()
	v.Queues, v.Ends, v.UndoIn = setup.Queues, s.dispositions(), int(setup.UndoFor/time.Second)
	v.Reasons = []string{"not_a_complaint", "not_about_us", "spam", "duplicate"}
	v.Whats = []string{"call", "write", "refund", "repair", "other"}
	v.Outside = s.outside()
	v.Sleeps, v.Promises, v.Offered = sleeps(now), sleeps(now), s.offered(c)
	for _, p := range c.Present {
		if p.Name != v.Me.Name {
			v.Others = append(v.Others, p)
		}
	}
	for i := range c.MentionList {
		if m := &c.MentionList[i]; m.Verdict != nil {
			v.Verdict, v.Why = m.Verdict, bars(m.Verdict.Why)
			break
		}
	}
	v.thread(team, now)
}

const maxBars = 6

// bars are the heaviest reasons that speak for a complaint.
func bars(rs []Reason) (out []why) {
	for _, r := range rs {
		if r.Weight > 0 && len(out) < maxBars && r.Text != "" {
			out = append(out, why{r, "p" + strconv.Itoa(5*max(1, int(20*r.Weight/rs[0].Weight)))})
		}
	}
	return out
}

// sleeps are instants that are good to come back at.
func sleeps(now time.Time) []choice {
	now = now.UTC().Truncate(time.Minute)
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	return []choice{
		{"in 1 hour", at(time.Hour)}, {"in 3 hours", at(3 * time.Hour)}, {"in 24 hours", at(24 * time.Hour)},
		{"in 3 days", at(72 * time.Hour)}, {"in a week", at(7 * 24 * time.Hour)},
	}
}

func (v *caseView) thread(team []auth.Account, now time.Time) {
	c := v.Case
	for i := range c.MentionList {
		m := &c.MentionList[i]
		name := cmp.Or(m.Author.Name, m.Author.Handle, "Somebody")
		v.Thread = append(v.Thread, threadItem{At: m.PostedAt, Mention: m, Who: name, Short: initials(name), Colour: colour(string(m.Author.Key))})
	}
	for i := range c.ReplyList {
		p := &c.ReplyList[i]
		at := p.RequestedAt
		if at.IsZero() {
			at = p.VisibleAt
		}
		name := "Our team"
		if a := p.By.Agent(); a != "" {
			name = called(a, team)
		}
		mine := p.By.Agent() == v.Me.Name
		v.Thread = append(v.Thread, threadItem{At: at, Reply: p, Who: name, Short: initials(name), Colour: colour(string(p.By.Agent())),
			CanUndo: mine && p.State == care.ReplyIsRequested && p.Tries == 0})
	}
	for i := range c.Notes {
		n := &c.Notes[i]
		name := called(n.By.Agent(), team)
		v.Thread = append(v.Thread, threadItem{At: n.At, Note: n, Who: name, Short: initials(name), Colour: colour(string(n.By.Agent()))})
	}
	slices.SortStableFunc(v.Thread, func(a, b threadItem) int { return a.At.Compare(b.At) })
}

// draftPost keeps what is written without a script's help.
func (s *Server) draftPost(w http.ResponseWriter, r *http.Request) error {
	id, err := s.caseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	in := draftInput{OneCase: OneCase{ID: string(id)}, Body: KeptDraft{Text: r.PostFormValue("text")}}
	if len(in.Body.Text) > 4*maxDraft {
		return s.again(w, r, id, &care.Error{Code: care.Invalid, Field: "text", Msg: "This is too long to be kept."})
	}
	if _, err := s.keepDraft(r.Context(), &in); err != nil {
		return s.again(w, r, id, err)
	}
	s.after(w, r, "/cases/"+string(id), "draft", Written{})
	return nil
}
