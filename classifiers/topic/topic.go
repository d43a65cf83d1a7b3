// Package topic says what a mention is about, by a taxonomy that a brand can
// edit: names, and words that hint at them in each language, and on top of
// those, if one was trained, a head that has learned from the team's own cases.
//
// It owns the built-in taxonomy, which is the same as configs/taxonomy.yaml. It
// performs no I/O and keeps no text.
package topic

import (
	"bufio"
	_ "embed" // topics.txt
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
)

// MaxTopics is how many topics a taxonomy may have.
const MaxTopics = 64

// An Entry is one topic.
type Entry struct {
	Name  classifiers.Topic   `yaml:"name" json:"name"`
	About string              `yaml:"about" json:"about"`
	Words map[string][]string `yaml:"words" json:"words"` // by language; "" counts in all; a star at the end stands for any ending
}

// A Taxonomy is the topics a brand sorts its mentions by. Where two fit equally
// well, the one named first is taken.
type Taxonomy []Entry

//go:embed topics.txt
var builtin string

// Default is the built-in taxonomy. Each call returns a copy of its own.
func Default() Taxonomy {
	var out Taxonomy
	sc := bufio.NewScanner(strings.NewReader(builtin))
	for sc.Scan() {
		line := sc.Text()
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			name, about, _ := strings.Cut(line[1:], "] ")
			out = append(out, Entry{Name: classifiers.Topic(name), About: about, Words: map[string][]string{}})
		default:
			lang, words, _ := strings.Cut(line, ": ")
			out[len(out)-1].Words[lang] = strings.Split(words, ", ")
		}
	}
	return out
}

// Tagger is built from a taxonomy. It never changes and is safe for concurrent use.
type Tagger struct {
	names   []classifiers.Topic
	matcher *lexicon.Matcher
	head    *Head
}

// builtinTagger is the one of the built-in taxonomy.
var builtinTagger = sync.OnceValues(func() (*Tagger, error) { return New(Default(), nil) })

// Builtin returns the tagger of the built-in taxonomy, without a trained head.
func Builtin() (*Tagger, error) { return builtinTagger() }

// New builds a tagger. The error joins all that is wrong with the taxonomy, and
// says if the head was trained for other topics. A nil head is none.
func New(t Taxonomy, head *Head) (*Tagger, error) {
	var errs []error
	if len(t) == 0 || len(t) > MaxTopics {
		errs = append(errs, fmt.Errorf("%d topics: want 1 to %d", len(t), MaxTopics))
	}
	b := lexicon.NewBuilder()
	out := &Tagger{head: head}
	for i, e := range t[:min(len(t), MaxTopics)] {
		switch {
		case e.Name == "":
			errs = append(errs, fmt.Errorf("topic %d has no name", i+1))
		case slices.Contains(out.names, e.Name):
			errs = append(errs, fmt.Errorf("topic %q is there twice", e.Name))
		}
		out.names = append(out.names, e.Name)
		for _, lang := range slices.Sorted(maps.Keys(e.Words)) {
			for _, w := range e.Words[lang] {
				if err := b.Add(lang, w, i); err != nil {
					errs = append(errs, fmt.Errorf("topic %q, language %q: %w", e.Name, lang, err))
				}
			}
		}
	}
	if head != nil && !slices.Equal(head.Topics, out.names) {
		errs = append(errs, errors.New("the head was trained for other topics"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out.matcher = b.Matcher()
	return out, nil
}

// A Match is the topic found and the tokens that hint at it.
type Match struct {
	Topic classifiers.Topic
	Hits  []feature.Hit // First and Last; at most a few
}

// maxHits bounds the evidence of a match.
const maxHits = 3

// Extracted returns the topic of the text that x holds, or none.
func (t *Tagger) Extracted(x *feature.Extractor, lang string) Match {
	var score [MaxTopics]float64
	hits := make([]feature.Hit, 0, 16)
	last := [MaxTopics]int{}
	for i := range last {
		last[i] = -1
	}
	t.matcher.Find(x.Scanner, lang, func(set lexicon.Set, first, end int) {
		for k := range t.names {
			if !set.Has(k) || last[k] >= first {
				continue // none, or a shorter phrase in the same place
			}
			last[k] = end
			// A phrase says more than a word, a later mention less than the first.
			score[k] += math.Sqrt(float64(end-first+1)) / (1 + score[k]/2)
			hits = append(hits, feature.Hit{Cue: k, First: first, Last: end})
		}
	})
	if t.head != nil {
		t.head.add(x, score[:len(t.names)])
	}
	best, top := -1, 0.5
	for k := range t.names {
		if score[k] > top {
			best, top = k, score[k]
		}
	}
	if best < 0 {
		return Match{}
	}
	hits = slices.DeleteFunc(hits, func(h feature.Hit) bool { return h.Cue != best })
	return Match{t.names[best], hits[:min(len(hits), maxHits)]}
}

// Tag returns the topic of a text in a language, or none.
func (t *Tagger) Tag(text, lang string) classifiers.Topic {
	x := feature.New()
	x.Extract(text)
	return t.Extracted(x, lang).Topic
}
