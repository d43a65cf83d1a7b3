package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// A Calendars gives the calendar of a version, by which working time counts;
// nil when it is not kept: then every hour counts.
type Calendars func(version string) *sla.Calendar

// A Fold is what a log tells up to a position: the facts behind every figure.
// It takes records in the order of the log and can stand anywhere in it.
// Several goroutines may make reports at once, but none while records are
// added.
type Fold struct {
	position  uint64
	at        moment // of the latest record
	calendars Calendars
	known     map[word]*sla.Calendar
	words     words

	ids     []care.CaseID
	byID    map[care.CaseID]uint32
	cases   []fact
	authors map[care.AuthorKey]uint32
	voices  []voice  // of each case
	latest  []uint32 // of each author, counted from 1

	mentions []mention
	replies  []reply
	waits    []wait
	targets  []target
	promises []promise
	acts     []act
	readings []reading
	surveys  []survey
	asked    map[uint32][]int // the surveys of a case
	happened []happening
	surges   []surged
	issue    map[care.IssueID]int // its place among those

	notes care.ChartNotes

	issues map[care.IssueID]uint64 // their numbers
	linked map[uint32][]uint64     // the known issues of a case, in order

	// When the entries of the arrays are: cases by each of their dates, and apart
	// those that are left out unless they are asked for.
	when struct{ cases, apart, voices, mentions, replies, waits, targets, acts extent }
	open set // the cases that are not over

	settles moment // see there
	keeps   keeps

	bulks map[uint32]*taken // of a case: its latest decision in a bulk

	dirty bool // waits of the case at hand may be others now
}

// New is the fold of an empty log. calendars may be nil: then every hour is
// working time.
func New(calendars Calendars) *Fold { return grained(calendars, blockOf, settles) }

// grained is a fold with blocks of a size, of which what is older than settles
// settles.
func grained(calendars Calendars, block int, settles moment) *Fold {
	f := &Fold{
		settles:   settles,
		calendars: calendars, known: map[word]*sla.Calendar{},
		byID: map[care.CaseID]uint32{}, authors: map[care.AuthorKey]uint32{}, bulks: map[uint32]*taken{}, asked: map[uint32][]int{}, issue: map[care.IssueID]int{},
		issues: map[care.IssueID]uint64{}, linked: map[uint32][]uint64{},
	}
	w := &f.when
	for _, x := range []*extent{&w.cases, &w.apart, &w.voices, &w.mentions, &w.replies, &w.waits, &w.targets, &w.acts} {
		x.of = block
	}
	return f
}

// Position is the sequence of the last record taken in.
func (f *Fold) Position() uint64 { return f.position }

// Cases is how many cases the log tells of.
func (f *Fold) Cases() int { return len(f.cases) }

// Add decodes a record and applies it.
func (f *Fold) Add(seq uint64, stream string, data []byte) error {
	if !tells(stream) {
		f.position = max(f.position, seq)
		return nil
	}
	rec, err := care.DecodeRecord(data)
	if err != nil {
		return fmt.Errorf("report: record %d of %s: %w", seq, stream, err)
	}
	f.Apply(seq, stream, rec)
	return nil
}

// tells says whether a stream has something to say to a report.
func tells(stream string) bool {
	return strings.HasPrefix(stream, "case/") || strings.HasPrefix(stream, "source/") || strings.HasPrefix(stream, "issue/") || stream == care.NotesStream || stream == care.SurgesStream
}

// Apply takes the next record of the log. One that was taken already changes
// nothing, so reading may begin anew anywhere before Position.
func (f *Fold) Apply(seq uint64, stream string, r care.Record) {
	if seq <= f.position {
		return
	}
	f.position = seq
	kind, name, _ := strings.Cut(stream, "/")
	if kind == "source" || kind == "issue" {
		f.happen(seq, name, &r)
	}
	switch kind {
	case "desk":
		f.at = max(f.at, momentOf(r.At))
		f.notes.Apply(seq, r)
		f.surge(&r)
	case "case":
		f.at = max(f.at, momentOf(r.At))
		f.applyCase(seq, care.CaseID(name), &r)
	case "source":
		f.at = max(f.at, momentOf(r.At))
		f.reading(name, &r)
	case "issue":
		f.at = max(f.at, momentOf(r.At))
		f.applyIssue(seq, care.IssueID(name), &r)
	}
}

