package care

import (
	"fmt"
	"slices"
	"time"
)

// An IssueID names a known issue. It is time-ordered; people see its Number.
type IssueID string

// IssueState is where a known issue stands.
type IssueState string

// The states of a known issue.
const (
	IssueOpen   IssueState = "open"
	IssueClosed IssueState = "closed"
)

// An Issue is the shared cause that many cases are linked to, as the records of
// issue/<id> tell it. Its words are documents.
type Issue struct {
	ID     IssueID `json:"id,omitempty"`
	Number uint64  `json:"number,omitempty"` // the sequence of the opening record
	Seq    uint64  `json:"seq,omitempty"`
	IssueOpened
	State    IssueState `json:"state,omitempty"`
	Why      string     `json:"why,omitempty"` // it is closed
	By       Actor      `json:"by,omitempty"`  // who opened it
	OpenedAt time.Time  `json:"opened_at,omitzero"`
	LastAt   time.Time  `json:"last_at,omitzero"`

	Said   IssueSaid `json:"said,omitzero"` // as it stands now
	SaidAt time.Time `json:"said_at,omitzero"`
	Owner  AgentID   `json:"owner,omitempty"` // who promised to say more, or has it from them
	Kept   int       `json:"kept,omitempty"`  // times we said more when we had promised to
	Late   int       `json:"late,omitempty"`  // and did not

	// TimedAt is when Said.NextAt was promised, Warned and Slipped that its time was
	// near and is past, Stepped the steps of the escalation that were done for it, and
	// LookAt when the next is.
	TimedAt time.Time `json:"timed_at,omitzero"`
	Warned  bool      `json:"warned,omitempty"`
	Slipped bool      `json:"slipped,omitempty"`
	Stepped []string  `json:"stepped,omitempty"`
	LookAt  time.Time `json:"look_at,omitzero"`
	Notices []Notice  `json:"notices,omitempty"` // the open ones, and what became of some before

	Cases   []IssueCase `json:"cases,omitempty"`
	Parted  []CaseID    `json:"parted,omitempty"` // that somebody took out
	Steps   []IssueStep `json:"steps,omitempty"`
	Texts   int         `json:"texts,omitempty"` // the highest n of issue/<id>/<n> in use
	WroteAt time.Time   `json:"wrote_at,omitzero"`
}

// An IssueCase is a case that is linked.
type IssueCase struct {
	IssueLinked
	At time.Time `json:"at,omitzero"`
	By Actor     `json:"by,omitempty"`
}

// An IssueStep is one round of messages to all who are affected.
type IssueStep struct {
	N         int          `json:"n"`
	Final     bool         `json:"final,omitempty"`
	PerMinute int          `json:"per_minute,omitempty"`
	Drafts    []IssueDraft `json:"drafts,omitempty"`
}

// DraftState is how far a draft has come.
type DraftState string

// The states of a draft.
const (
	DraftToLook   DraftState = "to_look" // at, by a person
	DraftApproved DraftState = "approved"
	DraftWrote    DraftState = "wrote" // an answer was asked for
	DraftSkipped  DraftState = "skipped"
)

// An IssueDraft is the text for one customer.
type IssueDraft struct {
	IssueDrafted
	State DraftState `json:"state"`
	By    Actor      `json:"by,omitempty"` // who approved it
	At    time.Time  `json:"at,omitzero"`  // of its state
	Reply int        `json:"reply,omitempty"`
	Why   string     `json:"why,omitempty"` // it was skipped
}

// IssueEvents are the events to append to one known issue.
type IssueEvents struct {
	Issue  IssueID
	Events []Event
}

// A KeptWord is a text to keep as issue/<id>/<n>.
type KeptWord struct {
	Issue IssueID
	N     int
	Text  Text
}

