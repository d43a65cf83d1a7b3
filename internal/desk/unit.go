package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A unit is one commit in the making: what was read, and what is to be written
// if that still stands.
type unit struct {
	d     *Desk
	by    care.Actor
	now   time.Time
	rules *Rules
	docs  map[string]store.Doc // as read; absent ones have Rev 0
	puts  map[string][]byte
	order []string // of puts
	erase []string
	// relied are documents that a decision was built on without writing them.
	relied []string
	cases  map[care.CaseID]*work
	list   []*work                 // of cases, in the order they were touched
	other  map[string][]care.Event // streams that are no case
	names  []string                // of other, in order

	strands    map[string]*strand
	strandList []*strand // in the order they were read
	contacts   map[care.AuthorKey]*care.Contact
	issues     map[care.IssueID]*care.Issue
}

// work is one case within a unit.
type work struct {
	id     care.CaseID
	before *care.Case
	now    *care.Case // before, and the events
	events []care.Event
	spread care.Spread   // of the mention that came in
	came   *care.Mention // the latest that came in, if it is a complaint
}

func (d *Desk) unit(by care.Actor, docs map[string]store.Doc) *unit {
	return &unit{
		d: d, by: by, now: d.now().UTC().Truncate(time.Millisecond), rules: d.rules.Load(), docs: docs,
		puts: map[string][]byte{}, cases: map[care.CaseID]*work{}, other: map[string][]care.Event{},
		strands: map[string]*strand{}, contacts: map[care.AuthorKey]*care.Contact{}, issues: map[care.IssueID]*care.Issue{},
	}
}

