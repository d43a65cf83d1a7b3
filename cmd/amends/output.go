package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/app"
)

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress returns a function that shows what is being done, and one that ends
// it: on one line of a terminal, or else every few seconds on a line of its own.
// What takes under two seconds shows nothing.
func (c console) progress() (show func(string), done func()) {
	var mu sync.Mutex
	began, shown := time.Now(), time.Time{}
	drawn := false
	every := 5 * time.Second
	if c.terminal {
		every = 200 * time.Millisecond
	}
	show = func(s string) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(began) < 2*time.Second || now.Sub(shown) < every {
			return
		}
		shown = now
		if c.terminal {
			fmt.Fprintf(c.err, "\r\x1b[K%s", s)
			drawn = true
			return
		}
		fmt.Fprintln(c.err, s)
	}
	done = func() {
		mu.Lock()
		defer mu.Unlock()
		if drawn {
			fmt.Fprint(c.err, "\r\x1b[K")
		}
	}
	return show, done
}

// ask performs an operation and decodes its answer.
func ask[T any](ctx context.Context, c console, op app.Operator, name string, args any, in io.Reader) (v T, err error) {
	show, done := c.progress()
	defer done()
	var out bytes.Buffer
	if err := op.Do(ctx, name, args, in, &out, show); err != nil {
		return v, err
	}
	return v, json.Unmarshal(out.Bytes(), &v)
}

// print writes v as one line of JSON.
func (c console) print(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (c console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }
