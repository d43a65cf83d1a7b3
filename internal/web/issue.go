package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// An IssueBrief is what lists show of a known issue.
type IssueBrief struct {
	view.IssueRow
	Name string `json:"name" doc:"Its title."`
}

// An IssueList is every known issue, and what may become one.
type IssueList struct {
	Issues []IssueBrief `json:"issues" doc:"The open ones first."`
	Surges []care.Surge `json:"surges"`
	Groups []IssueGroup `json:"groups"`
}

// An IssueGroup is what may become a known issue. Of its mentions and cases the
// first are listed.
type IssueGroup struct {
	care.Alike
	Count int `json:"count" doc:"How many cases it has, listed or not."`
}

// maxGrouped is how many mentions and cases of a group are listed.
const maxGrouped = 50

type issueListOutput struct{ Body IssueList }

func (s *Server) listIssues(ctx context.Context, _ *Reading) (*issueListOutput, error) {
	l, err := s.issues(ctx)
	return &issueListOutput{l}, err
}

func (s *Server) issues(ctx context.Context) (IssueList, error) {
	rows, titles, err := s.Issues.Issues(ctx)
	if err != nil {
		return IssueList{}, err
	}
	now := s.Watching()
	l := IssueList{Issues: make([]IssueBrief, len(rows)), Surges: list(now.Surges), Groups: make([]IssueGroup, len(now.Groups))}
	for i, r := range rows {
		l.Issues[i] = IssueBrief{r, cleanLine(titles[r.ID])}
	}
	for i, g := range now.Groups {
		out := IssueGroup{g, len(g.Cases)}
		out.Mentions, out.Cases = g.Mentions[:min(len(g.Mentions), maxGrouped)], g.Cases[:min(len(g.Cases), maxGrouped)]
		out.Phrases = make([]string, len(g.Phrases))
		for j, p := range g.Phrases {
			out.Phrases[j] = cleanLine(p)
		}
		l.Groups[i] = out
	}
	return l, nil
}

// openIssues counts the open ones; hot: it is time to say more about one.
func (s *Server) openIssues() (n int, hot bool, err error) {
	rows, err := s.Issues.IssueRows()
	for _, r := range rows {
		if r.State == care.IssueOpen {
			n++
			hot = hot || !r.AtRiskAt.IsZero() && !s.Now().Before(r.AtRiskAt)
		}
	}
	return n, hot, err
}

// A CaseIssue is a known issue with what we say of it now.
type CaseIssue struct {
	IssueBrief
	Know  string `json:"know,omitempty" doc:"What we know."`
	Doing string `json:"doing,omitempty" doc:"What we do."`
}

// issuesOf are the known issues of a case.
func (s *Server) issuesOf(ctx context.Context, id care.CaseID) ([]CaseIssue, error) {
	out := []CaseIssue{}
	rows, err := s.Issues.IssuesOf(id)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		p, err := s.Issues.Issue(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		said := p.Issue.Said
		out = append(out, CaseIssue{IssueBrief{r, cleanLine(p.Texts[said.Title].Body)}, clean(p.Texts[said.Know].Body), clean(p.Texts[said.Doing].Body)})
	}
	return out, nil
}

// An IssueFull is everything about one known issue. Of its cases, of each
// round's drafts and of its story it has the same stretch.
type IssueFull struct {
	ID       care.IssueID    `json:"id"`
	Number   uint64          `json:"number"`
	Seq      uint64          `json:"seq"`
	State    care.IssueState `json:"state" enum:"open,closed"`
	Why      string          `json:"why,omitempty"`
	Title    string          `json:"title"`
	Know     string          `json:"know,omitempty" doc:"What we know."`
	Doing    string          `json:"doing,omitempty" doc:"What we do."`
	NextAt   time.Time       `json:"next_at,omitzero" doc:"When we promised to say more."`
	AtRiskAt time.Time       `json:"at_risk_at,omitzero" doc:"When saying more begins to be urgent."`
	Slipped  bool            `json:"slipped,omitempty" doc:"We promised to say more, and did not."`
	Owner    care.AgentID    `json:"owner,omitempty" doc:"Who promised it, or has it from them."`
	Kept     int             `json:"kept"`
	Late     int             `json:"late"`
	Brand    string          `json:"brand,omitempty"`
	Topic    string          `json:"topic,omitempty"`
	Language string          `json:"language,omitempty"`
	By       care.Actor      `json:"by"`
	OpenedAt time.Time       `json:"opened_at"`
	Cases    []LinkedCase    `json:"cases"`
	Linked   int             `json:"linked" doc:"How many cases there are, listed or not."`
	Steps    []IssueStep     `json:"steps" doc:"Rounds of messages."`
	Untold   int             `json:"untold" doc:"Linked cases whose customers were not told that it is over."`
	Story    []IssueEntry    `json:"story"`
	Next     int             `json:"next,omitempty" doc:"Pass as after for more of the cases, the drafts and the story; absent: that was all."`
}

