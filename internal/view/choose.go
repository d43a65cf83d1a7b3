package view

import (
	"context"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Choose returns all cases of a query that also passes, at most limit, in order,
// as of one moment and the place in the log that it stands at. n is how many
// there are, also where that is more. After and Limit of the query are not used.
func (v *View) Choose(ctx context.Context, q Query, passes func(*care.Row) bool, limit int) (ids []care.CaseID, n int, at store.Seq, err error) {
	list, err := q.name()
	if err != nil {
		return nil, 0, 0, err
	}
	err = v.db.View(func(tx *bolt.Tx) error {
		at = store.Seq(number(tx.Bucket(bucketMeta).Get(keyPosition)))
		seen := 0
		for by := range keysIn(tx, list+"\x00", "") {
			if seen++; seen%scanned == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			row, err := rowOf(tx, caseIn([]byte(by)))
			if err != nil {
				return err
			}
			if !q.wants(&row, tx) || !passes(&row) {
				continue
			}
			if n++; len(ids) < limit {
				ids = append(ids, row.ID)
			}
		}
		return nil
	})
	return ids, n, at, err
}
