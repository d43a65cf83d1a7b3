package feed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A mark is the cursor: what the feed said and had when it was last read.
type mark struct {
	V        int       `json:"v"`
	Feed     string    `json:"f"`          // which feed this is a mark of
	ETag     string    `json:"e,omitzero"` //
	Modified string    `json:"m,omitzero"`
	Begin    time.Time `json:"b,omitzero"` // the source reads nothing that was written long before
	At       time.Time `json:"a,omitzero"` // when the feed last changed for us
	Newest   time.Time `json:"n,omitzero"` // the newest entry that tells when it was written
	Had      []byte    `json:"h,omitzero"` // prints of the entries, see [printOf]
}

const (
	markVersion = 1
	maxCursor   = 4096
	maxEntries  = 256
	printSize   = 8 // 5 bytes of an entry's id, 3 of its words
	idSize      = 5
)

// olderThanBegin is how much older than the source an entry may be that appears
// later: one that comes back because a newer one was deleted is no news.
const olderThanBegin = 24 * time.Hour

type fingerprint [printSize]byte

func (p fingerprint) id() [idSize]byte { return [idSize]byte(p[:idSize]) }

// printOf is what is kept of an entry.
func printOf(p *care.Post) (out fingerprint) {
	id, words := sha256.Sum256([]byte(p.Remote)), sha256.Sum256([]byte(p.Text))
	copy(out[:idSize], id[:])
	copy(out[idSize:], words[:])
	return out
}

func feedID(url string) string {
	sum := sha256.Sum256([]byte(url))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func readMark(cursor, url string) (mark, error) {
	fresh := mark{V: markVersion, Feed: feedID(url)}
	if cursor == "" {
		return fresh, nil
	}
	var m mark
	if err := json.Unmarshal([]byte(cursor), &m); err != nil || m.V != markVersion || len(m.Had)%printSize != 0 {
		return mark{}, &network.Error{Fault: network.Malformed, Unsent: true, Again: true,
			Err: network.Explain("the stored cursor can't be read by this version")}
	}
	if m.Feed != fresh.Feed {
		return fresh, nil
	}
	return m, nil
}

func (m mark) String() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic("a mark is always JSON: " + err.Error())
	}
	return string(b)
}

// take makes of a feed's entries what is to be delivered, and the next mark.
func (m mark) take(entries []entry, got answer, back time.Duration) (network.Page, error) {
	first := m.Begin.IsZero()
	if first {
		m.Begin = got.now.Add(-back)
	}
	had := map[[idSize]byte]fingerprint{}
	for b := range slices.Chunk(m.Had, printSize) {
		p := fingerprint(b)
		had[p.id()] = p
	}
	var page network.Page
	next := mark{V: markVersion, Feed: m.Feed, ETag: got.etag, Modified: got.date, Begin: m.Begin, At: got.now, Newest: m.Newest}
	left, dated, oldest := 0, true, time.Time{}
	for _, e := range entries {
		p := printOf(&e.post)
		next.Had = append(next.Had, p[:]...)
		old, known := had[p.id()]
		if known {
			left++
		}
		if it, ok := m.item(e, first, known, old != p, got.now, back); ok {
			page.Items = append(page.Items, it)
		}
		if dated = dated && e.dated; !e.dated {
			continue
		}
		if at := e.post.PostedAt; at.After(next.Newest) {
			next.Newest = at
		}
		if at := e.post.PostedAt; oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	if len(had) > 0 && left == 0 && len(entries) > 0 {
		switch {
		case !dated:
			page.Gaps = []network.Gap{{From: m.At, To: got.now, Why: fellOff}}
		case oldest.After(m.Newest):
			page.Gaps = []network.Gap{{From: m.Newest, To: oldest, Why: fellOff}}
		}
	}
	slices.SortStableFunc(page.Items, func(a, b network.Item) int { return a.Post.PostedAt.Compare(b.Post.PostedAt) })
	if len(next.Had) == 0 {
		next.Had = m.Had // an empty feed is likelier a mishap than an end
	}
	if slices.Equal(next.Had, m.Had) && !first {
		next.At = m.At // nothing to write down for the sake of the time alone
	}
	if page.Next = next.String(); len(page.Next) > maxCursor {
		next.ETag, next.Modified = "", ""
		page.Next = next.String()
	}
	return page, nil
}

const fellOff = "nothing that the feed had last time is left in it: entries may have come and gone in between"

// item is what is told of an entry, if anything.
func (m mark) item(e entry, first, known, changed bool, now time.Time, back time.Duration) (network.Item, bool) {
	switch p := e.post; {
	case known && !changed:
		return network.Item{}, false
	case known:
		if p.EditedAt = e.updated; p.EditedAt.IsZero() {
			p.EditedAt = now
		}
		return network.Item{Kind: network.Edited, Post: p}, true
	case first && (!e.dated && back == 0 || p.PostedAt.Before(m.Begin)):
		return network.Item{}, false
	case p.PostedAt.Before(m.Begin.Add(-olderThanBegin)):
		return network.Item{}, false
	}
	return network.Item{Kind: network.Seen, Post: e.post}, true
}
