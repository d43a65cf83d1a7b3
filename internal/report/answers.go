package report

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// mentionsOf are the mentions that are in a case, the latest taken in first.
func (f *Fold) mentionsOf(n uint32) iter.Seq[*mention] {
	return func(yield func(*mention) bool) {
		for i := f.cases[n].mentions; i != 0; {
			m := &f.mentions[i-1]
			if i = m.prev; !m.gone && !yield(m) {
				return
			}
		}
	}
}

func (f *Fold) mention(n uint32, id uint64) *mention {
	for m := range f.mentionsOf(n) {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (f *Fold) repliesOf(n uint32) iter.Seq[*reply] {
	return func(yield func(*reply) bool) {
		for i := f.cases[n].replies; i != 0; {
			r := &f.replies[i-1]
			if i = r.prev; !yield(r) {
				return
			}
		}
	}
}

// reply takes a reply in.
func (f *Fold) reply(n uint32, r reply) *reply {
	c := &f.cases[n]
	r.of, r.prev = n, c.replies
	f.replies = append(f.replies, r)
	c.replies = uint32(len(f.replies))
	return &f.replies[len(f.replies)-1]
}

// placeOf is where a reply of a case stands.
func (f *Fold) placeOf(n uint32, p *reply) int {
	i := f.cases[n].replies
	for &f.replies[i-1] != p {
		i = f.replies[i-1].prev
	}
	return int(i) - 1
}

// answers says whether a mention got its answer by this reply: what it was
// written to, and all that the customer had posted by the time it was written.
// It is the rule of care.Case.
func (r *reply) answers(m *mention) bool {
	return r.visible != 0 && (r.to == m.id && m.id != 0 || r.requested >= m.posted)
}

func (f *Fold) applyReply(n uint32, r *care.Record, e care.Event) bool {
	find := func(number int) *reply {
		for p := range f.repliesOf(n) {
			if p.n == int32(number) && number != 0 {
				return p
			}
		}
		return nil
	}
	switch e := e.(type) {
	case care.ReplyRequested:
		if f.did(n, r, actHelp); find(e.Reply) == nil && !e.Automatic { // what no person wrote answers nothing
			f.reply(n, reply{n: int32(e.Reply), to: key(e.To), requested: momentOf(r.At)})
		}
	case care.ReplySent:
		if p := find(e.Reply); p != nil {
			f.visible(n, p, momentOf(e.VisibleAt))
		}
	case care.ReplySeen:
		at := momentOf(e.VisibleAt)
		f.visible(n, f.reply(n, reply{to: key(e.To), requested: at}), at)
	default:
		return false
	}
	return true
}

// visible follows an answer that the customer can see.
func (f *Fold) visible(n uint32, p *reply, at moment) {
	c := &f.cases[n]
	p.visible = at
	f.when.replies.note(f.placeOf(n, p), at)
	is := p.n != 0 // what was seen before the customer wrote, and is to nothing of the case, is none
	for m := range f.mentionsOf(n) {
		is = is || !m.foreign && p.answers(m)
	}
	if is {
		f.firstReply(c, at)
	}
	for i := c.targets; i != 0; {
		t := &f.targets[i-1]
		i = t.prev
		if t.kind == resolution || t.state != breached {
			continue
		}
		m := f.mention(n, t.mention)
		if (t.mention == 0 || m != nil && p.answers(m)) && (t.done == 0 || at < t.done) {
			t.done = at
		}
	}
	f.dirty = true
}

// firstReply keeps the instant of the first answer.
func (f *Fold) firstReply(c *fact, at moment) {
	if at == 0 || c.replied != 0 && at >= c.replied {
		return
	}
	c.replied = at
	f.dirty = true
}

// calendar is the one of a version; nil: every hour counts.
func (f *Fold) calendar(version word) *sla.Calendar { return f.known[version] }

// work is the working time between two moments in whole seconds.
func work(cal *sla.Calendar, from, to moment) uint32 {
	if cal == nil || to <= from {
		return seconds(from, to)
	}
	return uint32(min(cal.Elapsed(from.time(), to.time())/time.Second, math.MaxUint32>>1))
}

// follow measures the first response, and finds the waits of a case anew: from the oldest mention without an
// answer to the reply that answers it, the first answer aside.
func (f *Fold) follow(n uint32) {
	c, cal := &f.cases[n], f.calendar(f.cases[n].calendar)
	if c.replied != 0 {
		c.workCustomer, c.workDesk = work(cal, c.began, c.replied), work(cal, c.seen, c.replied)
	}
	var replies []*reply
	for r := range f.repliesOf(n) {
		if r.visible != 0 {
			replies = append(replies, r)
		}
	}
	var open []*mention
	for m := range f.mentionsOf(n) {
		if !m.late {
			open = append(open, m)
		}
	}
	var found []wait
	if c.replied != 0 && len(open) > 0 {
		slices.SortFunc(replies, func(a, b *reply) int { return cmp.Compare(a.visible, b.visible) })
		slices.SortFunc(open, func(a, b *mention) int { return cmp.Or(cmp.Compare(a.posted, b.posted), cmp.Compare(a.id, b.id)) })
		found = f.pair(c, replies, open)
	}
	place := func(i uint32, w wait) {
		if w.end != 0 {
			w.work, w.workDk = work(cal, w.start, w.end), work(cal, w.seen, w.end)
		}
		w.of, w.prev = n, f.waits[i-1].prev
		if w.how != void {
			f.when.waits.note(int(i-1), w.start)
			f.when.waits.note(int(i-1), w.seen)
		}
		f.waits[i-1] = w
	}
	i := c.waits
	for ; i != 0; i = f.waits[i-1].prev { // those that stand there take the first ones
		if len(found) == 0 {
			place(i, wait{how: void})
			continue
		}
		place(i, found[0])
		found = found[1:]
	}
	for _, w := range found {
		f.waits = append(f.waits, wait{prev: c.waits})
		c.waits = uint32(len(f.waits))
		place(c.waits, w)
	}
}

// pair gives each wait its answer. Mentions and replies are in order.
func (f *Fold) pair(c *fact, replies []*reply, open []*mention) (found []wait) {
	for _, r := range replies {
		var oldest *mention
		open = slices.DeleteFunc(open, func(m *mention) bool {
			if !r.answers(m) || m.deleted != 0 && m.deleted < r.visible {
				return false
			}
			if (oldest == nil || m.posted < oldest.posted) && !m.before {
				oldest = m
			}
			return true
		})
		if oldest != nil && r.visible != c.replied {
			found = append(found, wait{start: oldest.posted, seen: max(oldest.seen, oldest.posted), end: r.visible, how: answered})
		}
	}
	var last *wait
	for _, m := range open {
		if m.posted < c.began || m.before || m.deleted != 0 || m.shut && m.praise {
			continue // thanks that nobody had to answer were no wait
		}
		w := wait{start: m.posted, seen: max(m.seen, m.posted)}
		if m.shut { // closed with the case
			w.how, w.end = closed, c.ended
			if w.end == 0 {
				w.end = m.posted // it was reopened since
			}
		}
		if last == nil || last.how != w.how || last.end != w.end {
			found = append(found, w)
			last = &found[len(found)-1]
		}
	}
	return found
}

func (f *Fold) targetOf(n uint32, k targetKind) *target {
	for i := f.cases[n].targets; i != 0; i = f.targets[i-1].prev {
		if f.targets[i-1].kind == k {
			return &f.targets[i-1]
		}
	}
	return nil
}

func (f *Fold) applyTarget(n uint32, e care.Event) bool {
	set := func(k care.TargetKind, do func(*target)) {
		if t := f.targetOf(n, targetKindOf(k)); t != nil {
			do(t)
		}
	}
	switch e := e.(type) {
	case care.TargetSet:
		f.setTarget(n, e)
	case care.TargetPaused:
		set(e.Target, func(t *target) { t.state = paused })
	case care.TargetMet:
		set(e.Target, func(t *target) { t.state, t.done = met, momentOf(e.At) })
	case care.TargetBreached:
		set(e.Target, func(t *target) {
			t.state = breached
			if t.kind != resolution {
				t.done = f.answeredAt(n, t)
			}
		})
		f.leave(n)
	case care.TargetCorrected:
		set(e.Target, func(t *target) { t.state, t.done, t.how = met, momentOf(e.At), notEnded })
	case care.TargetEnded:
		set(e.Target, func(t *target) { t.state, t.how = ended, endingOf(e.How) })
	default:
		return false
	}
	return true
}

// setTarget starts a target, or moves one: what is still owed goes on with
// other instants, and so does what a merge ended and an unmerge gives back.
// First response and resolution there is once in a case.
func (f *Fold) setTarget(n uint32, e care.TargetSet) {
	c, kind := &f.cases[n], targetKindOf(e.Target)
	if c.calendar == 0 && e.Calendar != "" {
		c.calendar = f.words.word(e.Calendar)
		if _, ok := f.known[c.calendar]; !ok && f.calendars != nil {
			f.known[c.calendar] = f.calendars(e.Calendar)
		}
	}
	now := target{
		mention: key(e.Mention), atRisk: momentOf(e.AtRiskAt), due: momentOf(e.DueAt),
		of: n, policy: f.words.word(e.Policy), kind: kind,
	}
	for i := c.targets; i != 0; i = f.targets[i-1].prev {
		t := &f.targets[i-1]
		if t.kind != kind {
			continue
		}
		if kind != nextResponse || t.owed() || t.how == asMerged {
			now.prev = t.prev
			*t = now
			f.when.targets.note(int(i-1), now.due)
			return
		}
		break
	}
	now.prev = c.targets
	f.targets = append(f.targets, now)
	c.targets = uint32(len(f.targets))
	f.when.targets.note(len(f.targets)-1, now.due)
	if kind == firstResponse {
		c.response = c.targets
	}
}

// answeredAt is when the wait of a target came to its end; 0: it did not.
func (f *Fold) answeredAt(n uint32, t *target) (at moment) {
	m := f.mention(n, t.mention)
	for r := range f.repliesOf(n) {
		if m != nil && r.answers(m) && (at == 0 || r.visible < at) {
			at = r.visible
		}
	}
	return at
}

// leave notes of broken targets that nothing is left to be done.
func (f *Fold) leave(n uint32) {
	c := &f.cases[n]
	for i := c.targets; i != 0; i = f.targets[i-1].prev {
		t := &f.targets[i-1]
		switch {
		case t.state != breached || !t.owed():
		case t.kind == resolution && c.over():
			t.done = c.ended
		case t.kind == resolution:
		case c.state == resolved:
			t.how = unanswered
		case c.state == dismissed:
			t.how = asDismissed
		default:
			if m := f.mention(n, t.mention); m != nil && m.deleted != 0 && !f.owes(n) {
				t.how = asWithdrawn
			}
		}
	}
}

// owes says that the customer waits for an answer to something that is there.
func (f *Fold) owes(n uint32) bool {
	for m := range f.mentionsOf(n) {
		if m.deleted != 0 || m.late || m.shut || m.before {
			continue
		}
		told := false
		for r := range f.repliesOf(n) {
			told = told || r.visible != 0 && r.answers(m)
		}
		if !told {
			return true
		}
	}
	return false
}

// unsay lets what a reply promised that was never sent count as never promised.
func (f *Fold) unsay(n uint32, reply int) {
	for i := f.cases[n].promises; i != 0; i = f.promises[i-1].prev {
		if p := &f.promises[i-1]; p.reply == int32(reply) && reply != 0 {
			p.void = true
		}
	}
}

func (f *Fold) applyPromise(n uint32, r *care.Record, e care.Event) {
	find := func(number int) *promise {
		for i := f.cases[n].promises; i != 0; i = f.promises[i-1].prev {
			if f.promises[i-1].n == int32(number) {
				return &f.promises[i-1]
			}
		}
		return nil
	}
	switch e := e.(type) {
	case care.PromiseMade:
		f.did(n, r, actHelp)
		c := &f.cases[n]
		if find(e.Promise) != nil {
			break
		}
		due := momentOf(e.DueAt)
		f.promises = append(f.promises, promise{
			made: momentOf(r.At), due: due, until: due, of: n, prev: c.promises, n: int32(e.Promise), reply: int32(e.Reply), owner: f.words.word(string(e.Owner)),
		})
		c.promises = uint32(len(f.promises))
	case care.PromiseKept:
		f.did(n, r, actHelp)
		if p := find(e.Promise); p != nil && p.done == 0 {
			p.done = momentOf(r.At)
		}
	case care.PromiseSlipped:
		if p := find(e.Promise); p != nil && momentOf(e.At) >= p.until {
			p.slip = true
		}
	case care.PromiseRenegotiated:
		f.did(n, r, actOther)
		// A time that the customer was not told of moves nothing for the customer.
		if p := find(e.Promise); p != nil && e.Told {
			p.told, p.until, p.reply = true, momentOf(e.DueAt), 0
		}
	}
}
