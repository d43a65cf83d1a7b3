package tongue

import (
	"errors"
	"testing"
	"testing/fstest"
	"time"
)

func spoken(t *testing.T) Catalogue {
	t.Helper()
	files := fstest.MapFS{
		"a/en.json": {Data: []byte(`{"cases": "{n} cases", "cases.one": "{n} case", "code.passed_on": "passed on", "lost": "Nobody has {what}.", "decimal": ".", "percent": "{p} %", "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "date": "{d} {month} {y}", "stamp": "{date} {time} UTC", "here": "Set up [here] by {when}, {who}.", "span.none": "no time", "span.s": "{s} s", "span.min": "{m} min", "span.h": "{h} h", "span.h_min": "{h} h {m} min", "span.days": "{n} days", "span.days.one": "1 day"}`)},
		"a/fr.json": {Data: []byte(`{"cases": "{n} dossiers", "cases.one": "{n} dossier", "code.passed_on": "transmis", "decimal": ",", "date": "{d} {month} {y}"}`)},
		"c/en.json": {Data: []byte(`{"You have {n} of them..one": "You have one of them."}`)},
		"c/fr.json": {Data: []byte(`{"You have {n} of them.": "Vous en avez {n}.", "You have {n} of them..one": "Vous en avez {n} seul."}`)},
		"b/fr.json": {Data: []byte(`{"months": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."}`)},
	}
	c, err := Load(files, map[string]string{"more": "More of {it}."}, "a", "b")
	if err == nil {
		err = c.LoadSentences(files, "c", "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSay(t *testing.T) {
	c := spoken(t)
	for _, tt := range []struct {
		lang, key string
		pairs     []any
		want      string
	}{
		{"en", "cases", []any{"n", 1}, "1 case"},
		{"en", "cases", []any{"n", 0}, "0 cases"},
		{"fr", "cases", []any{"n", 0}, "0 dossier"}, // as the French do
		{"fr", "cases", []any{"n", 2}, "2 dossiers"},
		{"fr", "lost", []any{"what", "it"}, "Nobody has it."}, // English where it is lacking
		{"en", "more", []any{"it", "{it} [x]"}, "More of {it} [x]."},
		{"en", "here", []any{"who", "ada"}, "Set up [here] by {when}, ada."},
		{"en", "no such {key", nil, "no such {key"},
		{"fr", "You have {n} of them.", []any{"n", 2}, "Vous en avez 2."}, // its own key
		{"fr", "You have {n} of them.", []any{"n", 1}, "Vous en avez 1 seul."},
		{"en", "You have {n} of them.", []any{"n", 2}, "You have 2 of them."},
		{"en", "You have {n} of them.", []any{"n", 1}, "You have one of them."},
	} {
		if got := c[tt.lang].Say(tt.key, tt.pairs...); got != tt.want {
			t.Errorf("%s %s is %q, not %q", tt.lang, tt.key, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	got := spoken(t)[English].Cut("here", "who", "a [b] {when}")
	if len(got) != 4 || got[0] != "Set up " || got[1] != "here" || got[2] != " by " || got[3] != ", a [b] {when}." {
		t.Errorf("%q", got)
	}
}

func TestTheLanguageThatIsAskedFor(t *testing.T) {
	c := spoken(t)
	for _, tt := range [][3]string{
		{"", "", "en"}, {"fr", "en", "fr"}, {"tlh", "fr-CA", "fr"}, {"", "de, fr-CH;q=0.8, en;q=0.9", "en"}, {"", "de, fr-CH;q=0.9", "fr"}, {"", "\x00;;q=", "en"}, {"en", "fr", "en"},
	} {
		if got := c.In(tt[0], tt[1]); got.Name != tt[2] {
			t.Errorf("%q and %q get %s, not %s", tt[0], tt[1], got.Name, tt[2])
		}
	}
}

func TestFigures(t *testing.T) {
	c := spoken(t)
	at := time.Date(2026, 2, 3, 4, 5, 0, 0, time.FixedZone("", 3600))
	for got, want := range map[string]string{
		c["fr"].Number(-1.25, 1): "-1,2", c["en"].Percent(0.376): "38 %", c["fr"].Date(at): "3 févr. 2026", c["en"].Stamp(at): "3 Feb 2026 03:05 UTC", c["en"].Stamp(time.Time{}): "",
		c["en"].Span(49*time.Hour + 10*time.Minute): "2 days 1 h", c["en"].Span(24 * time.Hour): "1 day", c["en"].Span(90 * time.Minute): "1 h 30 min", c["en"].Span(-1): "no time", c["en"].Span(5 * time.Second): "5 s",
		c["fr"].Code("passed_on"): "transmis", c["fr"].Code("own_code"): "own code", Capital("éa"): "Éa", Capital(""): "",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	c := spoken(t)
	for tag, want := range map[string]string{"en": "English", "pt-BR": "Brazilian Portuguese", "hi-Latn": "Hindi (Latin)", "x!": "x!", "": ""} {
		if got := c[English].Language(tag); got != want {
			t.Errorf("%q is %q, not %q", tag, got, want)
		}
	}
	if got := c["fr"].Language("de"); got != "allemand" {
		t.Error(got)
	}
}

func TestAKeyStandsInOneFile(t *testing.T) {
	if _, err := Load(fstest.MapFS{"a/en.json": {Data: []byte(`{"x": "1"}`)}, "b/en.json": {Data: []byte(`{"x": "2"}`)}}, nil, "a", "b"); err == nil {
		t.Error("it stands in two")
	}
}

// Where English is the key, it needs no file of its own.
func TestEnglishIsTheKey(t *testing.T) {
	files := fstest.MapFS{"a/en.json": {Data: []byte(`{"none": "None at all"}`)}, "a/de.json": {Data: []byte(`{"more": "mehr"}`)}, "a/phrase/de.json": {Data: []byte(`{"none": "keine", "{n} times": "{n}-mal"}`)}}
	c, err := Load(files, nil, "a")
	if err = errors.Join(err, c.LoadSentences(files, "a/phrase", "phrase.")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][3]string{{"en", "phrase.none", "none"}, {"de", "phrase.none", "keine"}, {"de", "phrase.{n} times", "3-mal"}, {"en", "phrase.{n} times", "3 times"}, {"de", "none", "None at all"}} {
		if got := c[tt[0]].Say(tt[1], "n", 3); got != tt[2] {
			t.Errorf("%s in %s is %q", tt[1], tt[0], got)
		}
	}
}

func TestNearest(t *testing.T) {
	c, err := Load(fstest.MapFS{"a/en.json": {Data: []byte(`{"l.name": "Name", "l.mail.name": "Sender"}`)}}, nil, "a")
	if err != nil {
		t.Fatal(err)
	}
	for want, path := range map[string][]string{"l.name": {"queues", "name"}, "l.mail.name": {"sources", "mail", "name"}, "": {"name", "x"}} {
		if key, ok := c[English].Nearest("l", path...); key != want || ok != (want != "") {
			t.Errorf("%v is %q", path, key)
		}
	}
}