// read makes sure that documents are there, with one round trip for all.
func (u *unit) read(ctx context.Context, keys ...string) error {
	var missing []string
	for _, k := range keys {
		if _, ok := u.docs[k]; !ok {
			u.docs[k] = store.Doc{Key: k} // asked for once
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	docs, err := u.d.st.Get(ctx, missing...)
	if err != nil {
		for _, k := range missing {
			delete(u.docs, k)
		}
		return fmt.Errorf("read documents: %w", err)
	}
	for _, d := range docs {
		u.docs[d.Key] = d
	}
	return nil
}

// doc is a document as this unit will leave it; nil: absent. It must have been read.
func (u *unit) doc(key string) []byte {
	if b, ok := u.puts[key]; ok {
		return b
	}
	if slices.Contains(u.erase, key) {
		return nil
	}
	d, ok := u.docs[key]
	if !ok {
		panic("desk: " + key + " is used before it is read")
	}
	return d.Data
}

func (u *unit) put(key string, data []byte) {
	if _, ok := u.puts[key]; !ok {
		u.order = append(u.order, key)
		u.erase = slices.DeleteFunc(u.erase, func(k string) bool { return k == key })
	}
	u.puts[key] = data
}

// rely makes the commit depend on a document that was read and not written.
func (u *unit) rely(keys ...string) {
	u.relied = append(u.relied, keys...)
}

// drop erases a document.
func (u *unit) drop(key string) {
	if _, ok := u.puts[key]; ok {
		delete(u.puts, key)
		u.order = slices.DeleteFunc(u.order, func(k string) bool { return k == key })
	}
	if !slices.Contains(u.erase, key) {
		u.erase = append(u.erase, key)
	}
}

// work returns a case to work on; one that was never opened is empty.
func (u *unit) work(ctx context.Context, id care.CaseID) (*work, error) {
	if w, ok := u.cases[id]; ok {
		return w, nil
	}
	c, err := u.d.load(ctx, id)
	if err != nil {
		return nil, err
	}
	return u.add(c), nil
}

func (u *unit) add(c *care.Case) *work {
	w := &work{id: c.ID, before: c, now: c.Clone()}
	u.cases[c.ID] = w
	u.list = append(u.list, w)
	return w
}

// load folds a case, from memory where it was used lately.
func (d *Desk) load(ctx context.Context, id care.CaseID) (*care.Case, error) {
	if c, ok := d.cases.Get(id); ok {
		return c, nil
	}
	c := &care.Case{ID: id}
	for r, err := range d.st.Stream(ctx, "case/"+string(id), 0) {
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", id, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("case %s: record %d: %w", id, r.Seq, err)
		}
		for _, e := range rec.Events {
			if u, ok := e.(care.Unknown); ok {
				d.log.Warn("an event of a newer version is passed over", "case", id, "seq", r.Seq, "kind", u.Number)
			}
		}
		c.Apply(uint64(r.Seq), rec)
	}
	if c.Exists() {
		d.cases.Add(id, c)
	}
	return c, nil
}

// emit adds events to a case.
func (u *unit) emit(w *work, events ...care.Event) {
	if len(events) == 0 {
		return
	}
	w.events = append(w.events, events...)
	seq := w.now.Seq
	if !w.now.Exists() {
		seq = ^uint64(0) // a number, until the commit gives the real one
	}
	w.now.Apply(seq, care.Record{At: u.at(w), By: u.by, Events: events})
}

// at is the time of the record: never before the stream's last one.
func (u *unit) at(w *work) time.Time {
	if u.now.Before(w.before.LastAt) {
		return w.before.LastAt
	}
	return u.now
}

// tell adds events to a stream that is no case. Nobody folds it, so it is
// appended wherever it ends.
func (u *unit) tell(stream string, events ...care.Event) {
	if len(events) == 0 {
		return
	}
	if _, ok := u.other[stream]; !ok {
		u.names = append(u.names, stream)
	}
	u.other[stream] = append(u.other[stream], events...)
}

// change takes a decision in.
func (u *unit) change(ctx context.Context, c care.Change) error {
	for _, ce := range c.Cases {
		w, err := u.work(ctx, ce.Case)
		if err != nil {
			return err
		}
		u.emit(w, ce.Events...)
		for _, e := range ce.Events {
			if off, ok := e.(care.SplitOff); ok {
				if err := u.lead(ctx, off.Mentions, ce.Case); err != nil {
					return err
				}
			}
		}
	}
	for _, t := range c.Texts {
		if err := u.keepText(ctx, t); err != nil {
			return err
		}
	}
	for _, s := range c.Claims {
		if err := u.claim(ctx, s); err != nil {
			return err
		}
	}
	if err := u.tellContacts(ctx, c.Contacts); err != nil {
		return err
	}
	for _, f := range c.Facts {
		if err := u.keepFact(ctx, f); err != nil {
			return err
		}
	}
	if err := u.tellIssues(ctx, c.Issues); err != nil {
		return err
	}
	for _, w := range c.Words {
		if err := u.keepWord(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// keepText writes a text, unless it is one that was there and was erased.
func (u *unit) keepText(ctx context.Context, t care.KeptText) error {
	w, err := u.work(ctx, t.Case)
	if err != nil {
		return err
	}
	key := textKey(t.Case, t.N)
	if err := u.read(ctx, key); err != nil {
		return err
	}
	if t.N > w.before.Texts || u.doc(key) != nil {
		u.put(key, t.Text.Encode())
	}
	return nil
}

// lead makes the documents of mentions name the case they are in now.
func (u *unit) lead(ctx context.Context, ms []care.MentionRef, to care.CaseID) error {
	for _, ref := range ms {
		if err := u.read(ctx, mentionKey(ref.Mention)); err != nil {
			return err
		}
		m, ok, err := u.mention(ref.Mention)
		if err != nil {
			return err
		}
		if ok {
			m.Case = to
			u.put(mentionKey(m.ID), m.Encode())
		}
	}
	return nil
}

// mention is a mention's document, which must have been read. ok is false when
// it is gone.
func (u *unit) mention(id care.MentionID) (m care.Mention, ok bool, err error) {
	b := u.doc(mentionKey(id))
	if b == nil {
		return m, false, nil
	}
	m, err = care.DecodeMention(b)
	return m, err == nil, err
}

func (u *unit) claim(ctx context.Context, s care.ClaimSet) error {
	key := claimKey(s.Network, s.Author)
	if err := u.read(ctx, key); err != nil {
		return err
	}
	claims, err := u.claims(key)
	if err != nil {
		return err
	}
	claims.Set(s.Thread, s.Case)
	u.put(key, claims.Encode())
	return nil
}

func (u *unit) claims(key string) (care.Claims, error) {
	b := u.doc(key)
	if b == nil {
		return care.Claims{}, nil
	}
	return care.DecodeClaims(b)
}

// batch adds what follows from the events, and forms what is to be written.
func (u *unit) batch(ctx context.Context, op string) (store.Batch, error) {
	b := store.Batch{Op: op, Erases: u.erase}
	for _, w := range u.list {
		if len(w.events) == 0 {
			continue
		}
		u.follow(w)
		if err := u.acknowledge(ctx, w); err != nil {
			return b, err
		}
		rec := care.Record{At: u.at(w), By: u.by, Events: w.events}
		b.Appends = append(b.Appends, store.Append{Stream: "case/" + string(w.id), After: store.Seq(w.before.Seq), Data: rec.Encode()})
	}
	if err := u.hands(ctx); err != nil {
		return b, err
	}
	b.Appends = append(b.Appends, u.strandAppends()...)
	for _, name := range u.names {
		rec := care.Record{At: u.now, By: u.by, Events: u.other[name]}
		b.Appends = append(b.Appends, store.Append{Stream: name, After: store.Any, Data: rec.Encode()})
	}
	for _, k := range u.order {
		if err := u.read(ctx, k); err != nil {
			return b, err
		}
		b.Puts = append(b.Puts, store.Put{Key: k, Was: u.docs[k].Rev, Data: u.puts[k]})
	}
	slices.Sort(u.relied)
	for _, k := range slices.Compact(u.relied) {
		if _, put := u.puts[k]; !put && !slices.Contains(u.erase, k) {
			b.Checks = append(b.Checks, store.Check{Key: k, Was: u.docs[k].Rev})
		}
	}
	if len(b.Appends)+len(b.Puts)+len(b.Erases) == 0 {
		b.Checks = nil // nothing is decided
	}
	return b, nil
}

// follow adds what the rules make of a case's new events: where it waits, and
// what becomes of its targets.
func (u *unit) follow(w *work) {
	opened := !w.before.Exists()
	routed := slices.ContainsFunc(w.events, func(e care.Event) bool { return e.Kind() == care.Routed{}.Kind() })
	if opened && !routed {
		u.emit(w, u.rules.route(w.now))
	}
	u.emit(w, w.now.Raise(u.rules.Viral, w.spread)...)
	u.emit(w, w.now.Settle(w.before, u.at(w), u.rules)...)
	u.emit(w, w.now.PlanSurvey(w.before, u.rules.Queues[w.now.Queue].Survey)...)
}

// behind says whether another desk on the same store has changed a case that
// this one kept in memory, and forgets it then. A commit finds that out by
// itself; a refusal, or a decision that changes nothing, has to ask.
func (u *unit) behind(ctx context.Context) (behind bool, err error) {
	for _, w := range u.list {
		for _, err := range u.d.st.Stream(ctx, "case/"+string(w.id), store.Seq(w.before.Seq)) {
			if err != nil {
				return false, fmt.Errorf("case %s: %w", w.id, err)
			}
			u.d.cases.Remove(w.id)
			behind = true
			break
		}
	}
	return behind, nil
}

// position is where the cases stood that a decision without effect looked at.
func (u *unit) position() (seq store.Seq) {
	for _, w := range u.list {
		seq = max(seq, store.Seq(w.before.Seq))
	}
	return seq
}

// remember keeps the cases as the commit left them: its records are the last
// ones up to seq, in the batch's order. They are read back, for what is kept in
// memory has to be what the log tells, and the log rounds.
func (u *unit) remember(seq store.Seq, b store.Batch) {
	if b.Op != "" { // it may have been an earlier commit's answer
		u.forget()
		return
	}
	first := uint64(seq) - uint64(len(b.Appends)) + 1
	for i, a := range b.Appends {
		id, ok := strings.CutPrefix(a.Stream, "case/")
		if !ok {
			continue
		}
		w := u.cases[care.CaseID(id)]
		rec, err := care.DecodeRecord(a.Data)
		if err != nil {
			u.d.cases.Remove(w.id)
			continue
		}
		c := w.before.Clone()
		c.Apply(first+uint64(i), rec)
		u.d.cases.Add(w.id, c)
	}
}

func (u *unit) forget() {
	for id := range u.cases {
		u.d.cases.Remove(id)
	}
}

func mentionKey(id care.MentionID) string { return "mention/" + string(id) }

func textKey(id care.CaseID, n int) string { return fmt.Sprintf("text/%s/%d", id, n) }

func claimKey(network string, a care.AuthorKey) string { return "claim/" + network + "/" + string(a) }
