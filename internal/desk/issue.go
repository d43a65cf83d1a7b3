package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Issue takes a decision about a known issue and some cases, in one commit.
// decide must be pure: it runs again after a conflict. The same op has no second
// effect. An issue that was never opened is empty.
func (d *Desk) Issue(ctx context.Context, by care.Actor, op string, id care.IssueID, cases []care.CaseID,
	decide func(now time.Time, i *care.Issue, cs []*care.Case) (care.Change, error)) (store.Seq, error) {
	return d.Among(ctx, by, op, []care.IssueID{id}, cases, func(now time.Time, is []*care.Issue, cs []*care.Case) (care.Change, error) {
		return decide(now, is[0], cs)
	})
}

// Among is Issue for a decision about cases that known issues follow.
func (d *Desk) Among(ctx context.Context, by care.Actor, op string, issues []care.IssueID, cases []care.CaseID,
	decide func(now time.Time, is []*care.Issue, cs []*care.Case) (care.Change, error)) (store.Seq, error) {
	return d.commit(ctx, by, op, func(u *unit) error {
		is := make([]*care.Issue, len(issues))
		for k, id := range issues {
			var err error
			if is[k], err = u.issue(ctx, id); err != nil {
				return err
			}
		}
		cs := make([]*care.Case, len(cases))
		for k, c := range cases {
			w, err := u.work(ctx, c)
			if err != nil {
				return err
			}
			cs[k] = w.now
		}
		change, err := decide(u.now, is, cs)
		if err != nil {
			return err
		}
		return u.change(ctx, change)
	})
}

func (u *unit) issue(ctx context.Context, id care.IssueID) (*care.Issue, error) {
	if i, ok := u.issues[id]; ok {
		return i, nil
	}
	i := &care.Issue{ID: id}
	if _, err := u.strand(ctx, issueStream(id), i.Apply); err != nil {
		return nil, err
	}
	u.issues[id] = i
	return i, nil
}

func (u *unit) tellIssues(ctx context.Context, list []care.IssueEvents) error {
	for _, ie := range list {
		i, err := u.issue(ctx, ie.Issue)
		if err != nil {
			return err
		}
		s, err := u.strand(ctx, issueStream(ie.Issue), i.Apply)
		if err != nil {
			return err
		}
		u.weave(s, ie.Events...)
	}
	return nil
}

func (u *unit) keepWord(ctx context.Context, w care.KeptWord) error {
	key := wordKey(w.Issue, w.N)
	if err := u.read(ctx, key); err != nil {
		return err
	}
	u.put(key, w.Text.Encode())
	return nil
}

// LinkAlike ties a case to an open issue because a mention of it is alike.
func (d *Desk) LinkAlike(ctx context.Context, id care.IssueID, c care.CaseID, m care.MentionID, score float64) (store.Seq, error) {
	return d.Issue(ctx, care.ByWatch, "", id, []care.CaseID{c}, func(_ time.Time, i *care.Issue, cs []*care.Case) (care.Change, error) {
		if i.State != care.IssueOpen || !cs[0].Exists() || cs[0].State.Over() {
			return care.Change{}, nil
		}
		es, err := i.Link(cs[0], "alike", score, m)
		return care.Change{Issues: []care.IssueEvents{{Issue: id, Events: es}}}, err
	})
}

// Sendings knows which known issues have approved drafts to be sent by now. What
// it says is a hint.
type Sendings interface {
	Sendings(now time.Time) ([]care.IssueID, error)
}

// Sender sends approved drafts at their pace until ctx ends. Two of them do no
// harm. It holds turn while it works.
func (d *Desk) Sender(ctx context.Context, due Sendings, turn sync.Locker) error {
	return d.everySecond(ctx, turn, "drafts of known issues could not be sent", func() error { return d.SendDue(ctx, due) })
}

