package desk

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// TellSource records what happened to a source as a whole: that it stopped, or
// reads again, or has a gap.
func (d *Desk) TellSource(ctx context.Context, name string, events ...care.Event) (store.Seq, error) {
	return d.commit(ctx, care.ByIntake, "", func(u *unit) error {
		u.tell("source/"+name, events...)
		return nil
	})
}
