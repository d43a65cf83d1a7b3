package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Arrivals are one page of what a source brought.
type Arrivals struct {
	Source string
	Brand  string // whose mentions these are; a label
	// Cursor is the document source/<name> as it was read before the page was
	// polled, and Next what it becomes: the page counts only if nobody moved it.
	Cursor store.Doc
	Next   []byte
	// Since is until when all that was posted had been read before. What was
	// posted later is never late: it comes late because we did not look. Zero: not
	// known, as of a new source or an import.
	Since time.Time
	Items []Arrival
	Gaps  []care.SourceGap
	// Read, Bad and Repaired count what the page held, for the source's record.
	Read, Bad, Repaired int
	// Cost is what reading it cost, in millionths of a US dollar.
	Cost int
	// Judge gives the mentions that are new or edited their verdicts.
	Judge func(ctx context.Context, ms []*care.Mention) error
	// Lists returns the author lists an author is on. nil: none.
	Lists func(network string, a care.Author) []string
}

// An Arrival is one item of a page.
type Arrival struct {
	What Arrived
	Post care.Post
	Own  bool // written by an account of ours
	// Verdict is set where somebody judged ahead; else Judge is asked.
	Verdict *care.Verdict
}

// Arrived says what happened to a post.
type Arrived string

// What can happen.
const (
	WasSeen    Arrived = "seen"
	WasEdited  Arrived = "edited"
	WasDeleted Arrived = "deleted"
)

// A Receipt tells what became of a page.
type Receipt struct {
	care.SourceRead
	Seq    store.Seq
	Cursor store.Doc // as it stands now, for the next page
}

// Receive takes a page in: mentions, claims, case records and the cursor, in
// one commit. The same page again changes nothing. An error that is a
// [Fenced] says that another reader moved the cursor; any other means that the
// page has to be polled again. Only a page of enormous texts takes more than one
// commit; the cursor moves with the last.
func (d *Desk) Receive(ctx context.Context, a Arrivals) (Receipt, error) {
	var sum care.SourceRead
	for n := a.fits(); n < len(a.Items); n = a.fits() {
		part := a
		part.Items, part.Next, part.Gaps, part.Read, part.Bad, part.Repaired, part.Cost = a.Items[:n], a.Cursor.Data, nil, n, 0, 0, 0
		r, err := d.receive(ctx, part)
		if err != nil {
			return Receipt{}, err
		}
		sum.Add(r.SourceRead)
		a.Items, a.Read = a.Items[n:], a.Read-n
	}
	r, err := d.receive(ctx, a)
	sum.Add(r.SourceRead)
	r.SourceRead = sum
	return r, err
}

// maxPage bounds the texts that one commit takes in, in bytes.
const maxPage = 16 << 20

// fits is how many of the items one commit takes in, at least one.
func (a *Arrivals) fits() int {
	size := 0
	for i := range a.Items {
		size += a.Items[i].size()
		if size > maxPage && i > 0 {
			return i
		}
	}
	return len(a.Items)
}

// size is about what an item takes, in bytes.
func (a *Arrival) size() int {
	n := 1024 + len(a.Post.Text) + len(a.Post.URL) + len(a.Post.Author.Name)
	for _, l := range a.Post.Links {
		n += len(l.URL) + len(l.Alt)
	}
	return n
}

func (d *Desk) receive(ctx context.Context, a Arrivals) (Receipt, error) {
	var p *page
	verdicts := map[string]care.Verdict{} // judged once, also after a conflict
	seq, err := d.commit(ctx, care.ByIntake, "", func(u *unit) error {
		p = &page{unit: u, a: a, verdicts: verdicts}
		return p.take(ctx)
	})
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{SourceRead: p.count, Seq: seq, Cursor: a.Cursor}
	if p.moves {
		docs, err := d.st.Get(ctx, a.Cursor.Key)
		if err != nil {
			return r, fmt.Errorf("read cursor: %w", err)
		}
		r.Cursor = docs[0]
	}
	return r, nil
}

// Fenced says that somebody else reads this source.
type Fenced struct{ Source string }

func (f *Fenced) Error() string { return "source " + f.Source + ": another reader has moved on" }

// A page is Arrivals on their way into a unit.
type page struct {
	*unit
	a        Arrivals
	verdicts map[string]care.Verdict // by key of seen and text
	count    care.SourceRead
	moves    bool // the cursor
	items    []*item
}

// An item is an arrival with what we know of it.
type item struct {
	Arrival
	seen, gone, loose string // document keys
	known             care.MentionID
	m                 care.Mention
	spreads           bool // known, and shared so often that its case is raised
}

