package file

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// patience is how long a poll waits for a stream that has nothing to say.
const patience = time.Second

// A stream reads standard input. What was read and not kept when the program
// ends is lost, since a stream can't be read twice; within one run a page is
// told again until it is kept.
type stream struct {
	most int

	mu      sync.Mutex
	r       *Reader
	run     string    // names this stream, so that an older run's cursor is no place in it
	pages   int       // told so far
	last    told      // the last page
	reading chan told // what the reading goroutine brings; nil: none
	ended   bool
	broken  error // why it ended, if it should not have
}

type told struct {
	from string // the cursor it was asked with
	page network.Page
	err  error
}

func newStream(in io.Reader, most int) *stream {
	now := time.Now()
	return &stream{most: most, r: NewReader(in, "", now), run: fmt.Sprintf("%x", now.UnixNano())}
}

// Poll implements [network.Account]. A stream that is silent gives an empty
// page after a second. Reading goes on meanwhile in a goroutine that nothing
// can wait for, since a read of standard input can't be interrupted; there is
// one at most, and the next Poll takes what it brings.
func (s *stream) Poll(ctx context.Context, cursor string) (network.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages > 0 && cursor == s.last.from {
		return s.last.page, nil
	}
	if s.broken != nil {
		return network.Page{}, typed(s.broken)
	}
	if s.ended {
		return network.Page{Next: cursor}, nil
	}
	if s.reading == nil {
		s.reading = make(chan told, 1)
		go s.read(s.reading, s.r, time.Now().UTC())
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got := <-s.reading:
		s.reading = nil
		return s.tell(cursor, got)
	case <-timer.C:
		return network.Page{Next: cursor}, nil
	case <-ctx.Done():
		return network.Page{}, network.Transient.Because("reading was cancelled", ctx.Err())
	}
}

func (s *stream) read(to chan<- told, r *Reader, now time.Time) {
	r.now = now
	p, err := r.readReady(s.most)
	to <- told{page: p, err: err}
}

// tell takes over what was read. What came before the stream broke is told
// first, and kept before the error is.
func (s *stream) tell(cursor string, got told) (network.Page, error) {
	s.broken = got.err
	s.ended = !got.page.More
	if got.err != nil && len(got.page.Items)+len(got.page.Bad) == 0 {
		return network.Page{}, typed(got.err)
	}
	s.pages++
	got.from, got.page.Next = cursor, fmt.Sprintf("%s.%d", s.run, s.pages)
	s.last = got
	return got.page, nil
}
