package store

import (
	"fmt"
	"strings"
	"time"
)

const (
	// MaxKey bounds the name of a document, a stream or an Op, in bytes.
	MaxKey = 1024
	// MaxData bounds the data of one record or document, in bytes.
	MaxData = 16 << 20
	// MaxBatch bounds a whole batch: the bytes of its names and data, and 16
	// for each of its parts.
	MaxBatch = 64 << 20
	// MaxParts bounds how many appends, puts, checks and erases a batch has.
	MaxParts = 100_000
	// OpMemory is how long an Op is remembered, at least.
	OpMemory = 7 * 24 * time.Hour
)

// A Conflict is a batch that was not written since its expectations did not
// hold. It names every stream and key that was elsewhere, and no other, in the
// batch's order: keys that are put before keys that are checked.
type Conflict struct {
	Streams []string
	Keys    []string
}

func (c *Conflict) Error() string {
	var b strings.Builder
	b.WriteString("conflict:")
	name := func(kind string, names []string) {
		for i, n := range names {
			if i == 3 {
				fmt.Fprintf(&b, " and %d more", len(names)-i)
				return
			}
			fmt.Fprintf(&b, " %s %q", kind, n)
		}
	}
	name("stream", c.Streams)
	name("key", c.Keys)
	return b.String()
}

// Validate says why a batch can never be written, wrapping [ErrInvalid]: it
// holds nothing, a name is empty or too long, a stream or key appears twice,
// or it is too big. Every engine refuses such a batch before anything else.
func (b Batch) Validate() error {
	switch n := b.parts(); {
	case n == 0:
		return fmt.Errorf("%w: it holds nothing", ErrInvalid)
	case n > MaxParts:
		return fmt.Errorf("%w: %d parts are over %d", ErrInvalid, n, MaxParts)
	}
	if len(b.Op) > MaxKey {
		return fmt.Errorf("%w: op of %d bytes is over %d", ErrInvalid, len(b.Op), MaxKey)
	}
	if size := b.Size(); size > MaxBatch {
		return fmt.Errorf("%w: %d bytes are over %d", ErrInvalid, size, MaxBatch)
	}
	streams := make(map[string]struct{}, len(b.Appends))
	for _, a := range b.Appends {
		if err := part("stream", a.Stream, a.Data, streams); err != nil {
			return err
		}
	}
	written := make(map[string]struct{}, len(b.Puts)+len(b.Erases))
	for _, p := range b.Puts {
		if err := part("key", p.Key, p.Data, written); err != nil {
			return err
		}
	}
	checked := make(map[string]struct{}, len(b.Checks))
	for _, c := range b.Checks {
		if _, put := written[c.Key]; put {
			return fmt.Errorf("%w: key %q is put and checked", ErrInvalid, c.Key)
		}
		if err := part("checked key", c.Key, nil, checked); err != nil {
			return err
		}
	}
	for _, k := range b.Erases {
		if err := part("key", k, nil, written); err != nil {
			return err
		}
	}
	return nil
}

// part checks one name with its data, and that it was not there before.
func part(kind, name string, data []byte, seen map[string]struct{}) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: a %s is empty", ErrInvalid, kind)
	case len(name) > MaxKey:
		return fmt.Errorf("%w: a %s of %d bytes is over %d", ErrInvalid, kind, len(name), MaxKey)
	case len(data) > MaxData:
		return fmt.Errorf("%w: %s %q has %d bytes, over %d", ErrInvalid, kind, name, len(data), MaxData)
	}
	if _, twice := seen[name]; twice {
		return fmt.Errorf("%w: %s %q appears twice", ErrInvalid, kind, name)
	}
	seen[name] = struct{}{}
	return nil
}

// Size is what counts towards [MaxBatch].
func (b Batch) Size() int {
	const each = 16
	n := len(b.Op) + each*b.parts()
	for _, a := range b.Appends {
		n += len(a.Stream) + len(a.Data)
	}
	for _, p := range b.Puts {
		n += len(p.Key) + len(p.Data)
	}
	for _, c := range b.Checks {
		n += len(c.Key)
	}
	for _, k := range b.Erases {
		n += len(k)
	}
	return n
}

func (b Batch) parts() int {
	return len(b.Appends) + len(b.Puts) + len(b.Checks) + len(b.Erases)
}
