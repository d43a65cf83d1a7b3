// Package store is the contract for the durable memory of one desk: an
// append-only log of records, and a set of documents that may change or be
// erased. Its engines live in packages of their own, and storetest says what a
// correct one does.
//
// The log is for facts that must stay true for ever; it holds no personal
// content. Documents are for everything that may change or has to be erased
// one day. Both move in one step: a [Batch] says what it expects, and is
// written whole or not at all.
//
// The package itself never opens a file or a connection. Besides the contract
// it has what every engine shares: the rules for a batch ([Batch.Validate]),
// the portable form of a copy ([SnapshotWriter], [ReadSnapshot]), and leases
// built on documents ([Lease], [Roster]). It owns the documents lease/… and
// fence/….
//
// # Keys
//
// Documents and streams are named by 1 to [MaxKey] bytes, any bytes, ordered
// bytewise. Key order decides speed: names that arrive in their own order
// (time-ordered ids, a network's own ascending ids) cost an engine a tenth of
// names that arrive at random.
package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"math"
)

// A Store is the durable memory of one desk. All methods are safe for
// concurrent use. Bytes handed in are not kept after the call returns; bytes
// handed out belong to the caller.
//
// The iterators yield an error at most once, as their last pair, with a zero
// value beside it: the error of a context that has ended, [ErrClosed], or what
// went wrong. Nothing is held while a loop body runs, so it may take as long
// as it likes and may itself call the store.
type Store interface {
	// Commit makes the whole batch durable, or none of it, and returns the last
	// sequence then in the log: that of the batch's own last record, if it has
	// any. A *[Conflict] says which streams and keys were
	// not where the batch expects; nothing was written. An [ErrInvalid] is a
	// batch that can never be written. Any other error means unknown: commit
	// the same batch again. If Op was committed before, nothing is written and
	// the first result comes back; an Op is remembered for [OpMemory].
	Commit(ctx context.Context, b Batch) (Seq, error)

	// Get returns one Doc per key, in order, from one round trip and one moment;
	// an absent one has its Key, Rev 0 and nil Data.
	Get(ctx context.Context, keys ...string) ([]Doc, error)

	// List yields documents under prefix with keys greater than after, in key
	// order, in chunks: each chunk is one moment, the whole is not. A document
	// that stands during the whole of the loop is yielded exactly once.
	List(ctx context.Context, prefix, after string) iter.Seq2[Doc, error]

	// Stream yields the records of one stream after seq, in order, up to those
	// there when the loop began. A stream that was never written is empty.
	Stream(ctx context.Context, name string, after Seq) iter.Seq2[Record, error]

	// Tail yields every record after seq without gap or repeat, then waits for
	// the next until ctx ends. A record is yielded only once it is durable.
	Tail(ctx context.Context, after Seq) iter.Seq2[Record, error]

	// Snapshot writes a consistent copy in the portable form that
	// [ReadSnapshot] reads, and returns the position it stands at. It may run
	// long; commits go on meanwhile.
	Snapshot(ctx context.Context, w io.Writer) (Seq, error)

	// Close ends every loop and waiting commit with [ErrClosed], and returns
	// when nothing of the store is in use any more. Closing twice is harmless.
	Close() error
}

// A Seq is the place of a record in the log: 1, 2, 3 … without a gap. 0 is the
// place before the first.
type Seq uint64

// Any, as Append.After, appends wherever the stream stands. It is for streams
// whose writer is fenced by something else in the same batch, as the counts of
// a source are by its cursor.
const Any Seq = math.MaxUint64

// A Batch is one decision: what it expects and what it writes. A stream
// appears in it once, a key once among Puts and Erases and once among Checks;
// a key that is put has its expectation there and takes no Check, one that is
// erased may have one.
type Batch struct {
	Op      string   // names this decision; empty: not remembered
	Appends []Append // in the order they take in the log
	Puts    []Put
	Checks  []Check
	Erases  []string // gone if there; tombstones are Puts by the caller
}

// An Append adds one record at the end of a stream.
type Append struct {
	Stream string
	After  Seq // Seq of the stream's last record; 0: it is empty; Any: wherever it ends
	Data   []byte
}

// A Put writes one document.
type Put struct {
	Key  string
	Was  uint64 // Rev it replaces; 0: it must be absent
	Data []byte
}

// A Check is an expectation about a document that is not written.
type Check struct {
	Key string
	Was uint64 // Rev it must still have; 0: it must be absent
}

// A Record is one entry of the log.
type Record struct {
	Seq    Seq
	Prev   Seq // Seq of the record before it in its stream; 0: the first
	Stream string
	Data   []byte
}

// A Doc is a document as it stood when it was read.
type Doc struct {
	Key  string
	Rev  uint64 // number of the commit that wrote it, never reused; 0: absent
	Data []byte
}

// Last returns the sequence of the last record in the log of s.
func Last(ctx context.Context, s Store) (Seq, error) {
	// A batch that writes nothing and whose expectation always holds, since
	// nobody names a document so.
	return s.Commit(ctx, Batch{Checks: []Check{{Key: "\x00last"}}})
}

var (
	// ErrReadOnly is wrapped by every Commit after a write whose outcome can't
	// be known, such as a failed fsync, until the store is opened again.
	ErrReadOnly = errors.New("the store is read-only after a write error; open it again")

	// ErrClosed is returned by a store that was closed.
	ErrClosed = errors.New("the store is closed")

	// ErrInvalid is wrapped by the errors of [Batch.Validate].
	ErrInvalid = errors.New("invalid batch")

	// ErrNewer is wrapped when a file or database was written by a newer
	// version of the program. Nothing in it was read or changed.
	ErrNewer = errors.New("written by a newer version of this program")

	// ErrHeld is wrapped when another process has the store open.
	ErrHeld = errors.New("the store is in use")

	// ErrLeaseLost is what [Lease.Hold] returns, wrapped, and the cause with
	// which its work's context ends, when the lease is another's or may be.
	ErrLeaseLost = errors.New("the lease was lost")
)