func (p *page) take(ctx context.Context) error {
	if err := p.fence(ctx); err != nil {
		return err
	}
	if err := p.sift(ctx); err != nil {
		return err
	}
	if err := p.judge(ctx); err != nil {
		return err
	}
	for _, it := range p.items {
		var err error
		switch {
		case it.What == WasDeleted:
			err = p.deleted(ctx, it)
		case it.spreads:
			err = p.spread(ctx, it)
		case it.known != "":
			err = p.edited(ctx, it)
		case it.Own:
			err = p.own(ctx, it)
		default:
			err = p.fresh(ctx, it)
		}
		if err != nil {
			return err
		}
	}
	p.account()
	return nil
}

// fence makes sure that the cursor is where it was when the page was polled.
func (p *page) fence(ctx context.Context) error {
	if p.a.Cursor.Key == "" {
		return nil // an import has none
	}
	if err := p.read(ctx, p.a.Cursor.Key); err != nil {
		return err
	}
	if p.docs[p.a.Cursor.Key].Rev != p.a.Cursor.Rev {
		return &Fenced{Source: p.a.Source}
	}
	if string(p.a.Next) != string(p.a.Cursor.Data) {
		p.put(p.a.Cursor.Key, p.a.Next)
		p.moves = true
	}
	return nil
}

// sift reads what is known of the page in one round trip, and drops what
// brings nothing: duplicates, known posts that did not change, erased ones.
func (p *page) sift(ctx context.Context) error {
	all := make([]*item, 0, len(p.a.Items))
	keys := make([]string, 0, 4*len(p.a.Items))
	index := make(map[string]int, len(p.a.Items))
	for _, a := range p.a.Items {
		it := &item{Arrival: a}
		n, r := a.Post.Network, a.Post.Remote
		it.seen, it.gone, it.loose = p.d.names.seen(n, r), p.d.names.gone(n, r), p.d.names.loose(&a.Post)
		if i, twice := index[it.seen]; twice {
			p.count.Known++
			if later(it, all[i]) {
				all[i] = it
			}
			continue
		}
		index[it.seen] = len(all)
		all = append(all, it)
		keys = append(keys, it.seen, it.gone, it.loose, claimKey(n, p.d.names.author(&a.Post)))
	}
	if err := p.read(ctx, keys...); err != nil {
		return err
	}
	var stored []string
	for _, it := range all {
		it.known = care.MentionID(p.doc(it.seen))
		switch erased := p.doc(it.gone) != nil; {
		case erased:
			p.count.Known++
			continue
		case it.known == "" && it.What == WasDeleted: // the post itself may be on an older page
			p.count.Known++
			p.put(it.gone, []byte(p.d.ids.next(p.now)))
			continue
		case it.known != "":
			stored = append(stored, mentionKey(it.known))
		}
		p.items = append(p.items, it)
	}
	if err := p.read(ctx, stored...); err != nil {
		return err
	}
	if err := p.dropUnchanged(); err != nil {
		return err
	}
	slices.SortStableFunc(p.items, func(a, b *item) int { // our order, not the page's
		return cmp.Or(a.Post.PostedAt.Compare(b.Post.PostedAt), cmp.Compare(a.Post.Remote, b.Post.Remote))
	})
	return nil
}

// later says whether the second of two arrivals of one post counts.
func later(a, b *item) bool {
	if a.What != b.What {
		return a.What == WasDeleted || a.What == WasEdited && b.What == WasSeen
	}
	return !a.Post.EditedAt.Before(b.Post.EditedAt)
}

func (p *page) dropUnchanged() error {
	kept := p.items[:0]
	for _, it := range p.items {
		if it.known != "" {
			m, ok, err := p.mention(it.known)
			if err != nil {
				return err
			}
			older := !it.Post.EditedAt.IsZero() && it.Post.EditedAt.Before(m.Post.EditedAt)
			// Some networks tell no time of an edit, but a version.
			same := it.Post.Revision == "" || it.Post.Revision == m.Post.Revision
			unchanged := it.Post.Text == m.Post.Text || older || it.What == WasSeen && same && !it.Post.EditedAt.After(m.Post.EditedAt)
			it.spreads = ok && !m.Deleted && unchanged && it.What == WasSeen && m.Case != "" && !m.Own && p.spreads(&it.Post, &m.Post)
			if !ok || m.Deleted || unchanged && it.What != WasDeleted && !it.spreads {
				p.count.Known++
				continue
			}
			it.m = m
		}
		kept = append(kept, it)
	}
	p.items = kept
	return nil
}

