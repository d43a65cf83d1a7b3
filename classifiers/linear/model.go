package linear

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/modelfile"
	"github.com/amends-care/amends/classifiers/language"
	"github.com/amends-care/amends/classifiers/topic"
)

// Lanes is how many heads a table row holds: one signed byte each.
const Lanes = 8

// Lanes of a model, by what they say when their score is high. Two
// neighbours share a table. The first two decide, and are read for every text;
// the others are read where they are asked for.
const (
	LaneComplaint = iota // a complaint, in English
	LaneNegative         // a negative text, in any language
	LanePositive         // a positive one
	LaneAnger            // anger, annoyance, disgust
	LaneSevere           // if it is a complaint, one of high severity; calibrated log odds
	LaneLetDown          // disappointment, disapproval
	LaneAsking           // confusion, curiosity
	LaneReview           // a complaint in a product review
)

// decisive is how many lanes a mix may weigh.
const decisive = 2

// A Head is one linear model over the shared features: all of a lane that is
// not in the table.
type Head struct {
	Name string    `json:"name"`
	Bias float64   `json:"bias"`
	Step float64   `json:"step"` // what one unit of the quantised weights is worth
	Cues []float64 `json:"cues"` // weights of feature.Cues
}

// A Mix says how the lanes give the log odds of a complaint in one language.
type Mix struct {
	Lanes [Lanes]float64 `json:"lanes"`
	Bias  float64        `json:"bias"`
	Level string         `json:"level"` // low, fair or good: how far it is known to be right
}

// A Header is everything of a model but its table.
type Header struct {
	Name      string         `json:"name"`
	Bits      int            `json:"bits"` // the table has 2^Bits rows
	Heads     [Lanes]Head    `json:"heads"`
	Mix       map[string]Mix `json:"mix"`       // by language; "" for all others
	Made      string         `json:"made"`      // how: data, seed, options
	Threshold float64        `json:"threshold"` // the probability from which a text counts as a complaint
}

// A Model scores texts. It never changes and is safe for concurrent use.
type Model struct {
	Header
	pairs [Lanes / 2]pair
	hash  string
	id    string
	pool  sync.Pool // of *scratch
	mixes map[string]*Mix

	lang    *language.Model
	lexicon *lexicon.Matcher
	topics  *topic.Tagger

	reasonsFrom float64 // the probability from which a verdict says why
}

// A pair is what two lanes share.
type pair struct {
	table []uint16 // a row: two bytes, one a lane, each 128 more than the weight
	cues  *[feature.NumCues][2]float64
}

const (
	magic    = "amends linear 2\n"
	maxModel = 64 << 20 // bytes of a model once unpacked
)

// ErrCorrupt is wrapped by the error of reading what is not a whole model.
var ErrCorrupt = errors.New("model is damaged")

// New makes a model of a header and weights: one row of 2^Bits for each lane,
// nil for none. Weights are rounded to 255 steps.
func New(h Header, weights [Lanes][]float64) (*Model, error) {
	if h.Bits < 8 || h.Bits > 22 {
		return nil, fmt.Errorf("a table of 2^%d rows: want 8 to 22", h.Bits)
	}
	m := &Model{Header: h}
	m.room()
	for l, w := range weights {
		if w != nil && len(w) != m.rows() {
			return nil, fmt.Errorf("head %q: %d weights for %d rows", h.Heads[l].Name, len(w), m.rows())
		}
		m.Heads[l].Step = m.fill(l, w)
		m.Heads[l].Cues = padded(h.Heads[l].Cues)
	}
	return m.ready()
}

func padded(cues []float64) []float64 {
	out := make([]float64, feature.NumCues)
	copy(out, cues)
	return out
}

// fill writes one lane and returns the worth of its step. The largest weights
// are cut at six times the root mean square, so that few of them don't make
// the steps of all the others coarse.
func (m *Model) fill(lane int, w []float64) float64 {
	var sum, n, top float64
	for _, v := range w {
		if v != 0 {
			sum += v * v
			n++
			top = max(top, math.Abs(v))
		}
	}
	step := 0.0
	if n > 0 {
		step = min(top, 12*math.Sqrt(sum/n)) / 127
	}
	for i := range m.rows() {
		q := 0.0
		if step > 0 {
			q = max(-127, min(127, math.Round(w[i]/step)))
		}
		m.put(lane, i, uint8(int(q)+128))
	}
	return step
}