// A LinkedCase is a case that belongs to the issue.
type LinkedCase struct {
	Case  care.CaseID `json:"case"`
	Why   string      `json:"why" enum:"hand,group,alike,merge,split"`
	Score float64     `json:"score,omitempty"`
	At    time.Time   `json:"at"`
	By    care.Actor  `json:"by"`
}

// An IssueStep is one round of messages.
type IssueStep struct {
	N         int          `json:"n"`
	Final     bool         `json:"final,omitempty" doc:"It says that the matter is over."`
	PerMinute int          `json:"per_minute,omitempty"`
	ToLook    int          `json:"to_look" doc:"Drafts that nobody has looked at."`
	Drafts    []IssueDraft `json:"drafts"`
	Written   int          `json:"written" doc:"How many drafts there are, listed or not."`
}

// An IssueDraft is the text for one customer.
type IssueDraft struct {
	Case  care.CaseID     `json:"case"`
	Text  string          `json:"text"`
	State care.DraftState `json:"state" enum:"to_look,approved,wrote,skipped"`
	Why   string          `json:"why,omitempty" doc:"Why it was skipped."`
	By    care.Actor      `json:"by,omitempty" doc:"Who approved it."`
	At    time.Time       `json:"at"`
	Reply int             `json:"reply,omitempty" doc:"Number of the reply within the case."`
	Then  string          `json:"then,omitempty"`
}

// An IssueEntry is one event of the issue's story.
type IssueEntry struct {
	At   time.Time  `json:"at"`
	By   care.Actor `json:"by"`
	Kind care.Kind  `json:"kind"`
	Says string     `json:"says"`
}

// A OneIssue names a known issue in an address.
type OneIssue struct {
	ID string `path:"id" maxLength:"40" doc:"Id of a known issue, or its number."`
}

// A Stretch is a part of long lists.
type Stretch struct {
	After int `query:"after" minimum:"0" maximum:"10000000" doc:"next of the answer before."`
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// stretchOf cuts the stretch out of a list, and raises next where more follows.
func stretchOf[T any](of Stretch, all []T, next *int) []T {
	end := min(of.After+of.Limit, len(all))
	if end < len(all) {
		*next = end
	}
	return all[min(of.After, end):end]
}

type issueInput struct {
	Reading
	OneIssue
	Stretch
}

type issueOutput struct{ Body IssueFull }

func (s *Server) oneIssue(ctx context.Context, in *issueInput) (*issueOutput, error) {
	id, err := s.issueID(in.ID)
	if err != nil {
		return nil, err
	}
	f, err := s.fullIssue(ctx, id, in.Stretch)
	if err != nil {
		return nil, err
	}
	return &issueOutput{*f}, nil
}

// issueID reads the name of an issue: its id, or the number that people use.
func (s *Server) issueID(name string) (care.IssueID, error) {
	n, err := strconv.ParseUint(name, 10, 64)
	if _, ok := care.IDTime(name); ok && (err != nil || len(name) > 20) {
		return care.IssueID(name), nil
	}
	if err == nil {
		return s.issueBy(n)
	}
	return "", errNoIssue
}

var errNoIssue = &care.Error{Code: care.NotFound, Msg: "There is no such known issue."}

func (s *Server) issueBy(number uint64) (care.IssueID, error) {
	rows, err := s.Issues.IssueRows()
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		if r.Number == number {
			return r.ID, nil
		}
	}
	return "", errNoIssue
}

