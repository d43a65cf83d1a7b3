package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// A CaseFull is everything about one case.
type CaseFull struct {
	CaseRow
	Policy      string         `json:"policy,omitempty"`
	Path        []string       `json:"path" doc:"The routing nodes that matched."`
	Previous    care.CaseID    `json:"previous,omitempty" doc:"The author's earlier case."`
	MergedInto  care.CaseID    `json:"merged_into,omitempty"`
	Absorbed    []care.CaseID  `json:"absorbed" doc:"Cases that go on in this one."`
	Links       []care.CaseID  `json:"links"`
	Beside      []CaseBeside   `json:"beside" doc:"The cases that it is merged with or linked to."`
	FirstReply  time.Time      `json:"first_reply_at,omitzero" doc:"When the customer could see our first answer."`
	LookedAt    time.Time      `json:"looked_at,omitzero" doc:"Of the newest thing that whoever asks had seen of it before."`
	Earlier     []CaseBefore   `json:"earlier" doc:"The author's other cases, the newest first."`
	MentionList []Mention      `json:"mention_list" doc:"What the customer wrote, oldest first."`
	ReplyList   []Reply        `json:"reply_list" doc:"What we answered, oldest first, with its true state."`
	Notes       []Note         `json:"notes"`
	PromiseList []Promise      `json:"promise_list"`
	Goodwill    []Goodwill     `json:"goodwill"`
	Surveys     []Survey       `json:"surveys" doc:"How the customer said it went."`
	Frictions   []Friction     `json:"frictions" doc:"What of ours stood in the way."`
	Followers   []care.AgentID `json:"followers"`
	Called      []care.AgentID `json:"called" doc:"By a note that they have not read."`
	OnHold      bool           `json:"on_hold,omitempty" doc:"Kept for a court, whatever its term is."`
	Blocked     bool           `json:"blocked,omitempty" doc:"The author can't address our account."`
	Unheard     bool           `json:"to_acknowledge,omitempty" doc:"It was escalated, and nobody has said that they know."`
	Targets     []Target       `json:"targets"`
	Notices     []Notice       `json:"notices"`
	Story       []Entry        `json:"story" doc:"Everything that happened, in order: the audit trail."`
	To          care.MentionID `json:"to,omitempty" doc:"The mention that an answer goes to unless another is named."`
	Permission  *Permission    `json:"permission,omitempty" doc:"Whether and how it may be answered."`
	Depth       *Depth         `json:"depth,omitempty" doc:"What a closer look at the mention that opened the case found; absent: nobody looked."`
	Issues      []CaseIssue    `json:"issues" doc:"Known issues that the case is linked to."`
	Contact     Contact        `json:"contact" doc:"The person behind the author."`
	Present     []Present      `json:"present" doc:"Who has the case open now, as far as this node knows."`
}

// A CaseBefore is another case of the same author.
type CaseBefore struct {
	ID       care.CaseID `json:"id"`
	Number   uint64      `json:"number"`
	State    care.State  `json:"state"`
	Topic    string      `json:"topic,omitempty"`
	OpenedAt time.Time   `json:"opened_at"`
	End      string      `json:"end,omitempty"`
	Breached bool        `json:"breached,omitempty"`
}

// A CaseBeside is another case that this one has to do with.
type CaseBeside struct {
	CaseBefore
	How    string `json:"how" enum:"linked,absorbed,merged_into" doc:"absorbed: it goes on in this one; merged_into: this one goes on in it."`
	Author Author `json:"author"`
}