// caseOf is the place of a case, which is made where it is not known.
func (f *Fold) caseOf(id care.CaseID) uint32 {
	n, ok := f.byID[id]
	if !ok {
		n = uint32(len(f.cases))
		f.byID[id] = n
		f.ids = append(f.ids, id)
		f.cases = append(f.cases, fact{hidden: true})
		f.voices = append(f.voices, voice{first: 1 << 62, last: -1 << 62})
	}
	return n
}

func (f *Fold) applyCase(seq uint64, id care.CaseID, r *care.Record) {
	n, says := f.caseOf(id), false
	was := f.cases[n].state
	for _, e := range r.Events {
		says = says || sayings(e)
		if reply, ok := care.NeverSent(e); ok {
			f.unsay(n, reply)
		}
		f.applySurvey(n, r, e)
		if !f.applyBegin(n, seq, r, e) && !f.applyMention(n, r, e) && !f.applyWork(n, r, e) && !f.applyReply(n, r, e) && !f.applyTarget(n, e) {
			f.applyPromise(n, r, e)
		}
	}
	if f.dirty {
		f.dirty = false
		f.follow(n)
	}
	if c := &f.cases[n]; c.hidden || c.over() {
		f.open.remove(n)
	} else {
		f.open.add(n)
	}
	if f.touch(n, seq); says || (was == merged) != (f.cases[n].state == merged) {
		f.told(n, seq)
	}
}

// dated notes a date of a case.
func (f *Fold) dated(n uint32, at moment) {
	f.when.cases.note(int(n), at)
	f.when.voices.note(int(n), at)
	if s := f.words.name(f.cases[n].source); f.cases[n].late || s == importedSource || s == demoSource {
		f.when.apart.note(int(n), at)
	}
}

// applyBegin follows how a case comes to life.
func (f *Fold) applyBegin(n uint32, seq uint64, r *care.Record, e care.Event) bool {
	c := &f.cases[n]
	switch e := e.(type) {
	case care.Opened:
		f.opens(n, seq, r, e.MentionRef, e.Late)
		c.byHand, c.missed = e.ByHand, e.ByHand && !e.Flagged
		f.add(n, &e.MentionRef, mention{})
	case care.SplitOff:
		if len(e.Mentions) == 0 {
			break
		}
		f.opens(n, seq, r, e.Mentions[0], !slices.ContainsFunc(e.Mentions, func(m care.MentionRef) bool { return !m.Late }))
		for i := range e.Mentions {
			m := &e.Mentions[i]
			f.add(n, m, moved(r, m.Mention, e.Answered, e.Deleted, false))
		}
	case care.Routed:
		c.queue, c.policy, c.critical = f.words.word(e.Queue), f.words.word(e.Policy), e.Lane == care.Critical
	default:
		return false
	}
	return true
}

func (f *Fold) opens(n uint32, seq uint64, r *care.Record, m care.MentionRef, late bool) {
	c := &f.cases[n]
	c.late, c.hidden, c.number, c.opened, c.state, c.ended = late, false, seq, momentOf(r.At), waiting, 0
	c.first, c.source = key(m.Mention), f.words.word(m.Source)
	f.dated(n, c.opened)
	f.label(c, &m.Labels)
	if c.author == 0 && m.Author != "" {
		a, ok := f.authors[m.Author]
		if !ok {
			a = uint32(len(f.authors) + 1)
			f.authors[m.Author] = a
		}
		c.author = a
		f.writes(a, n)
	}
	f.did(n, r, actOpened)
}

func (f *Fold) label(c *fact, l *care.Labels) {
	c.brand, c.network, c.language, c.topic = f.words.word(l.Brand), f.words.word(l.Network), f.words.word(l.Language), f.words.word(l.Topic)
	switch l.Severity {
	case care.Low:
		c.severity = low
	case care.High:
		c.severity = high
	default:
		c.severity = unjudged
	}
	switch len(l.Lists) {
	case 0:
		c.lists = 0
	case 1:
		c.lists = f.words.word(l.Lists[0])
	default:
		c.lists = f.words.word(strings.Join(slices.Compact(slices.Sorted(slices.Values(l.Lists))), "+"))
	}
}

// moved is a mention that comes from another case.
func moved(r *care.Record, id care.MentionID, answered, deleted []care.MentionID, foreign bool) mention {
	m := mention{foreign: foreign, before: slices.Contains(answered, id)}
	if slices.Contains(deleted, id) {
		m.deleted = momentOf(r.At)
	}
	return m
}

