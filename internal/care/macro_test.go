package care_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestMacroSpeaksTheCustomersLanguage(t *testing.T) {
	m := care.Macro{Texts: map[string]string{
		"en": "Hi {customer.name}, {agent.name} here. Case {case.number}.", "de": "Hallo {customer.name}, hier ist {agent.name}.",
		"nl": "Dag {customer.name|klant},",
	}}
	known := map[string]string{"customer.name": "Ana", "agent.name": "Ada", "case.number": "12"}
	unnamed := map[string]string{"agent.name": "Ada", "case.number": "12", "customer.name": " \n"}
	for _, c := range []struct {
		name, language string
		known          map[string]string
		f              care.Fallbacks
		want, in       string
	}{
		{"theirs", "de", known, nil, "Hallo Ana, hier ist Ada.", "de"},
		{"theirs, of a country", "de-AT", known, nil, "Hallo Ana, hier ist Ada.", "de"},
		{"one it has not", "ja", known, nil, "Hi Ana, Ada here. Case 12.", "en"},
		{"not known", "", known, nil, "Hi Ana, Ada here. Case 12.", "en"},
		{"nobody's name", "en", unnamed, nil, "Hi there, Ada here. Case 12.", "en"},
		{"nobody's name, and none needed", "de", unnamed, nil, "Hallo, hier ist Ada.", "de"},
		{"a fallback of the macro", "nl", unnamed, nil, "Dag klant,", "nl"},
		{"a fallback of the team", "de", unnamed, care.Fallbacks{"de": {"customer.name": "zusammen"}}, "Hallo zusammen, hier ist Ada.", "de"},
		{"a name that looks like a placeholder", "de", map[string]string{"customer.name": "{agent.name}", "agent.name": "Ada"}, nil, "Hallo agent.name, hier ist Ada.", "de"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, in := m.Render(c.language, c.known, c.f)
			expect(t, "text", text, c.want)
			expect(t, "language", in, c.in)
			expect(t, "nothing is left open", care.RawPlaceholder(text), "")
		})
	}
}

func TestMacroThatCannotWork(t *testing.T) {
	for text, bad := range map[string]bool{
		"Hi {customer.name}": false, "Hi {customer.nam}": true, "": true, "Hi {{customer.name}}": true, "Number {case.number}, {brand}": false, "a { b } c": true, "{": false,
	} {
		m := care.Macro{Texts: map[string]string{"en": text}}
		expect(t, text, m.Amiss(nil) != "", bad)
	}
	m := care.Macro{Texts: map[string]string{"ja": "{customer.name}様"}}
	expect(t, "no fallback in this language", m.Amiss(nil) != "", true)
	expect(t, "one of the team", m.Amiss(care.Fallbacks{"ja": {"customer.name": "お客"}}), "")
	expect(t, "none at all", (&care.Macro{}).Amiss(nil) != "", true)
}

func TestWhatFollowsAMacro(t *testing.T) {
	m := care.Macro{Tags: []string{"late"}, Promise: "call", Within: 2 * time.Hour, Snooze: time.Hour}
	decide(t, []decision{{"all of it", []step{opened()}, func(c *care.Case) ([]care.Event, error) { return m.Follow(c, "ada", 6, 7, minute(10)) },
		[]care.Event{care.Tagged{Add: []string{"late"}}, care.PromiseMade{Promise: 7, DueAt: minute(130), Owner: "ada", What: "call", Reply: 6}, care.Snoozed{Until: minute(70)}}, ""}})
}