// A Mention is one post about the brand.
type Mention struct {
	ID          care.MentionID `json:"id"`
	Case        care.CaseID    `json:"case,omitempty" doc:"That it was put into."`
	Source      string         `json:"source"`
	Network     string         `json:"network"`
	Kind        care.PostKind  `json:"kind,omitempty" doc:"post, review or message."`
	Author      Author         `json:"author"`
	Text        string         `json:"text" doc:"As the network gave it: a stranger's, so escape and clean it before you show it."`
	Shown       []Run          `json:"shown" doc:"The text cleaned for display, evidence marked, links with the host they really lead to."`
	Language    string         `json:"language,omitempty" doc:"That we take it for; else what the network says."`
	PostedAt    time.Time      `json:"posted_at,omitzero"`
	SeenAt      time.Time      `json:"seen_at,omitzero"`
	EditedAt    time.Time      `json:"edited_at,omitzero"`
	URL         string         `json:"url,omitempty"`
	Host        string         `json:"host,omitempty" doc:"Where url really leads."`
	Rating      int            `json:"rating,omitempty" doc:"Stars of a review."`
	Attachments []Attachment   `json:"attachments"`
	Own         bool           `json:"own,omitempty" doc:"Written by an account of ours."`
	Flagged     bool           `json:"flagged,omitempty" doc:"A complaint, as judged or as a person said."`
	Late        bool           `json:"late,omitempty"`
	Settled     bool           `json:"settled,omitempty" doc:"Nobody waits for an answer to it any more."`
	Deleted     bool           `json:"deleted,omitempty" doc:"The author took it back."`
	Erased      bool           `json:"erased,omitempty" doc:"The text is gone."`
	Verdict     *Verdict       `json:"verdict,omitempty"`
}

// An Attachment is something that hangs on a post.
type Attachment struct {
	Kind string `json:"kind"`
	URL  string `json:"url,omitempty"`
	Host string `json:"host,omitempty"`
	Alt  string `json:"alt,omitempty"`
}

// A Verdict is the classifier's opinion.
type Verdict struct {
	Complaint   bool           `json:"complaint"`
	Probability float64        `json:"probability" doc:"Calibrated, 0 to 1."`
	Model       string         `json:"model,omitempty"`
	Topic       string         `json:"topic,omitempty"`
	Severity    care.Severity  `json:"severity,omitempty"`
	Mood        care.Mood      `json:"mood,omitempty"`
	Urgency     []care.Urgency `json:"urgency"`
	Sentiment   string         `json:"sentiment,omitempty"`
	Wants       string         `json:"wants,omitempty"`
	Why         []Reason       `json:"why" doc:"What moved it, the heaviest first."`
}

// A Reason is a piece of the text that moved the verdict.
type Reason struct {
	From   int     `json:"from" doc:"Offset into text, in bytes of UTF-8."`
	To     int     `json:"to"`
	Text   string  `json:"text" doc:"The piece itself, cleaned."`
	Weight float64 `json:"weight" doc:"In log odds; above 0 speaks for a complaint."`
}

// A Reply is an answer of ours.
type Reply struct {
	N           int             `json:"n,omitempty" doc:"Its number; absent for one that was written on the network itself."`
	State       care.ReplyState `json:"state" enum:"requested,attempted,sent,failed,unknown,undone,seen,refused"`
	By          care.Actor      `json:"by"`
	To          care.MentionID  `json:"to,omitempty"`
	Text        string          `json:"text"`
	Shown       []Run           `json:"shown"`
	Erased      bool            `json:"erased,omitempty"`
	Direct      bool            `json:"direct,omitempty"`
	Then        string          `json:"then,omitempty"`
	RequestedAt time.Time       `json:"requested_at,omitzero"`
	NotBefore   time.Time       `json:"not_before,omitzero" doc:"Until then it can be undone."`
	VisibleAt   time.Time       `json:"visible_at,omitzero" doc:"Since when the customer can see it."`
	Approval    string          `json:"approval,omitempty" doc:"The rule by which a lead has to approve it before it leaves."`
	Automatic   bool            `json:"automatic,omitempty" doc:"No person wrote it."`
	Tries       int             `json:"tries,omitempty"`
	Looks       int             `json:"looks,omitempty" doc:"How often an unknown one was looked for."`
	Why         string          `json:"why,omitempty" doc:"Class of the failure."`
	Refused     string          `json:"refused,omitempty" doc:"Why a lead did not approve it, in their words."`
	URL         string          `json:"url,omitempty"`
	Host        string          `json:"host,omitempty"`
	Before      string          `json:"before,omitempty" doc:"What it said at first, where we changed it."`
	Withdrawn   bool            `json:"withdrawn,omitempty" doc:"We took it off the network."`
	Change      *ReplyChange    `json:"change,omitempty" doc:"The latest change of it on the network."`
	CanMend     bool            `json:"can_mend,omitempty" doc:"The network lets us change it."`
	CanWithdraw bool            `json:"can_withdraw,omitempty" doc:"The network lets us take it off."`
}

