package desk

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// reviewStream has the reviews of mentions that are in no case.
const reviewStream = "review"

// Review records what a person says of a mention's verdict: in its case where
// it is in one, and in the stream review where it is in none. The case it came
// from is returned, if there is one.
func (d *Desk) Review(ctx context.Context, by care.Actor, op string, id care.MentionID, complaint bool) (care.CaseID, store.Seq, error) {
	var in care.CaseID
	seq, err := d.commit(ctx, by, op, func(u *unit) error {
		in = ""
		if err := u.read(ctx, mentionKey(id)); err != nil {
			return err
		}
		m, ok, err := u.mention(id)
		switch {
		case err != nil:
			return err
		case !ok:
			return &care.Error{Code: care.NotFound, Msg: "This mention is gone."}
		case m.Own:
			return &care.Error{Code: care.Invalid, Msg: "This was written by us: nobody judged it."}
		}
		w, err := u.caseOf(ctx, &m)
		if err != nil {
			return err
		}
		if w == nil || w.now.Mention(id) == nil {
			u.tell(reviewStream, care.Reviewed{Mention: id, Complaint: complaint})
			return nil
		}
		in = w.id
		events, err := w.now.Review(id, complaint)
		u.emit(w, events...)
		return err
	})
	return in, seq, err
}