// add takes a mention in, in whatever order mentions and answers are read, and
// says whether it waits for an answer.
func (f *Fold) add(n uint32, m *care.MentionRef, as mention) (waits bool) {
	id := key(m.Mention)
	if f.mention(n, id) != nil {
		return false
	}
	c := &f.cases[n]
	as.id, as.posted, as.seen = id, momentOf(m.PostedAt), momentOf(m.SeenAt)
	as.of, as.prev = n, c.mentions
	as.source, as.topic = f.words.word(m.Source), f.words.word(m.Labels.Topic)
	as.late, as.flagged, as.praise = m.Late, m.Flagged, m.Wants == "praise"
	if c.over() && as.posted <= c.ended {
		as.shut = true // nothing posted before the end waits for us
	}
	f.when.mentions.note(len(f.mentions), as.seen)
	v := &f.voices[n]
	v.first, v.last = min(v.first, as.posted), max(v.last, as.posted)
	f.mentions = append(f.mentions, as)
	c.mentions = uint32(len(f.mentions))
	if as.deleted == 0 {
		c.withdrawn = 0
	}
	if c.replied == 0 {
		f.begin(n)
	}
	waits = !as.before && !as.shut && as.deleted == 0
	for r := range f.repliesOf(n) {
		if r.answers(&as) {
			if waits = false; !as.foreign {
				f.firstReply(c, r.visible)
			}
		}
	}
	f.dirty = true
	return waits
}

// begin finds the mention with which the wait for a first answer began: the
// oldest that starts a clock; of a late case, the oldest.
func (f *Fold) begin(n uint32) {
	c := &f.cases[n]
	var oldest, any *mention
	for m := range f.mentionsOf(n) {
		if any == nil || m.posted < any.posted {
			any = m
		}
		if !m.late && !m.before && (oldest == nil || m.posted < oldest.posted) {
			oldest = m
		}
	}
	if oldest == nil {
		oldest = any
	}
	if oldest != nil {
		c.began, c.seen = oldest.posted, max(oldest.seen, oldest.posted)
		f.dated(n, c.began)
		f.dated(n, c.seen)
	}
}

func (f *Fold) applyMention(n uint32, r *care.Record, e care.Event) bool {
	c := &f.cases[n]
	switch e := e.(type) {
	case care.MentionAdded:
		f.add(n, &e.MentionRef, mention{})
		if c.state == awaiting {
			f.back(c)
		}
	case care.MentionEdited:
		m := f.mention(n, key(e.Mention))
		if at := momentOf(e.At); m != nil && (at == 0 || at >= m.edited) {
			m.edited, m.flagged, m.topic = max(m.edited, at), e.Flagged, f.words.word(e.Labels.Topic)
			if m.id == c.first {
				f.label(c, &e.Labels)
			}
		}
	case care.MentionDeleted:
		if m := f.mention(n, key(e.Mention)); m != nil {
			m.deleted, f.dirty = momentOf(r.At), true
			f.takenBack(n, m.deleted)
			f.leave(n)
		}
	case care.Reviewed:
		f.review(n, r, e)
	case care.Absorbed:
		waits := false
		for i := range e.Mentions {
			m := &e.Mentions[i]
			if f.add(n, m, moved(r, m.Mention, e.Answered, e.Deleted, true)) {
				waits = true
			}
		}
		if c.state == awaiting && waits {
			f.back(c)
		}
	case care.Parted:
		for _, id := range e.Mentions {
			if m := f.mention(n, key(id)); m != nil {
				m.gone = true
			}
		}
		if c.replied == 0 {
			f.begin(n)
		}
		f.leave(n)
		f.dirty = true
	default:
		return false
	}
	return true
}

// takenBack notes when the customer had deleted all of a case.
func (f *Fold) takenBack(n uint32, at moment) {
	for m := range f.mentionsOf(n) {
		if m.deleted == 0 {
			return
		}
	}
	if c := &f.cases[n]; c.withdrawn == 0 {
		c.withdrawn = at
	}
}

// review counts a person's word on a verdict; of several the last.
func (f *Fold) review(n uint32, r *care.Record, e care.Reviewed) {
	m := f.mention(n, key(e.Mention))
	if m == nil {
		return
	}
	kind := actPassed
	switch {
	case m.flagged && e.Complaint:
		kind = actConfirmed
	case m.flagged:
		kind = actRefused
	case e.Complaint:
		kind = actMissed
	}
	if m.review != 0 {
		if b := f.bulks[n]; b != nil {
			b.reviews = append(b.reviews, reviewed{m.id, m.review, f.acts[m.review-1].kind})
		}
		f.acts[m.review-1].kind = actVoid
	}
	f.did(n, r, kind)
	m.review = uint32(len(f.acts))
}

