package demo

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// kept is all of the network that does not follow from the seed: the answers
// that were sent, and when nobody watched. It is a file of JSON lines that
// grows at its end, read on by whoever has it open, so several accounts on one
// file see the same network. Without a path it is in memory only.
type kept struct {
	path   string
	offset int64 // read up to here

	sent     []sentAnswer
	byKey    map[string]int
	to       map[care.Remote][]int // by the post that is answered
	inThread map[care.Remote][]int
	watched  time.Time // last marked
	asleep   []span
}

// A sentAnswer is an answer of ours, as the network keeps it.
type sentAnswer struct {
	Key     string      `json:"key"`
	Network string      `json:"network"`
	To      care.Remote `json:"to"`
	Thread  care.Remote `json:"thread"`
	Text    string      `json:"text"`
	Direct  bool        `json:"direct,omitempty"`
	At      time.Time   `json:"at"`
}

// remote is the network's id of the i-th answer.
func (a sentAnswer) remote(i int) care.Remote {
	v := venueOf(a.Network)
	return v.remote(number(classSent, uint64(i), 0), us(v).ID)
}

// A span is some time.
type span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// keptLine is one line of the file; one field is set.
type keptLine struct {
	Story  *story      `json:"story,omitempty"`
	Sent   *sentAnswer `json:"sent,omitempty"`
	Awake  *time.Time  `json:"awake,omitempty"`
	Asleep *span       `json:"asleep,omitempty"`
}

// A story is what the rest of the network follows from.
type story struct {
	Version int       `json:"version"`
	Seed    uint64    `json:"seed"`
	Start   time.Time `json:"start"`
	Days    int       `json:"days"`
}

const keptVersion = 1

// openKept opens the file. A new one begins with s; of an old one, s becomes
// what it says: it must be of the same seed and length.
func openKept(path string, s *story) (*kept, error) {
	k := &kept{path: path, byKey: map[string]int{}, to: map[care.Remote][]int{}, inThread: map[care.Remote][]int{}}
	if path == "" {
		return k, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, k.write(keptLine{Story: s})
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	first, err := bufio.NewReader(io.LimitReader(f, 4096)).ReadBytes('\n')
	var line keptLine
	if err != nil || json.Unmarshal(first, &line) != nil || line.Story == nil || line.Story.Version != keptVersion {
		return nil, fmt.Errorf("%s is not a demo's file of this version", path)
	}
	if was := line.Story; was.Seed != s.Seed || was.Days != s.Days {
		return nil, fmt.Errorf("%s belongs to a demo with seed %d and %d days: use those, or remove it to start anew", path, was.Seed, was.Days)
	}
	s.Start = line.Story.Start
	return k, k.read()
}

// read takes in what was added since.
func (k *kept) read() error {
	if k.path == "" {
		return nil
	}
	f, err := os.Open(k.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || st.Size() == k.offset {
		return err
	}
	if _, err := f.Seek(k.offset, io.SeekStart); err != nil {
		return err
	}
	for r := bufio.NewReader(f); ; {
		b, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what has no end yet is still being written
		}
		if err != nil {
			return err
		}
		k.offset += int64(len(b))
		var line keptLine
		if json.Unmarshal(b, &line) == nil { // a line cut short by a crash is nothing
			k.take(line)
		}
	}
}

func (k *kept) take(line keptLine) {
	if a := line.Sent; a != nil && venueOf(a.Network) != nil {
		if _, twice := k.byKey[a.Key]; a.Key == "" || !twice {
			i := len(k.sent)
			k.byKey[a.Key] = i
			k.to[a.To] = append(k.to[a.To], i)
			k.inThread[a.Thread] = append(k.inThread[a.Thread], i)
			k.sent = append(k.sent, *a)
		}
	}
	switch {
	case line.Awake != nil && line.Awake.After(k.watched):
		k.watched = *line.Awake
	case line.Asleep != nil && line.Asleep.To.After(k.watched):
		k.watched = line.Asleep.To
		k.asleep = append(k.asleep, *line.Asleep)
	}
}

// add makes a line durable and takes it in.
func (k *kept) add(line keptLine) error {
	if k.path == "" {
		k.take(line)
		return nil
	}
	if err := k.write(line); err != nil {
		return err
	}
	return k.read()
}

func (k *kept) write(line keptLine) error {
	b, err := json.Marshal(line)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(k.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.Size() > 0 { // never go on in a line that a crash cut short
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, st.Size()-1); err == nil && last[0] != '\n' {
			b = append([]byte{'\n'}, b...)
		}
	}
	if _, err := f.Write(append(bytes.TrimRight(b, "\n"), '\n')); err != nil {
		return err
	}
	return f.Sync()
}

// answered says whether we answered in a thread before an instant.
func (k *kept) answered(thread care.Remote, before time.Time) bool {
	for _, i := range k.inThread[thread] {
		if k.sent[i].At.Before(before) {
			return true
		}
	}
	return false
}

// sleeping says whether nobody watched at an instant.
func (k *kept) sleeping(at time.Time) bool {
	for _, s := range k.asleep {
		if at.After(s.From) && !at.After(s.To) {
			return true
		}
	}
	return false
}
