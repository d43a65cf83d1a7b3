package boltstore

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/store"
)

// A prepared batch is laid out as it will be written, apart from what only the
// committer knows. The caller's goroutine prepares it, so that the committer
// has little left to do and never touches the caller's memory.
type prepared struct {
	op      string
	appends []preparedAppend
	puts    []preparedDoc // ordered by family and key, as erases are
	checks  []preparedDoc
	erases  []preparedDoc
	size    int
}

type preparedAppend struct {
	stream string
	family string
	rest   []byte
	after  store.Seq
	value  []byte // its Prev still zero
	end    end    // found while checking
}

type preparedDoc struct {
	family string
	rest   []byte
	was    uint64
	value  []byte // its revision still zero
	at     int    // place in the caller's batch
}

func prepare(b store.Batch) *prepared {
	p := &prepared{op: b.Op, size: b.Size()}
	// One piece of memory carries all values, names and data alike.
	arena := make([]byte, 0, p.size+recordHead*len(b.Appends)+docHead*len(b.Puts))
	p.appends = make([]preparedAppend, len(b.Appends))
	for i, a := range b.Appends {
		from := len(arena)
		arena = append(arena, 0, 0, 0, 0, 0, 0, 0, 0)
		arena = binary.BigEndian.AppendUint16(arena, uint16(len(a.Stream)))
		arena = append(arena, a.Stream...)
		arena = append(arena, a.Data...)
		family, rest := split(a.Stream)
		p.appends[i] = preparedAppend{stream: a.Stream, family: family, rest: []byte(rest), after: a.After, value: arena[from:len(arena):len(arena)]}
	}
	p.puts = make([]preparedDoc, len(b.Puts))
	for i, put := range b.Puts {
		from := len(arena)
		arena = append(arena, 0, 0, 0, 0, 0, 0, 0, 0)
		arena = append(arena, put.Data...)
		family, rest := split(put.Key)
		p.puts[i] = preparedDoc{family, []byte(rest), put.Was, arena[from:len(arena):len(arena)], i}
	}
	p.checks = make([]preparedDoc, len(b.Checks))
	for i, c := range b.Checks {
		family, rest := split(c.Key)
		p.checks[i] = preparedDoc{family, []byte(rest), c.Was, nil, i}
	}
	p.erases = make([]preparedDoc, len(b.Erases))
	for i, k := range b.Erases {
		family, rest := split(k)
		p.erases[i] = preparedDoc{family, []byte(rest), 0, nil, i}
	}
	// In key order neighbours are found and written together.
	for _, docs := range [][]preparedDoc{p.puts, p.checks, p.erases} {
		slices.SortFunc(docs, func(a, b preparedDoc) int {
			if c := strings.Compare(a.family, b.family); c != 0 {
				return c
			}
			return bytes.Compare(a.rest, b.rest)
		})
	}
	return p
}

// writes says whether applying the batch changes the file.
func (p *prepared) writes() bool {
	return p.op != "" || len(p.appends)+len(p.puts)+len(p.erases) > 0
}

// A group is the batches that share one transaction and one sync.
type group struct {
	tx         *bbolt.Tx
	docs, ends families
	seq        store.Seq // last in the log, as of the batches applied so far
	rev        uint64    // last commit number, likewise
	today      int64     // day since 1970
	wrote      bool
}

func newGroup(tx *bbolt.Tx, seq store.Seq, rev uint64, today int64, docs map[string]*arrival) *group {
	return &group{
		tx:    tx,
		docs:  families{root: tx.Bucket(bucketDocs), arrivals: docs},
		ends:  families{root: tx.Bucket(bucketEnds)},
		seq:   seq,
		rev:   rev,
		today: today,
	}
}

// apply writes one batch, or nothing: all that can refuse it comes first. Any
// error but a Conflict spoils the whole transaction.
func (g *group) apply(p *prepared) (store.Seq, error) {
	if p.op != "" {
		seq, known, err := g.recall(p.op)
		if err != nil || known {
			return seq, err
		}
	}
	if err := g.expect(p); err != nil {
		return 0, err
	}
	if !p.writes() {
		return g.seq, nil
	}
	g.rev++
	g.wrote = true
	if err := g.writeRecords(p.appends); err != nil {
		return 0, err
	}
	if err := g.writeDocs(p); err != nil {
		return 0, err
	}
	if p.op != "" {
		if err := g.remember(p.op); err != nil {
			return 0, err
		}
	}
	return g.seq, nil
}

