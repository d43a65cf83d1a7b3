package desk

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Surging records which surges began and which ended, when these are all there
// are now. What is told already is not told again, whichever node looks.
func (d *Desk) Surging(ctx context.Context, seen []care.Surge) (store.Seq, error) {
	return d.commit(ctx, care.ByClock, "", func(u *unit) error {
		var told care.Surges
		s, err := u.strand(ctx, care.SurgesStream, told.Apply)
		if err != nil {
			return err
		}
		u.weave(s, told.Turn(u.now, seen)...)
		return nil
	})
}