// back returns a case to whoever had it, or to its queue.
func (f *Fold) back(c *fact) {
	c.state, c.ended = waiting, 0
	if c.assignee != 0 {
		c.state = claimed
	}
}

func (f *Fold) applyWork(n uint32, r *care.Record, e care.Event) bool {
	c := &f.cases[n]
	switch e := e.(type) {
	case care.Assigned:
		f.did(n, r, actOther)
		f.claim(c, r, e.To)
	case care.Released:
		f.did(n, r, actOther)
		c.state, c.assignee, c.ended = waiting, 0, 0
	case care.HandedOff:
		f.did(n, r, actHandedOn)
		if f.claim(c, r, e.To); e.To == "" {
			c.state, c.assignee, c.ended = waiting, 0, 0
		}
	case care.Awaiting:
		c.state = awaiting
		f.did(n, r, actOther)
	case care.Noted:
		f.did(n, r, actHelp)
	case care.Tagged, care.Snoozed, care.Escalated:
		f.did(n, r, actOther)
	case care.Resolved:
		c.disposition = f.words.word(e.Disposition)
		if c.resolved == 0 {
			c.resolved = momentOf(r.At)
		}
		f.close(n, r, resolved)
	case care.Dismissed:
		c.disposition = f.words.word(e.Reason)
		f.close(n, r, dismissed)
	case care.Merged:
		f.close(n, r, merged)
	case care.Reopened:
		c.reopens += min(1, 255-c.reopens)
		c.disposition = 0
		f.reopened(n, r, func() { f.back(c) })
	case care.Unmerged:
		f.unmerge(n, r, e)
	case care.InBulk:
		if !e.Undo {
			f.bulks[n] = &taken{from: len(f.acts)}
		}
	case care.Undone:
		f.undone(n, e)
	default:
		return false
	}
	return true
}

func (f *Fold) claim(c *fact, r *care.Record, to care.AgentID) {
	if to == "" {
		return
	}
	c.state, c.assignee, c.ended = claimed, f.words.word(string(to)), 0
	if c.claimed == 0 {
		c.claimed = momentOf(r.At)
	}
}

// close ends the work on a case; what the customer had written by then waits
// for nothing any more. A merged one goes on elsewhere.
func (f *Fold) close(n uint32, r *care.Record, how state) {
	c := &f.cases[n]
	was := c.over()
	c.state, c.ended = how, momentOf(r.At)
	if how != merged {
		for m := range f.mentionsOf(n) {
			m.shut = m.shut || m.posted <= c.ended
		}
		f.leave(n)
	}
	if !was { // else one that was over was merged
		f.did(n, r, actClosed)
	}
	f.dirty = true
}

func (f *Fold) unmerge(n uint32, r *care.Record, e care.Unmerged) {
	c := &f.cases[n]
	for _, id := range e.Deleted {
		if m := f.mention(n, key(id)); m != nil {
			m.deleted = momentOf(r.At)
		}
	}
	f.leave(n)
	for _, at := range e.Replied {
		f.visible(n, f.reply(n, reply{requested: momentOf(at), told: true}), momentOf(at))
	}
	f.reopened(n, r, func() {
		switch e.State {
		case "":
			f.back(c)
		case care.StateWaiting:
			c.state, c.assignee, c.ended = waiting, 0, 0
		default:
			if c.state = stateOf(e.State); !c.over() {
				c.ended = 0
			}
		}
	})
	f.dirty = true
}

// reopened notes that a case which was over is work again, if do makes it so.
func (f *Fold) reopened(n uint32, r *care.Record, do func()) {
	was := f.cases[n].over()
	if do(); was && !f.cases[n].over() {
		f.did(n, r, actReopened)
	}
}

// did notes an act of the record's actor.
func (f *Fold) did(n uint32, r *care.Record, kind actKind) {
	by := f.words.word(string(r.By.Agent()))
	c := &f.cases[n]
	if by == 0 && (kind == actOther || kind == actHelp) {
		return
	}
	helping := kind == actHelp && c.assignee != 0 && c.assignee != by
	f.when.acts.note(len(f.acts), momentOf(r.At))
	f.acts = append(f.acts, act{at: momentOf(r.At), of: n, prev: c.acts, by: by, kind: kind, helping: helping})
	c.acts = uint32(len(f.acts))
}
