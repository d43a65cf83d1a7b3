package desk

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Bulletin takes a decision about a digest or an alert, by the name of its
// stream, in one commit: the events, and what they tell, which is kept until the
// next; nil: it stays what it was. decide must be pure: it runs again after a
// conflict. One of which nothing is known is empty.
func (d *Desk) Bulletin(ctx context.Context, by care.Actor, name string, decide func(b *care.Bulletin, kept []byte) (events []care.Event, keep []byte, err error)) (store.Seq, error) {
	return d.commit(ctx, by, "", func(u *unit) error {
		b := &care.Bulletin{Name: name}
		s, err := u.strand(ctx, name, b.Apply)
		if err != nil {
			return err
		}
		key := bulletinKey(name)
		if err := u.read(ctx, key); err != nil {
			return err
		}
		events, keep, err := decide(b.Clone(), u.doc(key))
		if err != nil {
			return err
		}
		if keep != nil {
			u.put(key, keep)
		}
		u.weave(s, events...)
		return nil
	})
}

func bulletinKey(stream string) string { return "bulletin/" + stream }
