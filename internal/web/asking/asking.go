// Package asking has the words with which customers are asked how it went, in
// their languages: the answer that carries the link, and the page behind it. It
// keeps nothing and knows nobody.
package asking

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

//go:embed words.json
var catalogue []byte

// Words are the sentences of one language, by name.
type Words struct {
	Language string // BCP 47
	said     map[string]string
}

// A Catalogue has the words of every language we ask in.
type Catalogue map[string]Words

// Load reads the catalogue that is part of the program.
func Load() (Catalogue, error) {
	var all map[string]map[string]string
	if err := json.Unmarshal(catalogue, &all); err != nil {
		return nil, fmt.Errorf("words of surveys: %w", err)
	}
	c := Catalogue{}
	for language, said := range all {
		c[language] = Words{language, said}
	}
	return c, nil
}

// In are the words for a language, or for the nearest one: de for de-AT, and
// English where we have none.
func (c Catalogue) In(language string) Words {
	name, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(language, "_", "-")), "-")
	if w, ok := c[name]; ok {
		return w
	}
	return c["en"]
}

// RightToLeft says how the language is written.
func (w Words) RightToLeft() bool { return w.Language == "ar" }

// Say is a sentence that has no gaps.
func (w Words) Say(name string) string { return w.said[name] }

// Invite is the answer that carries the link.
func (w Words) Invite(link string) string {
	return strings.ReplaceAll(w.said["invite"], "{link}", link)
}

// Question is what is asked, and what the lowest and the highest score mean.
func (w Words) Question(ask care.SurveyKind, brand string) (question, low, high string) {
	k := string(ask)
	return strings.ReplaceAll(w.said[k], "{brand}", brand), w.said[k+"_low"], w.said[k+"_high"]
}

// Chosen tells which score was chosen.
func (w Words) Chosen(score int) string {
	return strings.ReplaceAll(w.said["chosen"], "{score}", strconv.Itoa(score))
}

// Done tells that an answer has arrived, and until when it can be changed.
func (w Words) Done(until time.Time) string {
	return strings.ReplaceAll(w.said["done"], "{date}", until.UTC().Format(time.DateOnly))
}
