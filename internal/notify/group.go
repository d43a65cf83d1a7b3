package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Policy says which notices belong in one message, and when it is sent. The
// words are Alertmanager's.
type Policy struct {
	// By names the labels whose values make a group; without any, all notices
	// to one receiver are one group.
	By []string
	// Wait is how long a new group waits for more before its first message.
	Wait time.Duration
	// Interval is how long after a message the next one about new notices may follow.
	Interval time.Duration
	// Repeat is how long after a message the same is said again while it holds; 0: never.
	Repeat time.Duration
}

// A Pending is a notice that holds from Since until Until.
type Pending struct {
	Notice Notice
	Labels map[string]string
	Since  time.Time
	Until  time.Time // zero: it still holds
}

// A Silence keeps notices with all of these labels quiet from From until Until.
type Silence struct {
	Match       map[string]string
	From, Until time.Time
}

// A Message is one that was sent about a group: what Due must remember.
type Message struct {
	Group string
	At    time.Time
	Keys  []string // of the notices in it
}

// A Group is a message to be sent now.
type Group struct {
	Name    string    // the values of the policy's labels
	Key     string    // unique for this message, for ever: the same however often it is worked out
	Notices []Pending // the new ones first, each kind oldest first
	New     int       // how many were in no message before
}

// Due says what to send at now. It is a function of what it is given: the same
// question has the same answer after a restart and on another node. next is
// when to ask again if nothing changes; zero: never.
func Due(p Policy, pending []Pending, silences []Silence, sent []Message, now time.Time) (due []Group, next time.Time) {
	soonest := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	groups := map[string][]Pending{}
	for _, n := range unique(pending) {
		if !n.Until.IsZero() && !n.Until.After(now) {
			continue
		}
		quiet := false
		for _, s := range silences {
			if !s.covers(n) || !s.Until.After(now) {
				continue
			}
			if s.From.After(now) {
				soonest(s.From)
				continue
			}
			quiet = true
			soonest(s.Until)
		}
		if n.Since.After(now) {
			soonest(n.Since)
		} else if !quiet {
			name := p.group(n)
			groups[name] = append(groups[name], n)
		}
	}
	for name, all := range groups {
		g, at := p.message(name, all, sent)
		if at.IsZero() {
			continue
		}
		if at.After(now) {
			soonest(at)
			continue
		}
		due = append(due, g)
	}
	slices.SortFunc(due, func(a, b Group) int { return cmp.Compare(a.Name, b.Name) })
	return due, next
}

// unique leaves one notice of each key: the one that holds longest, from when
// it first held.
func unique(pending []Pending) []Pending {
	at := map[string]int{}
	var all []Pending
	for _, n := range pending {
		i, known := at[n.Notice.Key]
		if !known {
			at[n.Notice.Key] = len(all)
			all = append(all, n)
			continue
		}
		if n.Since.Before(all[i].Since) {
			all[i].Since = n.Since
		}
		if n.Until.IsZero() || !all[i].Until.IsZero() && n.Until.After(all[i].Until) {
			all[i].Until = n.Until
		}
	}
	return all
}

func (s Silence) covers(n Pending) bool {
	for label, want := range s.Match {
		if n.Labels[label] != want {
			return false
		}
	}
	return len(s.Match) > 0 // one that matches everything is a mistake
}

// group is the name of a notice's group: no two groups share one.
func (p Policy) group(n Pending) string {
	var b strings.Builder
	for _, label := range p.By {
		fmt.Fprintf(&b, "%s=%q ", label, n.Labels[label])
	}
	return strings.TrimSpace(b.String())
}

// message is the group's next message, and when it is to go; zero: never.
func (p Policy) message(name string, all []Pending, sent []Message) (Group, time.Time) {
	told := map[string]bool{}
	var last time.Time
	count := 0
	for _, m := range sent {
		if m.Group != name {
			continue
		}
		count++
		if m.At.After(last) {
			last = m.At
		}
		for _, k := range m.Keys {
			told[k] = true
		}
	}
	slices.SortFunc(all, func(a, b Pending) int {
		if x, y := told[a.Notice.Key], told[b.Notice.Key]; x != y {
			if y {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Notice.Key, b.Notice.Key))
	})
	g := Group{Name: name, Notices: all}
	var first time.Time // the oldest that nobody was told of
	for _, n := range all {
		if !told[n.Notice.Key] {
			if g.New++; first.IsZero() {
				first = n.Since
			}
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d", name, count))
	g.Key = hex.EncodeToString(sum[:12])
	switch {
	case g.New == 0 && p.Repeat <= 0:
		return g, time.Time{}
	case g.New == 0:
		return g, last.Add(max(p.Repeat, p.Interval))
	case count == 0:
		return g, first.Add(p.Wait)
	}
	// A group that was quiet for long waits for more again, as a new one does.
	if at := first.Add(p.Wait); at.After(last.Add(p.Interval)) {
		return g, at
	}
	return g, last.Add(p.Interval)
}

// Keys are the notices in a group, to be remembered with its message.
func (g Group) Keys() []string {
	keys := make([]string, len(g.Notices))
	for i, n := range g.Notices {
		keys[i] = n.Notice.Key
	}
	return keys
}

// listed is how many notices a message names.
const listed = 20

// Notice is the group as one message: a single notice as it is, several with
// their titles and links. link is where all of them can be seen.
func (g Group) Notice(link string, now time.Time) Notice {
	if len(g.Notices) == 1 {
		n := g.Notices[0].Notice
		n.Key = g.Key
		return n
	}
	n := Notice{Key: g.Key, Link: link, Severity: Note, At: now}
	var b strings.Builder
	for i, p := range g.Notices {
		n.Severity = worse(n.Severity, p.Notice.Severity)
		if i >= listed {
			continue
		}
		clean := p.Notice.Clean()
		fmt.Fprintf(&b, "- %s\n", clean.Title)
		if clean.Link != "" {
			fmt.Fprintf(&b, "  %s\n", clean.Link)
		}
	}
	if more := len(g.Notices) - listed; more > 0 {
		fmt.Fprintf(&b, "… and %d more\n", more)
	}
	n.Body = b.String()
	n.Title = fmt.Sprintf("%d notices: %s", len(g.Notices), g.Notices[0].Notice.Clean().Title)
	if g.New > 0 && g.New < len(g.Notices) {
		n.Title = fmt.Sprintf("%d notices, %d new: %s", len(g.Notices), g.New, g.Notices[0].Notice.Clean().Title)
	}
	return n
}

func worse(a, b Severity) Severity {
	rank := []Severity{Note, Warning, Critical}
	if slices.Index(rank, b) > slices.Index(rank, a) {
		return b
	}
	return a
}
