package desk

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// OpenByHand opens a case from a mention that was not flagged, or joins it to
// the author's open case. A mention that is in a case already leads there.
func (d *Desk) OpenByHand(ctx context.Context, by care.Actor, op string, id care.MentionID) (care.CaseID, store.Seq, error) {
	var opened care.CaseID
	seq, err := d.commit(ctx, by, op, func(u *unit) error {
		var err error
		opened, err = u.openByHand(ctx, id)
		return err
	})
	return opened, seq, err
}

func (u *unit) openByHand(ctx context.Context, id care.MentionID) (care.CaseID, error) {
	if err := u.read(ctx, mentionKey(id)); err != nil {
		return "", err
	}
	m, ok, err := u.mention(id)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", &care.Error{Code: care.NotFound, Msg: "There is no such mention."}
	case m.Own:
		return "", &care.Error{Code: care.Invalid, Msg: "This is a post of ours. Open a case from the customer's."}
	case m.Deleted:
		return "", &care.Error{Code: care.Conflict, Msg: "The customer took this post back."}
	}
	if w, err := u.caseOf(ctx, &m); err != nil || w != nil && w.now.State != care.StateDismissed {
		if w == nil {
			return "", err
		}
		return w.id, err
	}
	key := claimKey(m.Post.Network, m.Author)
	loose := u.d.names.loose(&m.Post)
	if err := u.read(ctx, key, loose); err != nil {
		return "", err
	}
	claims, err := u.claims(key)
	if err != nil {
		return "", err
	}
	ref := u.ref(&m)
	ref.Flagged = true // a person says so
	place, err := u.place(ctx, ref, claims)
	if err != nil {
		return "", err
	}
	var w *work
	if place.Join != "" {
		if w, err = u.work(ctx, place.Join); err != nil {
			return "", err
		}
		u.into(&m, w.id)
		u.emit(w, w.now.TakeIn(ref)...)
	} else {
		w = u.open(&m, ref, place.Previous, true)
		claims.Set(ref.Thread, w.id)
		u.put(key, claims.Encode())
	}
	u.emit(w, care.Reviewed{Mention: m.ID, Complaint: true, Why: "opened_by_hand"})
	if err := u.meet(ctx, &m); err != nil {
		return "", err
	}
	return w.id, u.gather(ctx, loose, &m, w)
}
