package desk

import (
	"cmp"
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// fresh takes in a mention that we did not know: it joins a case, opens one, or
// is only kept.
func (p *page) fresh(ctx context.Context, it *item) error {
	if it.m.Verdict.Complaint {
		p.count.Flagged++
	}
	p.keep(it)
	if it.m.Late {
		p.count.Late++
	}
	if at := it.m.Post.PostedAt; at.Before(p.a.Since) && p.now.Sub(at) < reconciled {
		p.count.Missed++
	}
	placed, err := p.settle(ctx, it)
	if placed || err != nil {
		return err
	}
	return p.remember(it)
}

// reconciled is how far back it is an alarm when reading again brings what
// reading did not.
const reconciled = 24 * time.Hour

// settle lets an item join a case or open one, if it belongs into one.
func (p *page) settle(ctx context.Context, it *item) (placed bool, err error) {
	key := claimKey(it.m.Post.Network, it.m.Author)
	if err := p.read(ctx, key, it.loose); err != nil {
		return false, err
	}
	p.rely(key)
	claims, err := p.claims(key)
	if err != nil {
		return false, err
	}
	ref := p.ref(&it.m)
	place, err := p.place(ctx, ref, claims)
	if err != nil {
		return false, err
	}
	var w *work
	switch {
	case place.Join != "":
		if w, err = p.work(ctx, place.Join); err != nil {
			return false, err
		}
		p.into(&it.m, w.id)
		p.emit(w, w.now.TakeIn(ref)...)
	case place.Open:
		p.count.Opened++
		w = p.open(&it.m, ref, place.Previous, false)
		claims.Set(ref.Thread, w.id)
		p.put(key, claims.Encode())
	default:
		return false, nil
	}
	w.spread = care.Spread{Reach: it.m.Post.Author.Followers, Shares: it.m.Post.Shares}
	if err := p.meet(ctx, &it.m); err != nil {
		return false, err
	}
	return true, p.gather(ctx, it.loose, &it.m, w)
}

// place loads what the rule needs and asks it.
func (u *unit) place(ctx context.Context, ref care.MentionRef, claims care.Claims) (care.Placing, error) {
	var failed error
	cases := func(id care.CaseID) *care.Case {
		w, err := u.work(ctx, id)
		if err != nil {
			failed = err
			return nil
		}
		if !w.now.Exists() {
			return nil
		}
		return w.now
	}
	return care.Place(ref, claims, cases, u.now, u.rules.ReopenWindow), failed
}

// open starts a case with a mention.
func (u *unit) open(m *care.Mention, ref care.MentionRef, previous care.CaseID, byHand bool) *work {
	id := care.CaseID(u.d.ids.next(u.now))
	w := u.add(&care.Case{ID: id})
	u.into(m, id)
	u.emit(w, care.Opened{
		MentionRef: ref, Probability: m.Verdict.Probability, Model: m.Verdict.Model, ByHand: byHand, Previous: previous,
	})
	return w
}

// into makes a mention's document name its case.
func (u *unit) into(m *care.Mention, id care.CaseID) {
	m.Case = id
	u.put(mentionKey(m.ID), m.Encode())
}

// remember keeps a mention that is in no case, if it is part of a thread: a
// case that opens there later will want it.
func (p *page) remember(it *item) error {
	if it.m.Post.InReplyTo == "" && threadOf(&it.m.Post) == it.m.Post.Remote {
		return nil
	}
	l, err := p.looseOf(it.loose)
	if err != nil {
		return err
	}
	l.Add(care.LooseMention{Ref: p.ref(&it.m), Own: it.m.Own, To: it.m.Post.InReplyTo})
	p.put(it.loose, l.Encode())
	return nil
}

func (u *unit) looseOf(key string) (care.Loose, error) {
	b := u.doc(key)
	if b == nil {
		return care.Loose{}, nil
	}
	return care.DecodeLoose(b)
}

// gather brings into a case what was read of its thread before: follow-ups of
// the same author, and our answers to any of them. An answer to something that
// we never read counts for the post that the thread began with.
func (u *unit) gather(ctx context.Context, key string, m *care.Mention, w *work) error {
	u.rely(key)
	l, err := u.looseOf(key)
	if err != nil || len(l.Mentions) == 0 {
		return err
	}
	taken := map[care.Remote]care.MentionID{m.Post.Remote: m.ID}
	begun := m.Post.Remote == threadOf(&m.Post)
	rest, err := u.pick(ctx, l.Mentions, w, func(lm *care.LooseMention) (bool, error) {
		return !lm.Own && lm.Ref.Author == m.Author, nil
	}, func(lm *care.LooseMention, d *care.Mention) {
		taken[d.Post.Remote] = d.ID
		u.emit(w, w.now.TakeIn(lm.Ref)...)
	})
	if err != nil {
		return err
	}
	rest, err = u.pick(ctx, rest, w, func(lm *care.LooseMention) (bool, error) {
		if _, ok := taken[lm.To]; !lm.Own || ok || !begun {
			return lm.Own && ok, nil
		}
		seen := u.d.names.seen(m.Post.Network, lm.To)
		err := u.read(ctx, seen)
		return err == nil && u.doc(seen) == nil, err
	}, func(lm *care.LooseMention, d *care.Mention) {
		to := cmp.Or(taken[lm.To], m.ID)
		u.emit(w, w.now.ReplyWasSeen(care.ReplySeen{Mention: d.ID, To: to, VisibleAt: d.Post.PostedAt})...)
	})
	switch {
	case err != nil:
		return err
	case len(rest) == len(l.Mentions):
	case len(rest) == 0:
		u.drop(key)
	default:
		l.Mentions = rest
		u.put(key, l.Encode())
	}
	return nil
}

// pick puts those loose mentions into a case that belong there, and returns the
// others. One that is in a case by now, or gone, is no longer loose.
func (u *unit) pick(ctx context.Context, all []care.LooseMention, w *work, belongs func(*care.LooseMention) (bool, error),
	put func(*care.LooseMention, *care.Mention)) (rest []care.LooseMention, err error) {
	for _, lm := range all {
		switch ok, err := belongs(&lm); {
		case err != nil:
			return nil, err
		case !ok:
			rest = append(rest, lm)
			continue
		}
		if err := u.read(ctx, mentionKey(lm.Ref.Mention)); err != nil {
			return nil, err
		}
		d, ok, err := u.mention(lm.Ref.Mention)
		if err != nil {
			return nil, err
		}
		if ok && d.Case == "" {
			u.into(&d, w.id)
			put(&lm, &d)
		}
	}
	return rest, nil
}

// edited puts a new text over an old one, and tells the case.
func (p *page) edited(ctx context.Context, it *item) error {
	p.count.Edited++
	p.count.Changed = append(p.count.Changed, it.m.ID)
	p.put(mentionKey(it.m.ID), it.m.Encode())
	if it.m.Own {
		return nil
	}
	w, err := p.caseOf(ctx, &it.m)
	if err != nil {
		return err
	}
	if w != nil {
		p.emit(w, w.now.EditMention(care.MentionEdited{
			Mention: it.m.ID, At: it.m.Post.EditedAt, Flagged: it.m.Verdict.Complaint, Labels: it.m.Verdict.Labels,
		})...)
		return nil
	}
	if it.m.Verdict.Complaint { // an edit can make a complaint of what was none
		_, err = p.settle(ctx, it)
	}
	return err
}

// deleted forgets the text and the author of a post that was taken back.
func (p *page) deleted(ctx context.Context, it *item) error {
	p.count.Deleted++
	p.count.Changed = append(p.count.Changed, it.m.ID)
	m := it.m
	m.Deleted = true
	m.Post = care.Post{Network: m.Post.Network, Remote: m.Post.Remote, Kind: m.Post.Kind, PostedAt: m.Post.PostedAt, Thread: m.Post.Thread}
	m.Verdict.Why = nil
	p.put(mentionKey(m.ID), m.Encode())
	w, err := p.caseOf(ctx, &m)
	if err == nil && w != nil && !m.Own {
		p.emit(w, w.now.DeleteMention(m.ID)...)
	}
	return err
}

// caseOf is the case that a mention is in now, or nil. Merges are followed.
func (u *unit) caseOf(ctx context.Context, m *care.Mention) (*work, error) {
	for id := m.Case; id != ""; {
		w, err := u.work(ctx, id)
		if err != nil {
			return nil, err
		}
		if w.now.State != care.StateMerged {
			return w, nil
		}
		id = w.now.MergedInto
	}
	return nil, nil
}
