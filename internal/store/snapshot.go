package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

// The portable form of a copy, which every engine writes and reads:
//
//	magic    8 bytes, "amendsbk"
//	version  2 bytes, big endian
//	frames   kind 1 byte, length as uvarint, body
//	checksum SHA-256 of all that comes before it
//
// The frames are one position, then documents, records and ops in any number,
// then an end with the number of each. Inside a body numbers are uvarints, and
// a name has its length before it; data is the rest. Documents lie in key order,
// records in the order of the log, from 1 without a gap, so that two engines
// with the same content write the same. Nothing may follow the checksum.

const (
	snapshotMagic   = "amendsbk"
	snapshotVersion = 1
)

const (
	framePosition = 'p' // Seq, Rev, At in Unix milliseconds
	frameDoc      = 'd' // Rev, Key, Data
	frameRecord   = 'r' // Seq, Prev, Stream, Data
	frameOp       = 'o' // Seq, At in Unix seconds, Name
	frameEnd      = 'e' // number of documents, records, ops
)

// maxFrame bounds a frame's body: the largest data with its name and numbers.
const maxFrame = MaxData + MaxKey + 64

// ErrSnapshot is wrapped when what is read is no snapshot, or a truncated or
// altered one.
var ErrSnapshot = errors.New("not a whole snapshot")

// A Position says where a snapshot stands.
type Position struct {
	Seq Seq       // last in the log
	Rev uint64    // number of the last commit
	At  time.Time // when it was taken, to the millisecond
}

// An Op is a remembered Batch.Op.
type Op struct {
	Name string
	Seq  Seq       // what its commit returned
	At   time.Time // when, to the second; an engine may know it less exactly
}

// A SnapshotWriter writes the portable form. The calls come in the order Doc …,
// Record …, Op …, Close.
type SnapshotWriter struct {
	w    *bufio.Writer
	sum  hash.Hash
	buf  []byte
	docs uint64
	recs uint64
	ops  uint64
}

// NewSnapshotWriter begins a snapshot that stands at p.
func NewSnapshotWriter(w io.Writer, p Position) (*SnapshotWriter, error) {
	s := &SnapshotWriter{sum: sha256.New()}
	s.w = bufio.NewWriterSize(io.MultiWriter(w, s.sum), 1<<16)
	head := binary.BigEndian.AppendUint16([]byte(snapshotMagic), snapshotVersion)
	if _, err := s.w.Write(head); err != nil {
		return nil, err
	}
	b := binary.AppendUvarint(s.buf[:0], uint64(p.Seq))
	b = binary.AppendUvarint(b, p.Rev)
	b = binary.AppendUvarint(b, uint64(p.At.UnixMilli()))
	return s, s.frame(framePosition, b, nil)
}

// Doc writes one document. Its data isn't kept.
func (s *SnapshotWriter) Doc(d Doc) error {
	s.docs++
	b := binary.AppendUvarint(s.buf[:0], d.Rev)
	return s.frame(frameDoc, appendName(b, d.Key), d.Data)
}

// Record writes one record. Its data isn't kept.
func (s *SnapshotWriter) Record(r Record) error {
	s.recs++
	b := binary.AppendUvarint(s.buf[:0], uint64(r.Seq))
	b = binary.AppendUvarint(b, uint64(r.Prev))
	return s.frame(frameRecord, appendName(b, r.Stream), r.Data)
}

// Op writes one op.
func (s *SnapshotWriter) Op(o Op) error {
	s.ops++
	b := binary.AppendUvarint(s.buf[:0], uint64(o.Seq))
	b = binary.AppendUvarint(b, uint64(o.At.Unix()))
	return s.frame(frameOp, appendName(b, o.Name), nil)
}

// Close ends the snapshot with its checksum; the writer below stays open.
func (s *SnapshotWriter) Close() error {
	b := binary.AppendUvarint(s.buf[:0], s.docs)
	b = binary.AppendUvarint(b, s.recs)
	b = binary.AppendUvarint(b, s.ops)
	if err := s.frame(frameEnd, b, nil); err != nil {
		return err
	}
	if err := s.w.Flush(); err != nil { // so that the sum is complete
		return err
	}
	if _, err := s.w.Write(s.sum.Sum(nil)); err != nil {
		return err
	}
	return s.w.Flush()
}