// A Note is an internal remark.
type Note struct {
	N      int        `json:"n"`
	By     care.Actor `json:"by"`
	At     time.Time  `json:"at"`
	Text   string     `json:"text"`
	Erased bool       `json:"erased,omitempty"`
	Handed bool       `json:"handed_off,omitempty" doc:"It came with a handoff."`
}

// A Promise is what a customer was told would happen.
type Promise struct {
	N       int               `json:"n"`
	State   care.PromiseState `json:"state" enum:"open,kept,slipped,told"`
	Owner   care.AgentID      `json:"owner,omitempty"`
	What    string            `json:"what,omitempty"`
	Text    string            `json:"text"`
	MadeAt  time.Time         `json:"made_at"`
	DueAt   time.Time         `json:"due_at"`
	DoneAt  time.Time         `json:"done_at,omitzero"`
	Slipped bool              `json:"slipped,omitempty" doc:"It was late at least once."`
	AtRisk  time.Time         `json:"at_risk_at,omitzero" doc:"When the team is warned that it is due soon; absent once it is done."`
}

// A Target is one promise of the SLA policy.
type Target struct {
	Target     care.TargetKind  `json:"target" enum:"first_response,next_response,resolution"`
	State      care.TargetState `json:"state" enum:"running,paused,met,breached,ended"`
	Clock      string           `json:"clock"`
	StartAt    time.Time        `json:"start_at"`
	AtRiskAt   time.Time        `json:"at_risk_at"`
	DueAt      time.Time        `json:"due_at"`
	DoneAt     time.Time        `json:"done_at,omitzero"`
	BreachedAt time.Time        `json:"breached_at,omitzero"`
	Left       int              `json:"left_seconds,omitempty" doc:"Working time left while it is paused; below 0: it was over already."`
	Promised   int              `json:"promised_seconds" doc:"Working time."`
	How        care.Ending      `json:"how,omitempty" doc:"Why it ended without being met."`
	Policy     string           `json:"policy"`
	Version    string           `json:"version"`
	Calendar   string           `json:"calendar"`
	Explained  []string         `json:"explained" doc:"The whole arithmetic of the deadline, in sentences."`
}

// A Notice is a message to the team.
type Notice struct {
	Channel string          `json:"channel"`
	To      care.AgentID    `json:"to,omitempty"`
	State   care.ReplyState `json:"state"`
	Tries   int             `json:"tries,omitempty"`
}

// A Permission says whether and how something may be answered.
type Permission struct {
	How        care.Way  `json:"how" enum:"api,by_hand,no"`
	Direct     bool      `json:"direct,omitempty" doc:"A direct message is possible too."`
	Why        string    `json:"why"`
	Until      time.Time `json:"until,omitzero"`
	Max        int       `json:"max,omitempty" doc:"Length that the network takes; absent: any."`
	Unit       string    `json:"unit,omitempty" doc:"What it counts: graphemes, characters, bytes, utf16, or weighted as X counts."`
	DirectMax  int       `json:"direct_max,omitempty" doc:"The same of a direct message, where it is another."`
	DirectUnit string    `json:"direct_unit,omitempty"`
	// Pictures is how many may go with an answer.
	Pictures int `json:"pictures,omitempty" doc:"How many pictures may go with it."`
}

// A OneCase names a case in an address.
type OneCase struct {
	ID string `path:"id" maxLength:"40" doc:"Id of a case, or its number."`
}

