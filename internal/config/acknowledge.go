package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

// An Acknowledgement is what a customer hears by itself who writes while nobody
// is there. It counts as no answer.
type Acknowledgement struct {
	// Name is what queues call it.
	Name string `yaml:"name"`
	// Hours is the calendar in whose hours somebody is there.
	Hours string `yaml:"hours"`
	// After is how long it waits, so that a person may be quicker; by default 2m.
	After time.Duration `yaml:"after"`
	// Texts are by language. Who writes in another one hears nothing.
	Texts map[string]string `yaml:"texts"`
	// Moods, Topics and Urgency are those where it would be rude. By default it goes
	// to nobody who is furious, in danger, or in need. In the critical lane it is
	// never sent.
	Moods   []care.Mood    `yaml:"moods"`
	Topics  []string       `yaml:"topics"`
	Urgency []care.Urgency `yaml:"urgency"`
}

// rule is the acknowledgement in the words of care.
func (a *Acknowledgement) rule() care.Acknowledgement {
	rule := care.Acknowledgement{Texts: a.Texts, After: cmp.Or(a.After, 2*time.Minute), Moods: a.Moods, Topics: a.Topics, Urgency: a.Urgency}
	if rule.Moods == nil {
		rule.Moods = rudeMoods()
	}
	if rule.Urgency == nil {
		rule.Urgency = rudeUrgency()
	}
	return rule
}

func rudeMoods() []care.Mood { return []care.Mood{care.Furious} }

func rudeUrgency() []care.Urgency { return []care.Urgency{care.Safety, care.Vulnerable} }

// BuiltIn are what holds of the lists of a section that are left out, by the
// setting: whatever is written takes their place as a whole.
func BuiltIn(section string) map[string][]string {
	switch section {
	case "acknowledgements":
		return map[string][]string{"moods": texts(rudeMoods()), "urgency": texts(rudeUrgency())}
	case "cases":
		return map[string][]string{"outside": care.DefaultOutside()}
	case "notices":
		return map[string][]string{"by": Default().Notices.By}
	}
	return nil
}

func texts[T ~string](all []T) (out []string) {
	for _, one := range all {
		out = append(out, string(one))
	}
	return out
}

// longestAway bounds the text of an acknowledgement, in characters.
const longestAway = 500

// acknowledgement looks at one.
func (p *parser) acknowledgement(path string, a *Acknowledgement, calendars []string) {
	if !p.readable(path) {
		return
	}
	if a.Hours == "" {
		p.amiss(path+".hours", "it is missing: in which hours is somebody there?")
	}
	p.refers(path+".hours", a.Hours, "calendar", calendars)
	if a.After < 0 || a.After > time.Hour {
		p.amiss(path+".after", "write 0 to 1h")
	}
	if len(a.Texts) == 0 {
		p.amiss(path+".texts", "it has none: write one for each language")
	}
	for _, language := range slices.Sorted(maps.Keys(a.Texts)) {
		text := a.Texts[language]
		switch found := care.RawPlaceholder(text); {
		case strings.TrimSpace(text) == "":
			p.amiss(path+".texts", "the text in %s is empty", clip(language))
		case found != "":
			p.amiss(path+".texts", "%s stays as it is here: write the text without placeholders", clip(found))
		case utf8.RuneCountInString(text) > longestAway:
			p.amiss(path+".texts", "the text in %s has more than %d characters", clip(language), longestAway)
		}
	}
	moods := []care.Mood{care.Calm, care.Annoyed, care.Angry, care.Furious}
	for _, m := range a.Moods {
		if !slices.Contains(moods, m) {
			p.amiss(path+".moods", "%q is no mood: write calm, annoyed, angry or furious", clip(string(m)))
		}
	}
}