// Apply adds one record to what is known of the issue. It never fails.
func (i *Issue) Apply(seq uint64, r Record) {
	for _, e := range r.Events {
		switch e := e.(type) {
		case IssueOpened:
			i.Number, i.IssueOpened, i.State, i.OpenedAt, i.By = seq, e, IssueOpen, r.At, r.By
		case IssueSaid:
			i.said(e, r)
		case IssueLinked:
			if i.Case(e.Case) == nil {
				i.Cases = append(i.Cases, IssueCase{IssueLinked: e, At: r.At, By: r.By})
			}
		case IssueUnlinked:
			i.Cases = slices.DeleteFunc(i.Cases, func(c IssueCase) bool { return c.Case == e.Case })
			if !slices.Contains(i.Parted, e.Case) {
				i.Parted = append(i.Parted, e.Case)
			}
		case IssueDrafted:
			i.drafted(e, r)
		case IssueApproved:
			if s := i.Step(e.Step); s != nil {
				s.PerMinute = e.PerMinute
			}
			for _, id := range e.Cases {
				i.draft(e.Step, id, func(d *IssueDraft) { d.State, d.By, d.At = DraftApproved, r.By, r.At })
			}
		case IssueWrote:
			i.draft(e.Step, e.Case, func(d *IssueDraft) { d.State, d.At, d.Reply = DraftWrote, r.At, e.Reply })
			i.WroteAt = r.At
		case IssueSkipped:
			i.draft(e.Step, e.Case, func(d *IssueDraft) { d.State, d.At, d.Why = DraftSkipped, r.At, e.Why })
		case IssueTurned:
			if i.State, i.Why = e.State, e.Why; e.State == IssueClosed {
				i.settled(e.Why == "fixed", r.At) // then everybody was told that it is over
				i.promised(time.Time{}, r.At)
			}
		default:
			i.dueApply(r.At, e)
		}
	}
	i.Seq, i.LastAt = seq, r.At
}

func (i *Issue) said(e IssueSaid, r Record) {
	for _, x := range [][2]*int{{&i.Said.Title, &e.Title}, {&i.Said.Know, &e.Know}, {&i.Said.Doing, &e.Doing}} {
		if *x[1] > 0 {
			*x[0] = *x[1]
		}
		i.Texts = max(i.Texts, *x[1])
	}
	if !e.NextAt.Equal(i.Said.NextAt) { // else what we promised still stands
		i.settled(e.words() || e.NextAt.IsZero(), r.At)
		i.promised(e.NextAt, r.At)
	}
	i.SaidAt, i.Owner = r.At, r.By.Agent()
}

func (i *Issue) drafted(e IssueDrafted, r Record) {
	i.Texts = max(i.Texts, e.N)
	if i.Step(e.Step) == nil {
		i.Steps = append(i.Steps, IssueStep{N: e.Step, Final: e.Final})
	}
	s := i.Step(e.Step)
	for k := range s.Drafts {
		if d := &s.Drafts[k]; d.Case == e.Case {
			if d.State != DraftWrote {
				*d = IssueDraft{IssueDrafted: e, State: DraftToLook, At: r.At}
			}
			return
		}
	}
	s.Drafts = append(s.Drafts, IssueDraft{IssueDrafted: e, State: DraftToLook, At: r.At})
}

func (i *Issue) draft(step int, id CaseID, set func(*IssueDraft)) {
	if d := i.Draft(step, id); d != nil {
		set(d)
	}
}

// Exists says whether the issue was ever opened.
func (i *Issue) Exists() bool { return i.Number != 0 }

// Case returns the link of a case, or nil.
func (i *Issue) Case(id CaseID) *IssueCase {
	for k := range i.Cases {
		if i.Cases[k].Case == id {
			return &i.Cases[k]
		}
	}
	return nil
}

// Step returns a round of messages, or nil.
func (i *Issue) Step(n int) *IssueStep {
	for k := range i.Steps {
		if i.Steps[k].N == n {
			return &i.Steps[k]
		}
	}
	return nil
}