// room makes empty tables.
func (m *Model) room() {
	for i := range m.pairs {
		m.pairs[i] = pair{make([]uint16, m.rows()), new([feature.NumCues][2]float64)}
	}
}

func (m *Model) rows() int { return 1 << m.Bits }

func (m *Model) put(lane, row int, b uint8) {
	m.pairs[lane/2].table[row] |= uint16(b) << (8 * (lane % 2))
}

// at is the weight of a row in a lane, in steps.
func (m *Model) at(lane int, row uint32) int {
	return int(m.pairs[lane/2].table[row]>>(8*(lane%2))&0xFF) - 128
}

// ready finishes a model whose header and table are set.
func (m *Model) ready() (*Model, error) {
	if _, ok := m.Mix[""]; !ok {
		return nil, fmt.Errorf("%w: no mix for other languages", ErrCorrupt)
	}
	for _, h := range m.Heads {
		if len(h.Cues) != feature.NumCues {
			return nil, fmt.Errorf("%w: head %q has %d cues, this program %d", ErrCorrupt, h.Name, len(h.Cues), feature.NumCues)
		}
	}
	for l := range m.Heads {
		for c, w := range m.Heads[l].Cues {
			m.pairs[l/2].cues[c][l%2] = w
		}
	}
	b, err := m.plain()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	m.hash = hex.EncodeToString(sum[:6])
	m.id = m.Name + "@" + m.hash
	m.lexicon = lexicon.Default()
	if m.lang, err = language.Default(); err != nil {
		return nil, err
	}
	if m.topics, err = topic.Builtin(); err != nil {
		return nil, err
	}
	m.mixes = map[string]*Mix{}
	for lang, x := range m.Mix {
		for _, w := range x.Lanes[decisive:] {
			if w != 0 {
				return nil, fmt.Errorf("%w: the mix of %q asks for a lane that is not read", ErrCorrupt, lang)
			}
		}
		m.mixes[lang] = &x
	}
	m.pool.New = func() any { return newScratch(m.Bits) }
	return m, nil
}

// Hash names the model's content: the first 12 hex digits of the SHA-256 of
// its unpacked form.
func (m *Model) Hash() string { return m.hash }

// ID is name@hash.
func (m *Model) ID() string { return m.id }

// plain is the unpacked form: header, then the table lane by lane.
func (m *Model) plain() ([]byte, error) {
	planes := make([]byte, 0, Lanes*m.rows())
	for l := range Lanes {
		for i := range m.rows() {
			planes = append(planes, byte(m.at(l, uint32(i))+128))
		}
	}
	return modelfile.Join(m.Header, planes)
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
	plain, err := modelfile.Read(r, magic, maxModel)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return decode(plain)
}

func decode(plain []byte) (*Model, error) {
	m := new(Model)
	planes, err := modelfile.Part(plain, &m.Header)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if m.Bits < 8 || m.Bits > 22 || len(planes) != Lanes<<m.Bits {
		return nil, fmt.Errorf("%w: %d bytes of weights for 2^%d rows", ErrCorrupt, len(planes), m.Bits)
	}
	size := m.rows()
	m.room()
	for l := range Lanes {
		for i, b := range planes[l*size : (l+1)*size] {
			m.put(l, i, b)
		}
	}
	return m.ready()
}

// Lanes returns the score of every lane for a text in a language.
func (m *Model) Lanes(body, lang string) [Lanes]float64 {
	s := m.take()
	m.score(s, body, lang)
	out := s.scores
	m.give(s)
	return out
}

// Weights returns the weights of one lane's table.
func (m *Model) Weights(lane int) []float64 {
	out := make([]float64, m.rows())
	for i := range out {
		out[i] = m.Heads[lane].Step * float64(m.at(lane, uint32(i)))
	}
	return out
}