type caseInput struct {
	Reading
	OneCase
}

type caseOutput struct{ Body CaseFull }

func (s *Server) oneCase(ctx context.Context, in *caseInput) (*caseOutput, error) {
	id, err := s.caseID(in.ID)
	if err != nil {
		return nil, err
	}
	full, err := s.full(ctx, id)
	if err != nil {
		return nil, err
	}
	if who := askedOf(ctx).who; who.May(auth.Self) {
		looks, err := s.Personal.Looked(ctx, who.Name)
		if err != nil {
			return nil, err
		}
		full.LookedAt = looks[id]
	}
	return &caseOutput{*full}, nil
}

// maxEarlier is how many other cases of the author are shown.
const maxEarlier = 20

// full reads everything about a case.
func (s *Server) full(ctx context.Context, id care.CaseID) (*CaseFull, error) {
	p, err := s.Cases.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	c := p.Case
	row := c.Row()
	first := p.Mentions[row.First]
	f := &CaseFull{
		CaseRow: caseRow(&row, &first), Policy: c.Policy, Path: list(c.Path), Previous: c.Previous, MergedInto: c.MergedInto,
		Absorbed: []care.CaseID{}, Links: list(c.Links), FirstReply: c.FirstReplyAt, Present: s.presence.at(id), Earlier: []CaseBefore{},
	}
	for _, a := range c.Absorbed {
		f.Absorbed = append(f.Absorbed, a.Case)
	}
	f.mentions(p)
	f.replies(p)
	s.changes(f, p)
	f.texts(p)
	f.surveys(p)
	explained, err := s.Explain(ctx, c)
	if err != nil {
		return nil, err
	}
	f.clocks(c, explained, s.teller(ctx))
	f.together(c, func(n int) string { return clean(p.Texts[n].Body) })
	f.said(p)
	f.Story = s.teller(ctx).story(p)
	if s.Depth != nil && first.Verdict.Complaint {
		if d, ok := s.Depth(&first); ok {
			f.Depth = d.cleaned()
		}
	}
	if to := c.ToAnswer(); to != nil {
		f.To = to.Mention
		if m, ok := p.Mentions[to.Mention]; ok {
			may, err := s.permitted(ctx, &m)
			if err != nil {
				return nil, err
			}
			shown := s.teller(ctx).permission(may)
			f.Permission = &shown
		}
	}
	if f.Issues, err = s.issuesOf(ctx, id); err != nil {
		return nil, err
	}
	if f.Beside, err = s.beside(ctx, f); err != nil {
		return nil, err
	}
	if f.Contact, err = s.contactOf(ctx, p); err != nil {
		return nil, err
	}
	earlier, err := s.Cases.Cases(ctx, view.Query{List: view.OfAuthor, Author: c.Author, Limit: maxEarlier + 1})
	if err != nil {
		return nil, err
	}
	for _, r := range earlier.Rows {
		if r.ID != id && len(f.Earlier) < maxEarlier {
			f.Earlier = append(f.Earlier, before(&r))
		}
	}
	return f, nil
}

func before(r *care.Row) CaseBefore {
	return CaseBefore{ID: r.ID, Number: r.Number, State: r.State, Topic: r.Labels.Topic, OpenedAt: r.OpenedAt, End: r.End, Breached: r.Breached}
}

// maxBeside is how many merged and linked cases are shown.
const maxBeside = 50

// beside names the cases that a case is merged with or linked to as people call
// them.
func (s *Server) beside(ctx context.Context, f *CaseFull) ([]CaseBeside, error) {
	out := []CaseBeside{}
	add := func(how string, ids ...care.CaseID) error {
		for _, id := range ids[:min(len(ids), maxBeside)] {
			p, err := s.Cases.Case(ctx, id)
			if err != nil {
				return err
			}
			row := p.Case.Row()
			first := p.Mentions[row.First]
			out = append(out, CaseBeside{CaseBefore: before(&row), How: how, Author: author(&first)})
		}
		return nil
	}
	if f.MergedInto != "" {
		if err := add("merged_into", f.MergedInto); err != nil {
			return nil, err
		}
	}
	if err := add("absorbed", f.Absorbed...); err != nil {
		return nil, err
	}
	return out, add("linked", f.Links...)
}