// Draft returns the text for a case in a round, or nil.
func (i *Issue) Draft(step int, id CaseID) *IssueDraft {
	s := i.Step(step)
	if s == nil {
		return nil
	}
	for k := range s.Drafts {
		if s.Drafts[k].Case == id {
			return &s.Drafts[k]
		}
	}
	return nil
}

// NextText is the number for the next text of the issue.
func (i *Issue) NextText() int { return i.Texts + 1 }

func (i *Issue) working() error {
	switch {
	case !i.Exists():
		return &Error{Code: NotFound, Msg: "There is no such known issue."}
	case i.State == IssueClosed:
		return conflict("This issue is closed.")
	}
	return nil
}

// OpenIssue begins a known issue with its title, text 1.
func OpenIssue(e IssueOpened) []Event { return []Event{e, IssueSaid{Title: 1}} }

// MaxIssueCases bounds how many cases one issue can have.
const MaxIssueCases = 20_000

// Link ties a case to the issue. By itself only an open issue links, and never
// a case that somebody took out.
func (i *Issue) Link(c *Case, why string, score float64, m MentionID) ([]Event, error) {
	switch err := i.working(); {
	case err != nil:
		return nil, err
	case !c.Exists():
		return nil, &Error{Code: NotFound, Field: "case", Msg: "There is no such case."}
	case c.State == StateMerged:
		return nil, conflict("This case goes on in another one: link that.")
	case i.Case(c.ID) != nil, why == "alike" && slices.Contains(i.Parted, c.ID):
		return nil, nil
	case len(i.Cases) >= MaxIssueCases:
		return nil, conflict("An issue can have {n} cases at most.", "n", MaxIssueCases)
	}
	return []Event{IssueLinked{Case: c.ID, Author: c.Author, Why: why, Score: score, Mention: m}}, nil
}

// Unlink takes a case out.
func (i *Issue) Unlink(id CaseID) ([]Event, error) {
	switch {
	case !i.Exists():
		return nil, i.working()
	case i.Case(id) == nil:
		return nil, nil
	}
	return []Event{IssueUnlinked{Case: id}}, nil
}

// A Letter is a text for the customer of a case, before it is a draft.
type Letter struct {
	Case   CaseID
	Person AuthorKey // that stands for whoever is behind the case: [Person.Root]
	Skip   string    // why they are not to be written to; empty: they are
	Body   string
}

// Prepare makes drafts of letters: a new round for step 0, else those that are
// missing in that round. One person gets one letter in a round, whatever number
// of cases they have. It returns the texts to keep.
func (i *Issue) Prepare(step int, final bool, then, disposition string, letters []Letter) (events []Event, texts []KeptWord, err error) {
	switch err := i.working(); {
	case err != nil:
		return nil, nil, err
	case step > 0 && i.Step(step) == nil:
		return nil, nil, &Error{Code: NotFound, Field: "step", Msg: "There is no such round of messages."}
	case then != ThenAwait && then != ThenKeep && then != ThenResolve:
		return nil, nil, invalid("then", "Say what follows: await, resolve or keep.")
	case then == ThenResolve && disposition == "":
		return nil, nil, invalid("disposition", "Say how the cases ended.")
	}
	written := map[AuthorKey]bool{}
	if step == 0 {
		step = len(i.Steps) + 1
	} else {
		final = i.Step(step).Final
		for _, l := range letters { // people who have their letter, by another case
			if d := i.Draft(step, l.Case); d != nil && d.State != DraftSkipped {
				written[l.Person] = true
			}
		}
	}
	n := i.Texts
	for _, l := range letters {
		if i.Case(l.Case) == nil || i.Draft(step, l.Case) != nil {
			continue
		}
		if l.Skip == "" && written[l.Person] {
			l.Skip = "same_person"
		}
		d := IssueDrafted{Step: step, Final: final, Case: l.Case, Then: then, Disposition: disposition}
		if l.Skip != "" {
			events = append(events, d, IssueSkipped{Step: step, Case: l.Case, Why: l.Skip})
			continue
		}
		n++
		d.N = n
		written[l.Person] = true
		events, texts = append(events, d), append(texts, KeptWord{Issue: i.ID, N: n, Text: Text{Body: l.Body}})
	}
	if len(events) == 0 {
		return nil, nil, conflict("Everybody has a draft already.")
	}
	return events, texts, nil
}