// expect compares what the batch expects with what the transaction sees, and
// keeps the ends of its streams for writing.
func (g *group) expect(p *prepared) error {
	var c store.Conflict
	for i := range p.appends {
		a := &p.appends[i]
		e, err := endValue(g.ends.get(a.family, a.rest))
		if err != nil {
			return err
		}
		if a.end = e; a.after != store.Any && a.after != e.last {
			c.Streams = append(c.Streams, a.stream)
		}
	}
	var wrong []preparedDoc
	for i, docs := range [][]preparedDoc{p.puts, p.checks} {
		for _, d := range docs {
			rev, err := g.revision(d, i == 0)
			if err != nil {
				return err
			}
			if rev != d.was {
				d.at += i * store.MaxParts // checks come after puts
				wrong = append(wrong, d)
			}
		}
	}
	if len(c.Streams)+len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b preparedDoc) int { return a.at - b.at })
	for _, d := range wrong {
		c.Keys = append(c.Keys, join([]byte(d.family), d.rest))
	}
	return &c
}

// revision looks a document up; if it is absent and will be put, it also notes
// where.
func (g *group) revision(d preparedDoc, put bool) (uint64, error) {
	b := g.docs.find(d.family)
	if b == nil {
		return 0, nil
	}
	k, v := g.docs.cursor.Seek(d.rest)
	if !bytes.Equal(k, d.rest) {
		if put {
			g.docs.arrival().insert(k)
		}
		return 0, nil
	}
	rev, _, err := docValue(v)
	return rev, err
}

func (g *group) writeRecords(appends []preparedAppend) error {
	if len(appends) == 0 {
		return nil
	}
	log, marks := g.tx.Bucket(bucketLog), g.tx.Bucket(bucketMarks)
	log.FillPercent = orderedFill
	for _, a := range appends {
		g.seq++
		binary.BigEndian.PutUint64(a.value, uint64(a.end.last))
		if err := log.Put(seqKey(g.seq), a.value); err != nil {
			return err
		}
		now := end{g.seq, a.end.count + 1}
		b, err := g.ends.make(a.family)
		if err != nil {
			return err
		}
		if err := b.Put(a.rest, now.value()); err != nil {
			return err
		}
		if now.count%markEvery == 0 {
			if err := marks.Put(markKey(a.stream, g.seq), []byte{1}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *group) writeDocs(p *prepared) error {
	for _, d := range p.puts {
		b, err := g.docs.make(d.family)
		if err != nil {
			return err
		}
		binary.BigEndian.PutUint64(d.value, g.rev)
		if err := b.Put(d.rest, d.value); err != nil {
			return err
		}
	}
	for _, d := range p.erases {
		if b := g.docs.find(d.family); b != nil {
			if err := b.Delete(d.rest); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish writes what a whole group has in common.
func (g *group) finish() error {
	return g.tx.Bucket(bucketMeta).Put(keyRev, binary.BigEndian.AppendUint64(nil, g.rev))
}

// families finds the buckets of one root by family, and keeps the last found,
// since neighbours in a batch mostly share it.
type families struct {
	root     *bbolt.Bucket
	arrivals map[string]*arrival // nil: all arrive in order

	name   string
	last   *bbolt.Bucket // nil: there is none of that name
	cursor *bbolt.Cursor // of last
}

func (f *families) find(family string) *bbolt.Bucket {
	if f.name != family {
		f.use(family, f.root.Bucket([]byte(family)))
	}
	return f.last
}

func (f *families) use(family string, b *bbolt.Bucket) {
	f.name, f.last, f.cursor = family, b, nil
	if b == nil {
		return
	}
	f.cursor = b.Cursor()
	b.FillPercent = orderedFill
	if a := f.arrivals[family]; a != nil {
		b.FillPercent = a.fill()
	}
}

// arrival is of the family found last.
func (f *families) arrival() *arrival {
	a := f.arrivals[f.name]
	if a == nil {
		a = new(arrival)
		if f.arrivals != nil {
			f.arrivals[f.name] = a
		}
	}
	return a
}

func (f *families) get(family string, rest []byte) []byte {
	if b := f.find(family); b != nil {
		return b.Get(rest)
	}
	return nil
}

func (f *families) make(family string) (*bbolt.Bucket, error) {
	if b := f.find(family); b != nil {
		return b, nil
	}
	b, err := f.root.CreateBucket([]byte(family))
	if err != nil {
		return nil, err
	}
	f.use(family, b)
	return b, nil
}
