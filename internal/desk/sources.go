package desk

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// TellSource records what happened to a source as a whole: that it stopped, or
// reads again, has a gap, or was paused by somebody.
func (d *Desk) TellSource(ctx context.Context, by care.Actor, name string, events ...care.Event) (store.Seq, error) {
	return d.commit(ctx, by, "", func(u *unit) error {
		u.tell("source/"+name, events...)
		return nil
	})
}
