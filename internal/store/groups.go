package store

import (
	"context"
	"iter"
	"sync"
)

// Groups is [Store.Tail] in groups: what is ready at once comes together, up to
// n records. It waits like Tail, until ctx ends.
func Groups(ctx context.Context, s Store, after Seq, n int) iter.Seq2[[]Record, error] {
	return func(yield func([]Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		records := make(chan Record, n)
		var failed error // of the tail; to be read once records is closed
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		wg.Go(func() {
			defer close(records)
			for r, err := range s.Tail(ctx, after) {
				if err != nil {
					failed = err
					return
				}
				select {
				case records <- r:
				case <-ctx.Done():
					failed = ctx.Err()
					return
				}
			}
		})
		for open := true; open; {
			var group []Record
			if group, open = take(records, n); len(group) > 0 && !yield(group, nil) {
				return
			}
		}
		if failed != nil {
			yield(nil, failed)
		}
	}
}

// take waits for a record and returns it with those that are ready behind it.
func take(records <-chan Record, n int) (group []Record, open bool) {
	r, open := <-records
	for open {
		group = append(group, r)
		if len(group) == n {
			return group, true
		}
		select {
		case r, open = <-records:
		default:
			return group, true
		}
	}
	return group, false
}