// Redraft puts another text in a draft's place, which then has to be looked at
// again. n is the text's number: [Issue.NextText].
func (i *Issue) Redraft(step int, id CaseID, n int) ([]Event, error) {
	if err := i.working(); err != nil {
		return nil, err
	}
	switch d := i.Draft(step, id); {
	case d == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such draft."}
	case d.State == DraftWrote:
		return nil, conflict("This was sent already.")
	default:
		e := d.IssueDrafted
		e.N = n
		return []Event{e}, nil
	}
}

// MaxPerMinute is the fastest pace of a round.
const MaxPerMinute = 60

// Approve lets drafts be sent: those of some cases, or all that wait to be
// looked at. For all, looked is how many the person saw, so that none which came
// later slips in unread.
func (i *Issue) Approve(step int, cases []CaseID, looked, perMinute int) ([]Event, error) {
	if err := i.working(); err != nil {
		return nil, err
	}
	s := i.Step(step)
	switch {
	case s == nil:
		return nil, &Error{Code: NotFound, Field: "step", Msg: "There is no such round of messages."}
	case perMinute < 1 || perMinute > MaxPerMinute:
		return nil, invalid("per_minute", "Choose 1 to {max} a minute.", "max", MaxPerMinute)
	}
	e := IssueApproved{Step: step, PerMinute: perMinute}
	for _, d := range s.Drafts {
		if d.State == DraftToLook && (cases == nil || slices.Contains(cases, d.Case)) {
			e.Cases = append(e.Cases, d.Case)
		}
	}
	switch {
	case cases == nil && len(e.Cases) != looked:
		return nil, conflict("There are {n} drafts to look at by now. Look at them, and approve them then.", "n", len(e.Cases))
	case len(e.Cases) == 0:
		return nil, nil
	}
	return []Event{e}, nil
}

// SkipDraft leaves one customer out of a round.
func (i *Issue) SkipDraft(step int, id CaseID, why string) ([]Event, error) {
	switch d := i.Draft(step, id); {
	case !i.Exists() || d == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such draft."}
	case d.State == DraftWrote:
		return nil, conflict("This was sent already.")
	case d.State == DraftSkipped:
		return nil, nil
	}
	return []Event{IssueSkipped{Step: step, Case: id, Why: why}}, nil
}

// NextSend is when the next approved draft may be asked for. ok is false when
// none waits.
func (i *Issue) NextSend() (at time.Time, ok bool) {
	for _, s := range i.Steps {
		for _, d := range s.Drafts {
			if d.State != DraftApproved {
				continue
			}
			next := d.At
			if paced := i.WroteAt.Add(time.Minute / time.Duration(max(s.PerMinute, 1))); !i.WroteAt.IsZero() && paced.After(next) {
				next = paced
			}
			if !ok || next.Before(at) {
				at, ok = next, true
			}
		}
	}
	return at, ok
}

// Waiting are the approved drafts, in order.
func (i *Issue) Waiting() (ds []IssueDraft) {
	for _, s := range i.Steps {
		for _, d := range s.Drafts {
			if d.State == DraftApproved {
				ds = append(ds, d)
			}
		}
	}
	return ds
}

// ReplyKey is the key of the one answer that a round can bring to a case.
func (i *Issue) ReplyKey(step int, id CaseID) string {
	return fmt.Sprintf("issue/%s/%d/%s", i.ID, step, id)
}

