package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// heldKey is the document that says nothing may be read or sent.
const heldKey = "config/held"

// Held says whether the desk is held, and why: "" when it is not.
func Held(ctx context.Context, st store.Store) (why string, err error) {
	docs, err := st.Get(ctx, heldKey)
	if err != nil {
		return "", fmt.Errorf("read whether the desk is held: %w", err)
	}
	return string(docs[0].Data), nil
}

// Hold stops reading and sending until an administrator releases the desk: a
// restored folder starts so, since it may not know what was sent after the
// backup was made.
func (d *Desk) Hold(ctx context.Context, by care.Actor, why care.Phrase) (store.Seq, error) {
	return d.commit(ctx, by, "", func(u *unit) error {
		if err := u.read(ctx, heldKey); err != nil {
			return err
		}
		u.put(heldKey, []byte(why))
		u.tell("desk", care.DeskHeld{Why: string(why)})
		return nil
	})
}

// Release ends Hold. Every reply that was under way becomes unknown first, so
// that it is looked for at its network before anybody sends it again.
func (d *Desk) Release(ctx context.Context, by care.Actor, unsettled []care.CaseID) (store.Seq, error) {
	for _, id := range unsettled {
		_, err := d.One(ctx, by, "", id, func(_ time.Time, c *care.Case) (events []care.Event, err error) {
			for i := range c.Replies {
				if r := &c.Replies[i]; !r.Settled() {
					events = append(events, c.ReplyMayBeSent(r.N, "restored")...)
				}
				events = append(events, c.ChangeMayBeMade(c.Replies[i].N, "restored")...)
			}
			return events, nil
		})
		if err != nil {
			return 0, err
		}
	}
	return d.commit(ctx, by, "", func(u *unit) error {
		if err := u.read(ctx, heldKey); err != nil {
			return err
		}
		if u.doc(heldKey) == nil {
			return nil
		}
		u.drop(heldKey)
		u.tell("desk", care.DeskReleased{})
		return nil
	})
}
