package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/translate"
)

// Translation says by which service mentions are translated for whoever asks,
// and what of them may leave the house for that. Without a provider nothing does.
type Translation struct {
	// Provider is the service.
	Provider string `yaml:"provider"`
	// Languages are those that can be asked for; by default en, de, es and fr.
	Languages []string `yaml:"languages"`
	// Messages lets customers' direct messages be sent too.
	Messages bool `yaml:"messages"`
	// Withhold is what is never sent.
	Withhold Withheld `yaml:"withhold"`
	// DailyCharacters may be sent in a UTC day; 0: any number. By default 200000.
	DailyCharacters int `yaml:"daily_characters"`
	// Price is what a million characters cost, in US dollars; 0: nothing.
	Price float64 `yaml:"price"`
	// Settings are the service's own.
	Settings translate.Settings `yaml:"settings"`
}

// Withheld is what never leaves.
type Withheld struct {
	// Queues are those whose cases' mentions stay.
	Queues []string `yaml:"queues"`
	// Sources are those whose mentions stay.
	Sources []string `yaml:"sources"`
}

func (t *Translation) setDefaults() {
	t.Languages, t.DailyCharacters = []string{"en", "de", "es", "fr"}, 200_000
}

// Why says why a mention may not be sent, in words for whoever asked; empty: it
// may. queue is that of its case; empty: it is in none.
func (t *Translation) Why(source, queue string, message bool) care.Sentence {
	switch {
	case t.Provider == "":
		return care.Say("No translation service is set up.")
	case message && !t.Messages:
		return care.Say("Direct messages are not sent to the translation service.")
	case slices.Contains(t.Withhold.Sources, source):
		return care.Say("What {source} brings is not sent to the translation service.", "source", source)
	case queue != "" && slices.Contains(t.Withhold.Queues, queue):
		return care.Say("Cases of the queue {queue} are not sent to the translation service.", "queue", queue)
	}
	return care.Sentence{}
}

// settingsOfTranslation reads the settings that the driver of the service has.
func (p *parser) settingsOfTranslation(t *Translation) {
	i := slices.IndexFunc(p.kinds.Translators, func(d translate.Driver) bool { return d.Name == t.Provider })
	if i < 0 {
		return // validate tells it
	}
	t.Settings = p.kinds.Translators[i].Settings()
	p.readForeign("translation.settings", t.Settings)
}

// translation looks at the service and what it may be sent.
func (p *parser) translation(c *Config) {
	t := &c.Translation
	var kinds []string
	for _, d := range p.kinds.Translators {
		kinds = append(kinds, d.Name)
	}
	switch {
	case t.Settings != nil:
		p.account("translation.settings", t.Settings)
	case t.Provider != "":
		p.amiss("translation.provider", "there is no service %q: write one of %s", clip(t.Provider), strings.Join(kinds, ", "))
	}
	for i, l := range t.Languages {
		if path := fmt.Sprintf("translation.languages[%d]", i); !translate.IsTag(l) {
			p.amiss(path, "%q is no language: write its code, such as de or pt-BR", clip(l))
		}
	}
	if t.Provider != "" && len(t.Languages) == 0 {
		p.amiss("translation.languages", "it is empty, so nothing could be asked for: write some, such as en, or leave it out")
	}
	if t.DailyCharacters < 0 {
		p.amiss("translation.daily_characters", "it is below zero: write how many characters may be sent in a day, or 0 for any number")
	}
	if t.Price < 0 {
		p.amiss("translation.price", "it is below zero: write what a million characters cost in US dollars, or 0")
	}
	for i, q := range t.Withhold.Queues {
		p.refers(fmt.Sprintf("translation.withhold.queues[%d]", i), q, "queue", namesOf(c.Queues, func(q Queue) string { return q.Name }))
	}
	for i, s := range t.Withhold.Sources {
		p.refers(fmt.Sprintf("translation.withhold.sources[%d]", i), s, "source", namesOf(c.Sources, func(s Source) string { return s.Name }))
	}
}