// judge makes mentions of what is new, and has them judged together.
func (p *page) judge(ctx context.Context) error {
	var ms []*care.Mention
	var keys []string
	for _, it := range p.items {
		if it.What == WasDeleted || it.spreads {
			continue
		}
		if it.known == "" {
			it.m = p.newMention(it)
		} else {
			it.m.Post = edit(it.m.Post, it.Post)
		}
		if it.m.Own {
			continue
		}
		if it.Verdict != nil {
			it.m.Verdict = *it.Verdict
			p.label(&it.m)
			continue
		}
		key := it.seen + "\x00" + it.m.Post.Text
		if v, ok := p.verdicts[key]; ok {
			it.m.Verdict = v
			continue
		}
		ms, keys = append(ms, &it.m), append(keys, key)
	}
	if len(ms) == 0 || p.a.Judge == nil {
		return nil
	}
	if err := p.a.Judge(ctx, ms); err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	for i, m := range ms {
		p.label(m)
		p.verdicts[keys[i]] = m.Verdict
	}
	return nil
}

// label adds what is known of a mention without reading its text.
func (p *page) label(m *care.Mention) {
	l := &m.Verdict.Labels
	l.Network, l.Brand, l.At, l.Reach = m.Post.Network, p.a.Brand, m.Post.PostedAt, m.Post.Author.Followers
	if p.rules.Viral.Viral(care.Spread{Reach: l.Reach, Shares: m.Post.Shares}) != "" && !slices.Contains(l.Urgency, care.Viral) {
		l.Urgency = append(slices.Clone(l.Urgency), care.Viral)
	}
	if p.a.Lists != nil {
		l.Lists = p.a.Lists(m.Post.Network, m.Post.Author)
	}
}

func (p *page) newMention(it *item) care.Mention {
	post := it.Post
	if post.PostedAt.IsZero() || post.PostedAt.After(p.now) { // a clock that runs ahead is not believed
		post.PostedAt = p.now
	}
	// What stands in a document has to be what the log tells, and the log has milliseconds.
	post.PostedAt, post.EditedAt = post.PostedAt.Truncate(time.Millisecond), post.EditedAt.Truncate(time.Millisecond)
	if post.Thread == "" {
		post.Thread = threadOf(&post)
	}
	old := p.now.Sub(post.PostedAt) > p.rules.LateAfter
	missed := !p.a.Since.IsZero() && !post.PostedAt.Before(p.a.Since)
	return care.Mention{
		Source: p.a.Source, SeenAt: p.now, Own: it.Own, Late: old && !missed, Post: post,
		Author: p.d.names.author(&post), Thread: p.d.names.thread(&post),
	}
}

// edit puts what the author changed over what we have.
func edit(old, now care.Post) care.Post {
	old.Text, old.Links, old.Revision, old.Rating = now.Text, now.Links, now.Revision, now.Rating
	old.EditedAt = now.EditedAt
	if now.Author.Handle != "" {
		old.Author = now.Author
	}
	return old
}

// keep gives a new mention its id and its documents.
func (p *page) keep(it *item) {
	it.m.ID = care.MentionID(p.d.ids.next(p.now))
	p.put(it.seen, []byte(it.m.ID))
	p.put(mentionKey(it.m.ID), it.m.Encode())
	p.count.New++
	if p.count.First == "" {
		p.count.First = it.m.ID
	}
	p.count.Last = it.m.ID
	if it.m.Post.PostedAt.After(p.count.Newest) {
		p.count.Newest = it.m.Post.PostedAt
	}
}

// account writes the source's record, if the page brought anything.
func (p *page) account() {
	c := &p.count
	c.Read, c.Bad, c.Repaired = p.a.Read, p.a.Bad, p.a.Repaired
	stream := "source/" + p.a.Source
	if c.New+c.Edited+c.Deleted+c.Bad > 0 {
		p.tell(stream, *c)
	}
	if p.a.Cost > 0 {
		p.tell(stream, care.SourceCharged{Micros: p.a.Cost})
	}
	for _, g := range p.a.Gaps {
		for _, it := range p.items {
			if at := it.m.Post.PostedAt; it.known == "" && it.m.ID != "" && !at.Before(g.From) && at.Before(g.To) {
				g.Recovered++
			}
		}
		p.tell(stream, g)
	}
}

// ref is what the log keeps of a mention.
func (u *unit) ref(m *care.Mention) care.MentionRef {
	return care.MentionRef{
		Mention: m.ID, Author: m.Author, Thread: m.Thread, PostedAt: m.Post.PostedAt, SeenAt: m.SeenAt,
		Flagged: m.Verdict.Complaint, Late: m.Late,
		Source: m.Source, Wants: m.Verdict.Wants, Labels: m.Verdict.Labels,
	}
}
