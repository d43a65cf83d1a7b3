package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// format is the version of the file's layout. Any change to what follows that
// an older program would misread raises it.
const format = 1

// The buckets of the file. Inside docs and ends every family of names (all
// that share their first path element) has a bucket of its own, so that names
// that arrive in order are appended to their tree and a family that arrives at
// random disturbs no other.
var (
	bucketMeta  = []byte("amends") // keyFormat, keyRev
	bucketDocs  = []byte("docs")   // family → rest of key → revision, data
	bucketLog   = []byte("log")    // sequence → previous, stream, data
	bucketEnds  = []byte("ends")   // family → rest of stream → last sequence, count
	bucketMarks = []byte("marks")  // stream, sequence → nothing: every markEvery-th record
	bucketOps   = []byte("ops")    // day → op → the sequence that was answered

	keyFormat = []byte("format")
	keyRev    = []byte("rev") // number of the last commit
)

// markEvery is how many records of a stream lie between two marks, and so the
// most that is walked back over the Prev links to find where reading starts.
const markEvery = 256

// errDamaged is wrapped when the file's content contradicts itself.
var errDamaged = errors.New("the store is damaged")

// plain is the family of names without a path. It can't be another's, for
// those end in a slash.
const plain = "="

// split returns the family of a name, and the key in the family's bucket.
func split(name string) (family, rest string) {
	if i := strings.IndexByte(name, '/'); i >= 0 && i < len(name)-1 {
		return name[:i+1], name[i+1:]
	}
	return plain, name
}

// join is the inverse of split.
func join(family, rest []byte) string {
	if string(family) == plain {
		return string(rest)
	}
	return string(family) + string(rest)
}

func seqKey(s store.Seq) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(s))
}

func seqOf(key []byte) store.Seq { return store.Seq(binary.BigEndian.Uint64(key)) }

// A document's value is its revision in eight bytes, then its data.
const docHead = 8

func docValue(v []byte) (rev uint64, data []byte, err error) {
	if len(v) < docHead {
		return 0, nil, fmt.Errorf("%w: a document of %d bytes", errDamaged, len(v))
	}
	return binary.BigEndian.Uint64(v), v[docHead:], nil
}

// A record's value is Prev in eight bytes, the length of its stream's name in
// two, the name, then its data.
const recordHead = 10

func recordValue(seq store.Seq, v []byte) (prev store.Seq, stream, data []byte, err error) {
	if len(v) < recordHead {
		return 0, nil, nil, fmt.Errorf("%w: record %d has %d bytes", errDamaged, seq, len(v))
	}
	prev, n := seqOf(v), int(binary.BigEndian.Uint16(v[8:]))
	if len(v) < recordHead+n || prev >= seq {
		return 0, nil, nil, fmt.Errorf("%w: record %d", errDamaged, seq)
	}
	return prev, v[recordHead : recordHead+n], v[recordHead+n:], nil
}

// An end is where a stream stands.
type end struct {
	last  store.Seq
	count uint64
}

func endValue(v []byte) (end, error) {
	switch {
	case v == nil:
		return end{}, nil
	case len(v) != 16:
		return end{}, fmt.Errorf("%w: the end of a stream has %d bytes", errDamaged, len(v))
	}
	return end{seqOf(v), binary.BigEndian.Uint64(v[8:])}, nil
}

func (e end) value() []byte {
	v := binary.BigEndian.AppendUint64(make([]byte, 0, 16), uint64(e.last))
	return binary.BigEndian.AppendUint64(v, e.count)
}

// markKey leads with the length of the name, so that no stream's marks lie
// among those of a stream whose name begins with its own.
func markKey(stream string, s store.Seq) []byte {
	k := make([]byte, 0, 2+len(stream)+8)
	k = binary.BigEndian.AppendUint16(k, uint16(len(stream)))
	k = append(k, stream...)
	return binary.BigEndian.AppendUint64(k, uint64(s))
}

// dayKey names the bucket of the ops of one day since 1970.
func dayKey(day int64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(day))
}

// initialise lays out an empty file.
func initialise(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketMeta, bucketDocs, bucketLog, bucketEnds, bucketMarks, bucketOps} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	if err := meta.Put(keyFormat, binary.BigEndian.AppendUint64(nil, format)); err != nil {
		return err
	}
	return meta.Put(keyRev, make([]byte, 8))
}

// checkFormat refuses a file that isn't a store, or one this program can't read.
func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return errors.New("not a store of this program")
	}
	v := meta.Get(keyFormat)
	if len(v) != 8 {
		return errors.New("not a store of this program")
	}
	if got := binary.BigEndian.Uint64(v); got > format {
		return fmt.Errorf("%w: its format is %d, this program reads up to %d", store.ErrNewer, got, format)
	}
	for _, name := range [][]byte{bucketDocs, bucketLog, bucketEnds, bucketMarks, bucketOps} {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: it has no bucket %q", errDamaged, name)
		}
	}
	if len(meta.Get(keyRev)) != 8 {
		return fmt.Errorf("%w: it has no commit number", errDamaged)
	}
	return nil
}

// position reads where the file stands: the last sequence and commit number.
func position(tx *bbolt.Tx) (seq store.Seq, rev uint64) {
	if k, _ := tx.Bucket(bucketLog).Cursor().Last(); k != nil {
		seq = seqOf(k)
	}
	return seq, binary.BigEndian.Uint64(tx.Bucket(bucketMeta).Get(keyRev))
}