func (t teller) permission(p care.Permission) Permission {
	return Permission{How: p.How, Direct: p.Direct, Why: t.tell(p.Says()), Until: p.Until, Max: p.Length.Max, Unit: p.Length.Unit, DirectMax: p.DirectLength.Max, DirectUnit: p.DirectLength.Unit, Pictures: p.Pictures}
}

func (f *CaseFull) mentions(p *view.CasePage) {
	f.MentionList = []Mention{}
	for i := range p.Case.Mentions {
		cm := &p.Case.Mentions[i]
		doc, ok := p.Mentions[cm.Mention]
		if !ok { // erased: what the log tells is left
			doc = care.Mention{ID: cm.Mention, Source: cm.Source, SeenAt: cm.SeenAt, Author: cm.Author, Thread: cm.Thread}
			doc.Post.Network, doc.Post.PostedAt = cm.Labels.Network, cm.PostedAt
		}
		m := mention(&doc)
		m.Case, m.Flagged, m.Late, m.Settled, m.Deleted = p.Case.ID, cm.Flagged, cm.Late, cm.Settled, cm.Deleted
		f.MentionList = append(f.MentionList, m)
	}
	slices.SortStableFunc(f.MentionList, func(a, b Mention) int { return a.PostedAt.Compare(b.PostedAt) })
}

// mention is a document as the API gives it.
func mention(m *care.Mention) Mention {
	p := &m.Post
	out := Mention{
		ID: m.ID, Case: m.Case, Source: m.Source, Network: p.Network, Kind: p.Kind, Author: author(m), Text: strings.ToValidUTF8(p.Text, "\uFFFD"),
		Shown: list(runs(p.Text, marks(m), true)), Language: cleanLine(cmp.Or(m.Verdict.Labels.Language, p.Language)), PostedAt: p.PostedAt, SeenAt: m.SeenAt, EditedAt: p.EditedAt,
		Rating: p.Rating, Attachments: []Attachment{}, Own: m.Own, Flagged: m.Verdict.Complaint, Deleted: m.Deleted, Erased: p.Text == "",
	}
	out.URL, out.Host = link(p.URL)
	for _, l := range p.Links {
		a := Attachment{Kind: cleanLine(l.Kind), Alt: clean(l.Alt)}
		a.URL, a.Host = link(l.URL)
		out.Attachments = append(out.Attachments, a)
	}
	if v := &m.Verdict; v.Model != "" {
		out.Verdict = &Verdict{
			Complaint: v.Complaint, Probability: v.Probability, Model: v.Model, Topic: v.Labels.Topic, Severity: v.Labels.Severity,
			Mood: v.Labels.Mood, Urgency: list(v.Labels.Urgency), Sentiment: v.Sentiment, Wants: v.Wants, Why: reasons(p.Text, v.Why),
		}
	}
	return out
}

func reasons(text string, why []care.Reason) []Reason {
	out := make([]Reason, 0, len(why))
	for _, r := range why {
		if r.From >= 0 && r.From < r.To && r.To <= len(text) {
			piece := strings.TrimSpace(clean(text[whole(text, r.From):whole(text, r.To)]))
			out = append(out, Reason{From: r.From, To: r.To, Text: piece, Weight: r.Weight})
		}
	}
	slices.SortStableFunc(out, func(a, b Reason) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return 0
	})
	return out
}

