package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"sync"
)

// A Place is how far along the log something has come that follows it, for
// others to wait for. The zero value stands before the first record.
type Place struct {
	mu    sync.Mutex
	pos   Seq
	err   error         // that ended following
	moved chan struct{} // closed when pos moves; nil: nobody waits
}

// Position is the last record that was reached.
func (p *Place) Position() Seq {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pos
}

// Wait returns once a record is reached, or with the error of ctx or of what
// ended following.
func (p *Place) Wait(ctx context.Context, seq Seq) error {
	for {
		p.mu.Lock()
		pos, err := p.pos, p.err
		if p.moved == nil {
			p.moved = make(chan struct{})
		}
		moved := p.moved
		p.mu.Unlock()
		switch {
		case pos >= seq:
			return nil
		case err != nil:
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Reach says that a record is reached. A place never goes back.
func (p *Place) Reach(pos Seq) { p.set(pos, nil) }

// End says that nothing more will be reached, and why.
func (p *Place) End(err error) { p.set(0, err) }

func (p *Place) set(pos Seq, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pos, p.err = max(pos, p.pos), err
	if p.moved != nil {
		close(p.moved)
		p.moved = nil
	}
}

// Digest tells a record from any other that may stand in its place.
func Digest(r Record) []byte {
	h := sha256.New()
	h.Write([]byte(r.Stream))
	h.Write([]byte{0})
	h.Write(r.Data)
	return h.Sum(nil)
}

// Holds says whether the record at a position is the one with a digest: what
// was made from a log up to there can be gone on with. It is not where the store
// was restored from a backup, for one.
func Holds(ctx context.Context, s Store, at Seq, digest []byte) (bool, error) {
	if last, err := Last(ctx, s); err != nil || last < at {
		return false, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for r, err := range s.Tail(ctx, at-1) {
		return err == nil && bytes.Equal(digest, Digest(r)), err
	}
	return false, nil
}
