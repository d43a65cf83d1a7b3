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

// SetupStream is where changes of what is set up are recorded.
const SetupStream = "setup"

// TellSetup records what somebody set up in the console.
func (d *Desk) TellSetup(ctx context.Context, by care.Actor, e care.SetupChanged) (store.Seq, error) {
	return d.commit(ctx, by, "", func(u *unit) error {
		u.tell(SetupStream, e)
		return nil
	})
}
