// Package language tells what language a short, noisy post is written in.
//
// It owns one small table of trained weights (model.bin) over hashed words and
// letter triples for the languages in Latin letters, Hindi, Russian and Arabic
// typed in Latin letters among them; other scripts are told by their letters.
// It allocates nothing, performs no I/O and keeps no text. What it can't tell
// is "und", never English by default.
package language

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // model.bin
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/modelfile"
)

// Unknown is the tag of a text whose language can't be told.
const Unknown = "und"

const (
	// Bits is how many bits of a feature's hash choose a row.
	Bits = 14
	// MaxTags is how many languages a model can hold.
	MaxTags = 32
	words   = MaxTags / 8
	magic   = "amends language 2\n"
)

// A Head is what all weights of a model share.
type Head struct {
	Name string    `json:"name"`
	Tags []string  `json:"tags"`
	Bias []float64 `json:"bias"`
	Step float64   `json:"step"`
	// Sure turns differences of scores into confidence: the factor before softmax.
	Sure float64 `json:"sure"`
}

// A Model tells languages apart. It never changes and is safe for concurrent use.
type Model struct {
	Head
	table [][words]uint64 // bytes, each 128 more than the weight
	pool  sync.Pool
	hash  [sha256.Size]byte
}

//go:embed model.bin
var shipped []byte

// Default returns the model that ships, read and checked once.
var Default = sync.OnceValues(func() (*Model, error) {
	m, err := Read(bytes.NewReader(shipped))
	if err != nil {
		return nil, fmt.Errorf("shipped language model: %w", err)
	}
	return m, nil
})

// ErrCorrupt is wrapped by the error of reading what is not a whole model.
var ErrCorrupt = errors.New("language model is damaged")

// Rows calls each with every row that a text's features choose.
func Rows(x *feature.Extractor, each func(row uint32)) {
	for _, h := range x.WordHashes() {
		each(h >> (feature.Bits - Bits))
	}
	for _, h := range x.TripleHashes() {
		each(h >> (feature.Bits - Bits))
	}
}

// New makes a model of weights: one row of 2^Bits for each tag.
func New(h Head, weights [][]float64) (*Model, error) {
	if len(h.Tags) > MaxTags || len(h.Tags) != len(weights) || len(h.Tags) != len(h.Bias) {
		return nil, fmt.Errorf("%d tags, %d biases, %d rows of weights: want as many of each, at most %d", len(h.Tags), len(h.Bias), len(weights), MaxTags)
	}
	var sum, n float64
	for _, w := range weights {
		for _, v := range w {
			if v != 0 {
				sum, n = sum+v*v, n+1
			}
		}
	}
	h.Step = 10 * math.Sqrt(sum/max(n, 1)) / 127
	m := &Model{Head: h, table: make([][words]uint64, 1<<Bits)}
	for k := range MaxTags {
		for i := range m.table {
			q := 0.0
			if k < len(weights) && h.Step > 0 {
				q = max(-127, min(127, math.Round(weights[k][i]/h.Step)))
			}
			m.table[i][k/8] |= uint64(uint8(int(q)+128)) << (8 * (k % 8))
		}
	}
	return m.ready()
}

func (m *Model) ready() (*Model, error) {
	b, err := m.plain()
	if err != nil {
		return nil, err
	}
	m.hash = sha256.Sum256(b)
	m.pool.New = func() any { return feature.New() }
	return m, nil
}

func (m *Model) plain() ([]byte, error) {
	var weights []byte
	for k := range MaxTags {
		for i := range m.table {
			weights = append(weights, byte(m.table[i][k/8]>>(8*(k%8))))
		}
	}
	return modelfile.Join(m.Head, weights)
}

// WriteTo writes the model in the form that [Read] reads.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	plain, err := m.plain()
	if err != nil {
		return 0, err
	}
	return modelfile.Write(w, magic, plain)
}

// Read reads a model and checks it against its hash. An error wraps
// [ErrCorrupt] when it is not a whole model of this version.
func Read(r io.Reader) (*Model, error) {
	plain, err := modelfile.Read(r, magic, 16<<20)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	m := &Model{table: make([][words]uint64, 1<<Bits)}
	weights, err := modelfile.Part(plain, &m.Head)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	case len(weights) != MaxTags<<Bits:
		return nil, fmt.Errorf("%w: wrong length", ErrCorrupt)
	case len(m.Tags) > MaxTags || len(m.Tags) != len(m.Bias):
		return nil, fmt.Errorf("%w: %d tags, %d biases", ErrCorrupt, len(m.Tags), len(m.Bias))
	}
	for k := range MaxTags {
		for i, b := range weights[k<<Bits : (k+1)<<Bits] {
			m.table[i][k/8] |= uint64(b) << (8 * (k % 8))
		}
	}
	return m.ready()
}

// Identify tells the language of a text.
func (m *Model) Identify(text string) classifiers.Language {
	x := m.pool.Get().(*feature.Extractor)
	x.Extract(text)
	l := m.Extracted(x)
	x.Scanner.Forget()
	m.pool.Put(x)
	return l
}