// Write asks for the answer of a draft, or says why there is none. Nothing at
// all means: not now, an answer to the same post is still under way.
func (i *Issue) Write(d IssueDraft, c *Case, body string, now, notBefore time.Time) Change {
	skip := func(why string) Change {
		return Change{Issues: []IssueEvents{{i.ID, []Event{IssueSkipped{Step: d.Step, Case: d.Case, Why: why}}}}}
	}
	to := c.ToAnswer()
	switch {
	case i.Case(d.Case) == nil:
		return skip("unlinked")
	case !c.Exists() || c.State == StateDismissed || c.State == StateMerged:
		return skip(string(c.State))
	case body == "":
		return skip("erased")
	case to == nil:
		return skip(string(Withdrawn))
	}
	n := c.NextText()
	for _, r := range c.Replies {
		switch {
		case r.Key == i.ReplyKey(d.Step, d.Case):
			return Change{Issues: []IssueEvents{{i.ID, []Event{IssueWrote{Step: d.Step, Case: d.Case, Reply: r.N}}}}}
		case r.To == to.Mention && !r.Settled():
			return Change{}
		}
	}
	then, disposition := d.Then, d.Disposition
	if c.State.Over() { // told afterwards: the case stays as it is
		then, disposition = ThenKeep, ""
	}
	asked := ReplyRequested{Reply: n, To: to.Mention, Key: i.ReplyKey(d.Step, d.Case), NotBefore: notBefore, Then: then, Disposition: disposition}
	return Change{
		Cases:  []CaseEvents{{Case: c.ID, Events: []Event{asked}}},
		Texts:  []KeptText{{Case: c.ID, N: n, Text: Text{Body: body}}},
		Issues: []IssueEvents{{i.ID, []Event{IssueWrote{Step: d.Step, Case: d.Case, Reply: n}}}},
	}
}

// ToAnswer is the mention that an answer goes to unless another is named: the
// oldest that waits, or else the newest that is still there; nil: none is.
func (c *Case) ToAnswer() *CaseMention {
	if m := c.Unanswered(); m != nil {
		return m
	}
	var newest *CaseMention
	for i := range c.Mentions {
		if m := &c.Mentions[i]; !m.Deleted && (newest == nil || m.PostedAt.After(newest.PostedAt)) {
			newest = m
		}
	}
	return newest
}

// Untold are the linked cases whose customers have not been told that it is over.
func (i *Issue) Untold() (ids []CaseID) {
	told := map[CaseID]bool{}
	for _, s := range i.Steps {
		for _, d := range s.Drafts {
			if s.Final && (d.State == DraftWrote || d.State == DraftSkipped) {
				told[d.Case] = true
			}
		}
	}
	for _, c := range i.Cases {
		if !told[c.Case] {
			ids = append(ids, c.Case)
		}
	}
	return ids
}

// Close ends an issue, and with it what we promised to say. One that is fixed
// stays open until everybody affected was told, or left out with a reason.
func (i *Issue) Close(why string) ([]Event, error) {
	switch {
	case !i.Exists():
		return nil, i.working()
	case i.State == IssueClosed:
		return nil, nil
	case why != "fixed" && why != "no_issue":
		return nil, invalid("why", "Say why: fixed or no_issue.")
	case len(i.Waiting()) > 0:
		return nil, conflict("Messages are still being sent. Wait for them, or skip them.")
	case why == "fixed" && len(i.Untold()) > 0:
		return nil, conflict("{n} of those affected have not been told that it is over.", "n", len(i.Untold()))
	}
	return append(i.withdraw("closed"), IssueTurned{State: IssueClosed, Why: why}), nil
}

// OpenAgain takes a closed issue up again.
func (i *Issue) OpenAgain() ([]Event, error) {
	switch {
	case !i.Exists():
		return nil, i.working()
	case i.State == IssueOpen:
		return nil, nil
	}
	return []Event{IssueTurned{State: IssueOpen, Why: "again"}}, nil
}
