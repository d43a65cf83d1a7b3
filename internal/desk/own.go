package desk

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// own takes in a post by an account of ours. It opens no case and is never
// judged. In a thread with a case it is one of our replies come back, or else
// a person's answer on the network itself.
func (p *page) own(ctx context.Context, it *item) error {
	p.count.Own++
	parent, err := p.parent(ctx, it)
	if err != nil {
		return err
	}
	var w *work
	if parent != nil {
		if w, err = p.caseOf(ctx, parent); err != nil {
			return err
		}
	}
	p.keep(it)
	if w == nil {
		return p.remember(it)
	}
	p.into(&it.m, w.id)
	tried := []*work{w}
	for _, a := range w.now.Absorbed { // it may have been sent before a merge
		loser, err := p.work(ctx, a.Case)
		if err != nil {
			return err
		}
		tried = append(tried, loser)
	}
	for _, t := range tried {
		n, err := p.ours(ctx, it, t.now, parent.ID)
		switch {
		case err != nil:
			return err
		case n > 0:
			return p.confirm(it, t, n)
		}
	}
	p.emit(w, w.now.ReplyWasSeen(care.ReplySeen{Mention: it.m.ID, To: parent.ID, VisibleAt: it.m.Post.PostedAt})...)
	return nil
}

// parent is the mention that a post answers, or the first of its thread.
func (p *page) parent(ctx context.Context, it *item) (*care.Mention, error) {
	for _, r := range []care.Remote{it.Post.InReplyTo, it.Post.Thread} {
		if r == "" || r == it.Post.Remote {
			continue
		}
		key := p.d.names.seen(it.Post.Network, r)
		if err := p.read(ctx, key); err != nil {
			return nil, err
		}
		id := care.MentionID(p.doc(key))
		if id == "" {
			continue
		}
		if err := p.read(ctx, mentionKey(id)); err != nil {
			return nil, err
		}
		m, ok, err := p.mention(id)
		if err != nil || ok && !m.Own {
			return &m, err
		}
	}
	return nil, nil
}

// ours is the number of the reply of the case that a post is, or 0: first by
// the network's id, then by its words within the time of the attempt. Of two
// replies with the same words it is the one that answers the same mention.
func (p *page) ours(ctx context.Context, it *item, c *care.Case, to care.MentionID) (int, error) {
	match := 0
	for i := range c.Replies {
		r := &c.Replies[i]
		if r.N == 0 || r.AttemptedAt.IsZero() && r.State != care.ReplyIsUnknown {
			continue
		}
		if err := p.read(ctx, textKey(c.ID, r.N)); err != nil {
			return 0, err
		}
		t, err := p.text(c.ID, r.N)
		if err != nil {
			return 0, err
		}
		if t.Sent != "" && t.Sent == it.Post.Remote {
			return r.N, nil
		}
		if t.Sent == "" && within(it.Post.PostedAt, r) && care.SameWords(t.Body, it.Post.Text) && (match == 0 || r.To == to) {
			match = r.N
		}
	}
	return match, nil
}

// skew is how far a network's clock and ours may be apart.
const skew = 2 * time.Minute

// within says that a post can be the outcome of a reply's attempts. What was
// refused for certain has none. Of a reply in a restored backup it is not known
// when it was attempted.
func within(at time.Time, r *care.Reply) bool {
	from := r.AttemptedAt
	if from.IsZero() {
		from = r.RequestedAt
	}
	return r.State != care.ReplyIsFailed && !at.Before(from.Add(-skew)) && !at.After(r.Deadline.Add(skew))
}

// confirm settles a reply by the post that it became.
func (p *page) confirm(it *item, w *work, n int) error {
	t, err := p.text(w.id, n)
	if err != nil {
		return err
	}
	t.Sent, t.URL = it.Post.Remote, it.Post.URL
	p.put(textKey(w.id, n), t.Encode())
	p.emit(w, w.now.ReplyWasSent(n, p.now, it.Post.PostedAt, true)...)
	return nil
}

func (u *unit) text(id care.CaseID, n int) (care.Text, error) {
	b := u.doc(textKey(id, n))
	if b == nil {
		return care.Text{}, nil // erased
	}
	return care.DecodeText(b)
}
