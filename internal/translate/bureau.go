package translate

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/store"
)

// Most that is taken and remembered.
const (
	MaxText = 10_000 // characters of one text; all services take as many

	maxKept   = 1_000    // translations
	maxAnswer = 64 << 10 // bytes of one that is remembered
)

// An Office is a service as it is set up.
type Office struct {
	Service Service
	Title   string // what people call it
	Daily   int    // characters that may be sent in a UTC day; 0: any number
}

// A Bureau has texts translated. Safe for concurrent use.
type Bureau struct {
	meter meter
	asked singleflight.Group

	mu     sync.Mutex
	kept   *lru.Cache[key, Translated]
	forgot uint64 // how often something was forgotten
}

// A key names a translation. The text is part of it as a hash, so that an edited
// mention is translated anew.
type key struct {
	mention care.MentionID
	text    [sha256.Size]byte
	to      string
	by      string
}

// NewBureau counts in st by the clock now.
func NewBureau(st store.Store, now func() time.Time) *Bureau {
	kept, err := lru.New[key, Translated](maxKept)
	if err != nil {
		panic("translate: " + err.Error()) // a size that is no size
	}
	return &Bureau{meter: meter{st, now}, kept: kept}
}

// Translate gives the text of a mention in another language: as it was told
// before, or by the office. Whoever asks for the same at the same time shares
// one call. Failures that a person may see are [*care.Error]s; those of the
// service are [*network.Error]s.
func (b *Bureau) Translate(ctx context.Context, o Office, of care.MentionID, text, to string) (Translated, error) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	k := key{of, sha256.Sum256([]byte(text)), to, o.Title + " " + o.Service.Host()}
	b.mu.Lock()
	known, ok := b.kept.Get(k)
	b.mu.Unlock()
	if ok {
		return known, nil
	}
	// The call goes on for the others when the first who asked has gone; the
	// transport bounds its time.
	shared := b.asked.DoChan(fmt.Sprintf("%s %x %s %s", k.mention, k.text, k.to, k.by), func() (any, error) {
		return b.ask(context.WithoutCancel(ctx), o, k, text)
	})
	select {
	case got := <-shared:
		t, _ := got.Val.(Translated)
		return t, got.Err
	case <-ctx.Done():
		return Translated{}, ctx.Err()
	}
}

func (b *Bureau) ask(ctx context.Context, o Office, k key, text string) (Translated, error) {
	n := utf8.RuneCountInString(text)
	if n > MaxText {
		return Translated{}, &care.Error{Code: care.Invalid, Msg: "This is too long to be translated: at most {n} characters are.", With: []any{"n", MaxText}}
	}
	b.mu.Lock()
	before := b.forgot
	b.mu.Unlock()
	if err := b.meter.take(ctx, n, o.Daily); err != nil {
		return Translated{}, err
	}
	t, err := o.Service.Translate(ctx, text, k.to)
	if err != nil {
		if e, ok := errors.AsType[*network.Error](err); ok && e.Settled() {
			return t, errors.Join(err, b.meter.take(ctx, -n, 0)) // it was certainly not taken, so it did not count
		}
		return t, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.forgot == before && len(t.Text) <= maxAnswer { // else it may be of what is gone by now
		b.kept.Add(k, t)
	}
	return t, nil
}

// Sent is how many characters left today, and in the last 30 days, today
// included; days are those of UTC.
func (b *Bureau) Sent(ctx context.Context) (today, month int, err error) {
	days, _, err := b.meter.read(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, n := range days {
		month += n
	}
	return days[b.meter.day()], month, nil
}

// Follow forgets what is erased, expired, deleted or edited, as the log after
// seq tells of it, until ctx ends.
func (b *Bureau) Follow(ctx context.Context, after store.Seq) error {
	for r, err := range b.meter.store.Tail(ctx, after) {
		if err != nil {
			return err
		}
		if kind, _, _ := strings.Cut(r.Stream, "/"); kind == "agent" || kind == "people" || kind == "contact" {
			continue // they tell of no mention
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return fmt.Errorf("record %d of %s: %w", r.Seq, r.Stream, err)
		}
		for _, e := range rec.Events {
			b.forget(gone(e))
		}
	}
	return ctx.Err()
}

// gone are the mentions whose text an event took away.
func gone(e care.Event) []care.MentionID {
	switch e := e.(type) {
	case care.SourceRead:
		return e.Changed
	case care.MentionEdited:
		return []care.MentionID{e.Mention}
	case care.MentionDeleted:
		return []care.MentionID{e.Mention}
	case care.Erased:
		return e.Mentions
	case care.Expired:
		return e.Mentions
	}
	return nil
}

func (b *Bureau) forget(ids []care.MentionID) {
	if len(ids) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgot++
	for _, k := range b.kept.Keys() {
		for _, id := range ids {
			if k.mention == id {
				b.kept.Remove(k)
			}
		}
	}
}