// Extracted tells the language of the text that x holds.
func (m *Model) Extracted(x *feature.Extractor) classifiers.Language {
	n := counts(x.Scanner)
	var best script
	var sum int32
	for s := latin; s < scripts; s++ {
		sum += n[s]
		if n[s] > n[best] || best == noScript && n[s] > 0 {
			best = s
		}
	}
	if sum == 0 {
		return classifiers.Language{Tag: Unknown}
	}
	share := float64(n[best]) / float64(sum)
	switch {
	case best == latin:
		l := m.latin(x)
		l.Confidence *= share
		return l
	case best == kana, best == han:
		if n[kana]*8 > n[han] {
			return classifiers.Language{Tag: "ja", Confidence: float64(n[kana]+n[han]) / float64(sum)}
		}
		return classifiers.Language{Tag: "zh", Confidence: 0.97 * share}
	case best == cyrillic, best == arabic:
		tag, c := byLetters(x.Scanner, best)
		return classifiers.Language{Tag: tag, Confidence: c * share}
	}
	return classifiers.Language{Tag: only[best].tag, Confidence: only[best].confidence * share}
}

const evenBytes = 0x00FF00FF00FF00FF

// sums adds up rows of 32 weights, eight to a word: the even bytes of each word
// and the odd ones, sixteen bits a sum, so fewer than 256 rows.
type sums struct {
	n         int
	even, odd [words]uint64
}

// add adds the rows of one in step features.
func (s *sums) add(table [][words]uint64, list []uint32, from, step int) {
	e0, e1, e2, e3 := s.even[0], s.even[1], s.even[2], s.even[3]
	o0, o1, o2, o3 := s.odd[0], s.odd[1], s.odd[2], s.odd[3]
	for i := from; i < len(list); i += step {
		r := &table[list[i]>>(feature.Bits-Bits)]
		e0 += r[0] & evenBytes
		o0 += r[0] >> 8 & evenBytes
		e1 += r[1] & evenBytes
		o1 += r[1] >> 8 & evenBytes
		e2 += r[2] & evenBytes
		o2 += r[2] >> 8 & evenBytes
		e3 += r[3] & evenBytes
		o3 += r[3] >> 8 & evenBytes
		s.n++
	}
	s.even, s.odd = [words]uint64{e0, e1, e2, e3}, [words]uint64{o0, o1, o2, o3}
}

// of is the sum of the k-th weight.
func (s *sums) of(k int) float64 {
	half := &s.even
	if k&1 != 0 {
		half = &s.odd
	}
	return float64(int64(half[k/8]>>(16*(k%8/2))&0xFFFF) - 128*int64(s.n))
}

// Features are read until the language is sure: the words, at most so many, and
// letter triples up to few in all; where those leave a doubt, other triples up to
// about enough. More would not make it any surer.
const (
	enoughWords = 20
	few         = 36
	enough      = 72
	sure        = 0.95
)

// latin tells apart the languages of Latin letters.
func (m *Model) latin(x *feature.Extractor) classifiers.Language {
	var s sums
	list := x.WordHashes()
	s.add(m.table, list[:min(len(list), enoughWords)], 0, 1)
	// Of a long text some triples are read all along it, and then some between them.
	list = x.TripleHashes()
	left := few - s.n
	step := max(1, (len(list)+left-1)/left)
	s.add(m.table, list, 0, step)
	if s.n == 0 {
		return classifiers.Language{Tag: Unknown}
	}
	best, c := m.best(&s)
	gap := max(1, step/3)
	for from := gap; c < sure && from < step && s.n < enough; from += gap {
		s.add(m.table, list, from, step)
		best, c = m.best(&s)
	}
	if c < least {
		return classifiers.Language{Tag: Unknown}
	}
	return classifiers.Language{Tag: m.Tags[best], Confidence: c}
}

// best is the likeliest language by the features added so far, and how likely
// it is.
func (m *Model) best(s *sums) (int, float64) {
	scale := m.Step / math.Sqrt(float64(s.n))
	var scores [MaxTags]float64
	best := 0
	for k := range m.Tags {
		scores[k] = m.Sure * (m.Bias[k] + scale*s.of(k))
		if scores[k] > scores[best] {
			best = k
		}
	}
	var sum float64
	for k := range m.Tags {
		if at := int((scores[best] - scores[k]) * expSteps); at < len(exps) {
			sum += exps[at]
		}
	}
	return best, 1 / sum
}

// exps are e^-x for x from 0 to 8, in steps: near enough for a confidence.
var exps = func() (out [8 * expSteps]float64) {
	for i := range out {
		out[i] = math.Exp(-float64(i) / expSteps)
	}
	return out
}()

const expSteps = 32

// least is the confidence below which no language is named.
const least = 0.30

// ID is name@hash, the hash being 12 hex digits of the SHA-256 of the unpacked
// form.
func (m *Model) ID() string { return m.Name + "@" + hex.EncodeToString(m.hash[:6]) }

// Base is the language of a BCP 47 tag as this package writes it: its first
// part in small letters, followed by "-Latn" where the tag says so. It is empty
// for what is no tag.
func Base(tag string) string {
	first, rest, _ := strings.Cut(tag, "-")
	if len(first) < 2 || len(first) > 3 || first == Unknown {
		return ""
	}
	for _, r := range first {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return ""
		}
	}
	first = strings.ToLower(first)
	if strings.EqualFold(rest, "latn") && first != "en" {
		return first + "-Latn"
	}
	return first
}