func (s *SnapshotWriter) frame(kind byte, body, data []byte) error {
	s.buf = body
	var head [1 + binary.MaxVarintLen64]byte
	head[0] = kind
	n := 1 + binary.PutUvarint(head[1:], uint64(len(body)+len(data)))
	for _, b := range [][]byte{head[:n], body, data} {
		if _, err := s.w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func appendName(b []byte, name string) []byte {
	b = binary.AppendUvarint(b, uint64(len(name)))
	return append(b, name...)
}

// A SnapshotSink takes what a snapshot holds, in its order. The data it is
// given is its own.
type SnapshotSink interface {
	Doc(Doc) error
	Record(Record) error
	Op(Op) error
}

// ReadSnapshot reads a whole snapshot into a sink. It returns an error that
// wraps [ErrNewer] before it has read anything if a newer program wrote it, and
// one that wraps [ErrSnapshot] if it is truncated or altered, which may show
// only at its end: what the sink was given counts only once ReadSnapshot has
// returned without an error. It uses no more memory than the largest part, and
// what it reads is checked as a [Batch] is.
func ReadSnapshot(r io.Reader, to SnapshotSink) (Position, error) {
	s := &snapshotReader{r: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	p, err := s.read(to)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: it ends early", ErrSnapshot)
	}
	if err != nil {
		return Position{}, err
	}
	return p, nil
}

type snapshotReader struct {
	r    *bufio.Reader
	sum  hash.Hash
	at   Position
	docs uint64
	recs uint64
	ops  uint64
	last byte // kind of the last frame
	key  string
}

func (s *snapshotReader) read(to SnapshotSink) (Position, error) {
	head, err := s.take(len(snapshotMagic) + 2)
	if err != nil {
		return Position{}, err
	}
	if string(head[:len(snapshotMagic)]) != snapshotMagic {
		return Position{}, fmt.Errorf("%w: it doesn't begin as one", ErrSnapshot)
	}
	switch v := binary.BigEndian.Uint16(head[len(snapshotMagic):]); {
	case v > snapshotVersion:
		return Position{}, fmt.Errorf("snapshot %w: its version is %d, this program reads up to %d", ErrNewer, v, snapshotVersion)
	case v == 0:
		return Position{}, fmt.Errorf("%w: its version is 0", ErrSnapshot)
	}
	for s.last != frameEnd {
		kind, body, err := s.frame()
		if err != nil {
			return Position{}, err
		}
		if err := s.handle(kind, body, to); err != nil {
			return Position{}, err
		}
		s.last = kind
	}
	return s.at, s.finish()
}

// frame reads one frame. Its body is fresh memory, and grows only as bytes
// arrive, so that a false length costs nothing.
func (s *snapshotReader) frame() (kind byte, body []byte, err error) {
	head, err := s.take(1)
	if err != nil {
		return 0, nil, err
	}
	var length uint64
	for shift := 0; ; shift += 7 {
		b, err := s.take(1)
		if err != nil {
			return 0, nil, err
		}
		length |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			break
		}
		if shift > 28 {
			return 0, nil, fmt.Errorf("%w: a frame's length", ErrSnapshot)
		}
	}
	if length > maxFrame {
		return 0, nil, fmt.Errorf("%w: a frame of %d bytes", ErrSnapshot, length)
	}
	body, err = s.take(int(length))
	return head[0], body, err
}

// take reads n bytes and adds them to the sum.
func (s *snapshotReader) take(n int) ([]byte, error) {
	var b []byte
	if n <= s.r.Size() {
		b = make([]byte, n)
		if _, err := io.ReadFull(s.r, b); err != nil {
			return nil, err
		}
	} else {
		var buf bytes.Buffer
		if _, err := io.CopyN(&buf, s.r, int64(n)); err != nil {
			return nil, err
		}
		b = buf.Bytes()
	}
	s.sum.Write(b)
	return b, nil
}

func (s *snapshotReader) handle(kind byte, body []byte, to SnapshotSink) error {
	const order = string(framePosition) + string(frameDoc) + string(frameRecord) + string(frameOp) + string(frameEnd)
	this, before := strings.IndexByte(order, kind), strings.IndexByte(order, s.last) // -1: none before
	first := kind == framePosition
	if this < 0 || this < before || first != (before < 0) {
		return fmt.Errorf("%w: a frame of kind %q after one of kind %q", ErrSnapshot, kind, s.last)
	}
	f := &fields{rest: body}
	switch kind {
	case framePosition:
		s.at = Position{Seq: Seq(f.number()), Rev: f.number(), At: time.UnixMilli(int64(f.number())).UTC()}
		return f.end()
	case frameDoc:
		d := Doc{Rev: f.number(), Key: f.name()}
		d.Data = f.rest
		s.docs++
		if d.Rev == 0 || d.Rev > s.at.Rev || d.Key <= s.key || len(d.Data) > MaxData {
			f.bad = true
		}
		s.key = d.Key
		return f.deliver(func() error { return to.Doc(d) })
	case frameRecord:
		r := Record{Seq: Seq(f.number()), Prev: Seq(f.number()), Stream: f.name()}
		r.Data = f.rest
		s.recs++
		if r.Seq != Seq(s.recs) || r.Seq > s.at.Seq || r.Prev >= r.Seq || r.Stream == "" || len(r.Data) > MaxData {
			f.bad = true
		}
		return f.deliver(func() error { return to.Record(r) })
	case frameOp:
		o := Op{Seq: Seq(f.number()), At: time.Unix(int64(f.number()), 0).UTC(), Name: f.name()}
		s.ops++
		if o.Seq > s.at.Seq || o.Name == "" || len(f.rest) > 0 {
			f.bad = true
		}
		return f.deliver(func() error { return to.Op(o) })
	default: // frameEnd
		if f.number() != s.docs || f.number() != s.recs || f.number() != s.ops || s.recs != uint64(s.at.Seq) {
			f.bad = true
		}
		return f.end()
	}
}

// finish compares the sum and sees that nothing follows.
func (s *snapshotReader) finish() error {
	want := s.sum.Sum(nil)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(s.r, got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: its checksum is another", ErrSnapshot)
	}
	switch _, err := s.r.ReadByte(); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("%w: more follows its end", ErrSnapshot)
	default:
		return err
	}
}

// fields takes a frame's body apart.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) number() uint64 {
	n, size := binary.Uvarint(f.rest)
	if size <= 0 {
		f.bad, f.rest = true, nil
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

func (f *fields) name() string {
	n := f.number()
	if n > MaxKey || n > uint64(len(f.rest)) {
		f.bad, f.rest = true, nil
		return ""
	}
	name := string(f.rest[:n])
	f.rest = f.rest[n:]
	return name
}

// end is for a body whose fields are all of it.
func (f *fields) end() error {
	if f.bad || len(f.rest) > 0 {
		return fmt.Errorf("%w: a frame that contradicts itself", ErrSnapshot)
	}
	return nil
}

func (f *fields) deliver(to func() error) error {
	if f.bad {
		return fmt.Errorf("%w: a frame that contradicts itself", ErrSnapshot)
	}
	return to()
}