func (f *CaseFull) replies(p *view.CasePage) {
	f.ReplyList = []Reply{}
	for _, r := range p.Case.Replies {
		out := Reply{
			N: r.N, State: r.State, By: r.By, To: r.To, Direct: r.Direct, Then: r.Then, RequestedAt: r.RequestedAt, NotBefore: r.NotBefore,
			VisibleAt: r.VisibleAt, Approval: r.Approval, Automatic: r.Automatic, Tries: r.Tries, Looks: r.Looks, Why: r.Why,
		}
		if r.N != 0 {
			t, ok := p.Texts[r.N]
			out.Text, out.Erased = t.Body, !ok
			if p.Case.Asks(r.N) {
				out.Text = withoutLink(out.Text)
			}
			out.URL, out.Host = link(t.URL)
			if out.Withdrawn, out.Change = r.Withdrawn, changed(p, &r); r.Mended > 0 {
				out.Before, out.Text = strings.ToValidUTF8(out.Text, "\uFFFD"), p.Texts[r.Mended].Body
			}
		} else {
			m, ok := p.Mentions[r.Mention]
			out.Text, out.Erased = m.Post.Text, !ok || m.Post.Text == ""
			out.URL, out.Host = link(m.Post.URL)
		}
		out.Text = strings.ToValidUTF8(out.Text, "\uFFFD")
		out.Shown = list(runs(out.Text, nil, true))
		f.ReplyList = append(f.ReplyList, out)
	}
	f.Replies = 0
	for _, r := range f.ReplyList {
		if !r.VisibleAt.IsZero() && !r.Automatic {
			f.Replies++
		}
	}
}

// texts are the notes and promises. Who wrote a note, and when, is in the story.
func (f *CaseFull) texts(p *view.CasePage) {
	f.Notes, f.PromiseList = []Note{}, []Promise{}
	note := func(n int, r *care.SeqRecord, handed bool) {
		t, ok := p.Texts[n]
		f.Notes = append(f.Notes, Note{N: n, By: r.By, At: r.At, Text: clean(t.Body), Erased: !ok, Handed: handed})
	}
	for i := range p.Story {
		r := &p.Story[i]
		for _, e := range r.Events {
			switch e := e.(type) {
			case care.Noted:
				note(e.Note, r, false)
			case care.HandedOff:
				if e.Note > 0 {
					note(e.Note, r, true)
				}
			}
		}
	}
	for _, o := range p.Case.Promises {
		out := Promise{
			N: o.N, State: o.State, Owner: o.Owner, What: o.What, Text: clean(p.Texts[o.N].Body), MadeAt: o.MadeAt,
			DueAt: o.DueAt, DoneAt: o.DoneAt, Slipped: o.Slipped,
		}
		if o.Outstanding() {
			out.AtRisk = o.AtRiskAt()
		}
		f.PromiseList = append(f.PromiseList, out)
	}
}

func (f *CaseFull) clocks(c *care.Case, explained map[care.TargetKind]*sla.Explanation, t teller) {
	f.Targets, f.Notices = []Target{}, []Notice{}
	for _, o := range c.Targets {
		target := Target{
			Target: o.Target, State: o.State, Clock: o.Clock, StartAt: o.StartAt, AtRiskAt: o.AtRiskAt, DueAt: o.DueAt, DoneAt: o.DoneAt,
			BreachedAt: o.BreachedAt, Left: int(o.Left / time.Second), Promised: int(o.Promised / time.Second), How: o.How, Policy: o.Policy,
			Version: o.Version, Calendar: o.Calendar, Explained: []string{},
		}
		if e := explained[o.Target]; e != nil {
			target.Explained = e.Tell(t)
		}
		f.Targets = append(f.Targets, target)
	}
	for _, n := range c.Notices {
		f.Notices = append(f.Notices, Notice{Channel: n.Channel, To: n.To, State: n.State, Tries: n.Tries})
	}
}

// madeBy finds what a write came to where the answer depends on the record
// itself: after a repeated write the first one's.
func (s *Server) madeBy(ctx context.Context, id care.CaseID, seq store.Seq, is func(care.Event) bool) (care.Event, error) {
	p, err := s.Cases.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(p.Story) {
		if r.Seq > uint64(seq) {
			continue
		}
		if i := slices.IndexFunc(r.Events, is); i >= 0 {
			return r.Events[i], nil
		}
	}
	return nil, nil
}