func (s *Server) fullIssue(ctx context.Context, id care.IssueID, of Stretch) (*IssueFull, error) {
	p, err := s.Issues.Issue(ctx, id)
	if err != nil {
		return nil, err
	}
	i := p.Issue
	text := func(n int) string { return strings.ToValidUTF8(p.Texts[n].Body, "\uFFFD") }
	f := &IssueFull{
		ID: id, Number: i.Number, Seq: i.Seq, State: i.State, Why: i.Why, Title: text(i.Said.Title), Know: text(i.Said.Know), Doing: text(i.Said.Doing),
		NextAt: i.Said.NextAt, AtRiskAt: i.AtRiskAt(), Slipped: i.Slipped, Owner: i.Owner, Kept: i.Kept, Late: i.Late, Brand: i.Brand, Topic: i.Topic, Language: i.Language, By: i.By, OpenedAt: i.OpenedAt,
		Cases: []LinkedCase{}, Linked: len(i.Cases), Steps: []IssueStep{}, Untold: len(i.Untold()), Story: []IssueEntry{},
	}
	for _, c := range stretchOf(of, i.Cases, &f.Next) {
		f.Cases = append(f.Cases, LinkedCase{Case: c.Case, Why: c.Why, Score: c.Score, At: c.At, By: c.By})
	}
	for _, st := range i.Steps {
		out := IssueStep{N: st.N, Final: st.Final, PerMinute: st.PerMinute, Drafts: []IssueDraft{}, Written: len(st.Drafts)}
		for _, d := range st.Drafts {
			if d.State == care.DraftToLook {
				out.ToLook++
			}
		}
		for _, d := range stretchOf(of, st.Drafts, &f.Next) {
			out.Drafts = append(out.Drafts, IssueDraft{Case: d.Case, Text: text(d.N), State: d.State, Why: d.Why, By: d.By, At: d.At, Reply: d.Reply, Then: d.Then})
		}
		f.Steps = append(f.Steps, out)
	}
	t := s.teller(ctx)
	for _, r := range p.Story {
		for _, e := range r.Events {
			if says := t.saysIssue(t.actor(r.By), e); says != "" {
				f.Story = append(f.Story, IssueEntry{At: r.At, By: r.By, Kind: e.Kind(), Says: says})
			}
		}
	}
	f.Story = stretchOf(of, f.Story, &f.Next)
	return f, nil
}

func (t teller) saysIssue(who string, e care.Event) string {
	switch e := e.(type) {
	case care.IssueOpened:
		if e.Group != "" {
			return t.Say("issue.opened_from_group", "who", who)
		}
		return t.Say("issue.opened", "who", who)
	case care.IssueSaid:
		if e.NextAt.IsZero() {
			return t.Say("issue.said", "who", who)
		}
		return t.Say("issue.said_and_promised", "who", who)
	case care.IssuePromiseAtRisk:
		return t.Say("issue.due_soon")
	case care.IssuePromiseSlipped:
		return t.Say("issue.slipped")
	case care.IssueEscalated:
		return t.Say("issue.told_team", "why", t.Code(e.Why))
	case care.IssuePassed:
		return t.Say("issue.passed", "who", who, "to", e.To)
	case care.IssueLinked:
		switch e.Why {
		case "alike":
			return t.Say("issue.linked_itself", "percent", t.Percent(e.Score))
		case "group":
			return t.Say("issue.linked_by_group")
		case "merge":
			return t.Say("issue.linked_by_merge")
		case "split":
			return t.Say("issue.linked_by_split")
		}
		return t.Say("issue.linked", "who", who)
	case care.IssueUnlinked:
		return t.Say("issue.unlinked", "who", who)
	case care.IssueApproved:
		return t.Say("issue.approved", "who", who, "drafts", t.Say("issue.drafts", "n", len(e.Cases)), "pace", e.PerMinute)
	case care.IssueWrote:
		return t.Say("issue.wrote")
	case care.IssueSkipped:
		return t.Say("issue.skipped", "why", t.Code(e.Why))
	case care.IssueTurned:
		if e.State == care.IssueClosed {
			return t.Say("issue.closed", "who", who, "why", t.Code(e.Why))
		}
		return t.Say("issue.reopened", "who", who)
	}
	return "" // a draft is seen in its round
}

// An IssueWritten tells what a write to a known issue came to.
type IssueWritten struct {
	Issue  care.IssueID `json:"issue"`
	Seq    store.Seq    `json:"seq" doc:"Place in the log, also in the header Amends-Seq."`
	Drafts int          `json:"drafts,omitempty" doc:"How many customers have a draft now."`
}

type issueWritten struct {
	Seq  store.Seq `header:"Amends-Seq"`
	Body IssueWritten
}

// group is one that is proposed now.
func (s *Server) group(id string) (care.Alike, error) {
	groups := s.Watching().Groups
	i := slices.IndexFunc(groups, func(g care.Alike) bool { return g.ID == id })
	if i < 0 {
		return care.Alike{}, &care.Error{Code: care.NotFound, Field: "group", Msg: "This group is not proposed any more."}
	}
	return groups[i], nil
}
