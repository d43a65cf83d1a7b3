package care

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Phrase is what we tell people, in English: a whole sentence mostly, that may
// hold {places}. It is its own key where there are other languages, so a phrase
// is written out where it is told and never put together.
type Phrase string

// A Sentence is a phrase with what fills its places. The zero value says nothing.
type Sentence struct {
	Phrase Phrase
	// With are names of places and their values in turn. A Phrase or a Sentence
	// among the values is told in the reader's language as well; the plural goes
	// by n, an int.
	With []any
}

// Say is a phrase with the names and values of its places in turn.
func Say(p Phrase, with ...any) Sentence { return Sentence{p, with} }

// String is the sentence in English.
func (s Sentence) String() string {
	pairs := make([]string, 0, len(s.With))
	for i := 0; i+1 < len(s.With); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", s.With[i]), inEnglish(s.With[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(string(s.Phrase))
}

func inEnglish(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case time.Time:
		return v.UTC().Format("2 Jan 2006 15:04 UTC")
	}
	return fmt.Sprint(v)
}

// toldAs is a sentence as documents keep it.
type toldAs struct {
	Phrase Phrase     `json:"phrase"`
	With   []toldWith `json:"with,omitempty"`
}

// A toldWith is a place with one of what may fill it.
type toldWith struct {
	Place string    `json:"place"`
	N     *int      `json:"n,omitempty"`
	Said  *Sentence `json:"said,omitempty"`
	Is    string    `json:"is,omitempty"`
}

// MarshalJSON keeps a sentence as a document does: to be told in any language.
func (s Sentence) MarshalJSON() ([]byte, error) {
	as := toldAs{Phrase: s.Phrase}
	for i := 0; i+1 < len(s.With); i += 2 {
		w := toldWith{Place: fmt.Sprint(s.With[i])}
		switch v := s.With[i+1].(type) {
		case int:
			w.N = &v
		case Phrase:
			w.Said = &Sentence{Phrase: v}
		case Sentence:
			w.Said = &v
		default:
			w.Is = inEnglish(v)
		}
		as.With = append(as.With, w)
	}
	return json.Marshal(as)
}

// UnmarshalJSON reads what MarshalJSON wrote, or a sentence that was told already.
func (s *Sentence) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(string(data), `"`) {
		*s = Sentence{}
		return json.Unmarshal(data, &s.Phrase)
	}
	var as toldAs
	if err := json.Unmarshal(data, &as); err != nil {
		return err
	}
	*s = Sentence{Phrase: as.Phrase}
	for _, w := range as.With {
		switch {
		case w.N != nil:
			s.With = append(s.With, w.Place, *w.N)
		case w.Said != nil:
			s.With = append(s.With, w.Place, *w.Said)
		default:
			s.With = append(s.With, w.Place, w.Is)
		}
	}
	return nil
}
