package watch

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jdkato/prose/v2"
	"golang.org/x/time/rate"
	"gopkg.in/neurosnap/sentences.v1/english"

	"github.com/amends-care/amends/internal/care"
)

// A Depth is what a closer look at a mention found.
type Depth struct {
	Line    Span     // that weighs most, in bytes of the text; empty: all of it is one
	Names   []string // whom and what it names
	Phrases []string // what it is about
	Deep    bool     // names and phrases were looked for
}

const (
	// maxText bounds how much of a text is looked at, in bytes: prose takes time
	// that grows with it, and can't be stopped.
	maxText = 2000
	// patience is how long a reader waits for one mention. What comes later is
	// kept all the same, for the next time.
	patience = 250 * time.Millisecond
	// perSecond bounds how many mentions are looked at, and queued how many wait.
	perSecond = 20
	queued    = 8
	// enough failures in a row turn depth off for a rest.
	enough = 4
	rest   = 30 * time.Second
	// remembered is how many mentions' depths are kept in memory.
	remembered = 4096
)

// A Reader looks deeper into mentions. Until Run has loaded its model, and
// while it is overloaded, it still tells the line that matters, and no more.
type Reader struct {
	log     *slog.Logger
	now     func() time.Time
	load    func() (analyse, error)
	jobs    chan job
	limit   *rate.Limiter
	seed    maphash.Seed
	done    *lru.Cache[key, Depth]
	mu      sync.Mutex
	ready   bool
	failed  int       // in a row
	offTill time.Time // zero: it is on
}

// analyse looks at one English text.
type analyse func(text string) (sentences, names, phrases []string, err error)

// A key names a revision of a mention.
type key struct {
	id   care.MentionID
	text uint64
}

type job struct {
	key  key
	text string
	why  []care.Reason
	told chan Depth
}

// NewReader returns a reader. It loads nothing yet.
func NewReader(log *slog.Logger, now func() time.Time) *Reader {
	done, err := lru.New[key, Depth](remembered)
	if err != nil {
		panic("watch: " + err.Error()) // the size is a constant
	}
	return &Reader{log: log, now: now, load: loadProse, jobs: make(chan job, queued), limit: rate.NewLimiter(perSecond, perSecond),
		seed: maphash.MakeSeed(), done: done}
}

// loadProse reads what prose knows of English, once: by default it reads its
// model again for every text. Its sentence splitter can't be handed one at all,
// so the one that it is built on is asked directly.
func loadProse() (analyse, error) {
	splitter, err := english.NewSentenceTokenizer(nil)
	if err != nil {
		return nil, fmt.Errorf("load the sentences of English: %w", err)
	}
	doc, err := prose.NewDocument("Nobody answers.")
	if err != nil {
		return nil, fmt.Errorf("load the model of English: %w", err)
	}
	return func(text string) (lines, people, phrases []string, err error) {
		doc, err := prose.NewDocument(text, prose.WithSegmentation(false), prose.UsingModel(doc.Model))
		if err != nil {
			return nil, nil, nil, err
		}
		for _, s := range splitter.Tokenize(text) {
			lines = append(lines, strings.TrimSpace(s.Text))
		}
		return lines, names(doc.Entities()), Phrases(doc.Tokens()), nil
	}, nil
}

// Run loads the model and looks at what readers ask for, until ctx ends.
func (r *Reader) Run(ctx context.Context) error {
	look, err := r.load()
	if err != nil { // cases are read without depth too
		r.log.Error("mentions are not looked at more closely", "err", err)
		<-ctx.Done()
		return ctx.Err()
	}
	r.set(func() { r.ready = true })
	defer r.set(func() { r.ready = false })
	for {
		select {
		case j := <-r.jobs:
			d, err := deep(look, j)
			if err != nil {
				r.log.Warn("a mention could not be looked at more closely", "mention", j.key.id, "err", err)
				r.failure()
			}
			r.done.Add(j.key, d)
			j.told <- d
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *Reader) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// deep looks at one text. A panic of the library is an error here, without what
// it said: that may hold the text.
func deep(look analyse, j job) (d Depth, err error) {
	d = shallow(j.text, j.why)
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("the library failed on a text of %d bytes", len(j.text))
		}
	}()
	sentences, people, phrases, err := look(j.text)
	if err != nil {
		return d, fmt.Errorf("the library refused a text of %d bytes", len(j.text))
	}
	if spans, ok := located(j.text, sentences); ok {
		d.Line, _ = Line(spans, j.why)
	}
	d.Names, d.Phrases, d.Deep = people, phrases, true
	return d, nil
}

// shallow is what can be told without the library, in any language.
func shallow(text string, why []care.Reason) (d Depth) {
	d.Line, _ = Line(Sentences(text), why)
	return d
}

// Read looks at a mention's text. It never waits longer than a quarter of a
// second, nor for texts in other languages than English.
func (r *Reader) Read(m *care.Mention) Depth {
	text := bounded(m.Post.Text)
	why := m.Verdict.Why
	if base, _, _ := strings.Cut(m.Verdict.Labels.Language, "-"); base != "en" || strings.TrimSpace(text) == "" {
		return shallow(text, why)
	}
	k := key{m.ID, maphash.String(r.seed, text)}
	if d, ok := r.done.Get(k); ok {
		return d
	}
	if !r.on() || !r.limit.AllowN(r.now(), 1) {
		return shallow(text, why)
	}
	j := job{k, text, why, make(chan Depth, 1)}
	select {
	case r.jobs <- j:
	default:
		r.failure()
		return shallow(text, why)
	}
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case d := <-j.told:
		if d.Deep {
			r.set(func() { r.failed = 0 })
		}
		return d
	case <-t.C:
		r.failure()
		return shallow(text, why)
	}
}

// on says whether there is a model and no rest is taken.
func (r *Reader) on() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.offTill.IsZero() && !r.now().Before(r.offTill) {
		r.offTill, r.failed = time.Time{}, 0
		r.log.Info("mentions are looked at more closely again")
	}
	return r.ready && r.offTill.IsZero()
}

// failure turns depth off when there were enough of them in a row.
func (r *Reader) failure() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed++; r.failed >= enough && r.offTill.IsZero() {
		r.offTill = r.now().Add(rest)
		r.log.Warn("mentions are not looked at more closely for a while: it takes too long", "wait", rest)
	}
}

// bounded is the beginning of a text, whole runes only.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
