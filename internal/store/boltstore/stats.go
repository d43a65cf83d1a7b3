package boltstore

import (
	"os"

	"github.com/amends-care/amends/internal/store"
)

// FreePagesAlarm is how many free and pending pages are worth an alarm: each
// commit writes the list of them. Compact is the remedy.
const FreePagesAlarm = 20_000

// Stats is how a store does.
type Stats struct {
	Seq       store.Seq // last in the log
	Rev       uint64    // number of the last commit
	FileBytes int64     // size of the file
	PageBytes int       // size of one page
	FreePages int       // can be used again
	Pending   int       // freed, but a reader may still see them
	Readers   int       // transactions that are open now

	// Since the store was opened.
	Commits   uint64 // batches written
	Groups    uint64 // syncs they shared
	Conflicts uint64 // batches refused
}

// Alarm says whether there are too many free pages.
func (s Stats) Alarm() bool { return s.FreePages+s.Pending >= FreePagesAlarm }

// Stats returns the figures of this moment. It is cheap. A closed store has
// only its last ones.
func (s *Store) Stats() Stats {
	b := s.db.Stats()
	stats := Stats{
		Seq:       s.head.seq(),
		Rev:       s.counts.rev.Load(),
		PageBytes: s.pageSize,
		FreePages: b.FreePageN,
		Pending:   b.PendingPageN,
		Readers:   b.OpenTxN,
		Commits:   s.counts.commits.Load(),
		Groups:    s.counts.groups.Load(),
		Conflicts: s.counts.conflicts.Load(),
	}
	if info, err := os.Stat(s.path); err == nil {
		stats.FileBytes = info.Size()
	}
	return stats
}