// SendDue asks for the answers of all drafts that are due by now.
func (d *Desk) SendDue(ctx context.Context, due Sendings) error {
	ids, err := due.Sendings(d.now())
	if err != nil {
		return fmt.Errorf("read what is to be sent: %w", err)
	}
	for _, id := range ids {
		for {
			more, err := d.SendOne(ctx, id)
			if err != nil {
				return fmt.Errorf("issue %s: %w", id, err)
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// SendOne asks for the answer of the next approved draft that is due, in the
// name of who approved it. The answer and the note that it was asked for are one
// commit, and its key is one for issue, round and case: whatever crashes, nobody
// is written to twice. It returns false when nothing is due.
func (d *Desk) SendOne(ctx context.Context, id care.IssueID) (bool, error) {
	i := &care.Issue{ID: id}
	for r, err := range d.st.Stream(ctx, issueStream(id), 0) {
		if err != nil {
			return false, err
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return false, fmt.Errorf("record %d: %w", r.Seq, err)
		}
		i.Apply(uint64(r.Seq), rec)
	}
	if at, ok := i.NextSend(); !ok || at.After(d.now()) {
		return false, nil
	}
	for _, draft := range i.Waiting() {
		wrote := false
		_, err := d.commit(ctx, draft.By, "", func(u *unit) (err error) {
			wrote, err = u.send(ctx, id, draft)
			return err
		})
		if wrote || err != nil {
			return wrote, err
		}
	}
	return false, nil // answers to the same posts are under way
}

// send decides about one draft, if it is still to be sent; false: not now.
func (u *unit) send(ctx context.Context, id care.IssueID, draft care.IssueDraft) (bool, error) {
	i, err := u.issue(ctx, id)
	if err != nil {
		return false, err
	}
	now := i.Draft(draft.Step, draft.Case)
	if at, ok := i.NextSend(); !ok || at.After(u.now) || now == nil || now.State != care.DraftApproved || now.By != draft.By {
		return false, nil // another node's
	}
	w, err := u.work(ctx, draft.Case)
	if err != nil {
		return false, err
	}
	key := wordKey(id, now.N)
	if err := u.read(ctx, key); err != nil {
		return false, err
	}
	body := ""
	if b := u.doc(key); b != nil {
		t, err := care.DecodeText(b)
		if err != nil {
			return false, fmt.Errorf("%s: %w", key, err)
		}
		body = t.Body
	}
	p, err := u.person(ctx, care.AuthorRef{Network: w.now.Labels.Network, Author: w.now.Author})
	if err != nil {
		return false, err
	}
	change := i.Write(*now, w.now, body, u.now, u.now.Add(u.rules.UndoFor))
	if p.OptedOut() != nil {
		change = care.Change{Issues: []care.IssueEvents{{Issue: id, Events: []care.Event{care.IssueSkipped{Step: draft.Step, Case: draft.Case, Why: "opted_out"}}}}}
	}
	return len(change.Issues) > 0, u.change(ctx, change)
}

// Raise takes cases into the critical lane that are viral by the rules in force.
func (d *Desk) Raise(ctx context.Context, ids []care.CaseID, s care.Spread) (store.Seq, error) {
	return d.commit(ctx, care.ByWatch, "", func(u *unit) error {
		for _, id := range ids {
			w, err := u.work(ctx, id)
			if err != nil {
				return err
			}
			u.emit(w, w.now.Raise(u.rules.Viral, s)...)
		}
		return nil
	})
}

// spreads says whether a post that we know goes round so much by now that its
// case has to be raised.
func (p *page) spreads(now, was *care.Post) bool {
	l := care.ViralLimit{Shares: p.rules.Viral.Shares}
	return l.Viral(care.Spread{Shares: now.Shares}) != "" && l.Viral(care.Spread{Shares: was.Shares}) == ""
}

// spread keeps how often a known post is shared, and raises its case.
func (p *page) spread(ctx context.Context, it *item) error {
	p.count.Known++
	it.m.Post.Shares = it.Post.Shares
	p.put(mentionKey(it.m.ID), it.m.Encode())
	w, err := p.caseOf(ctx, &it.m)
	if err != nil || w == nil {
		return err
	}
	p.emit(w, w.now.Raise(p.rules.Viral, care.Spread{Shares: it.Post.Shares})...)
	return nil
}

func issueStream(id care.IssueID) string { return "issue/" + string(id) }

func wordKey(id care.IssueID, n int) string { return fmt.Sprintf("issue/%s/%d", id, n) }
