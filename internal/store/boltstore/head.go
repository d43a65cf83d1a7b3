package boltstore

import (
	"sync"

	"github.com/amends-care/amends/internal/store"
)

// A head is the last durable sequence. Whoever waits for the next is woken by
// it, not by a clock.
type head struct {
	mu    sync.Mutex
	last  store.Seq
	moved chan struct{} // closed when last moves on
}

func (h *head) init(seq store.Seq) {
	h.last, h.moved = seq, make(chan struct{})
}

func (h *head) set(seq store.Seq) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq == h.last {
		return
	}
	h.last = seq
	close(h.moved)
	h.moved = make(chan struct{})
}

func (h *head) seq() store.Seq {
	seq, _ := h.now()
	return seq
}

// now returns the last sequence, and what is closed when there is a later one.
func (h *head) now() (store.Seq, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last, h.moved
}
