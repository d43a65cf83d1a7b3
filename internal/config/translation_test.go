package config_test

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/deepl"
	"github.com/amends-care/amends/internal/translate/libretranslate"
)

func translators() config.Kinds {
	return config.Kinds{Networks: drivers(), Translators: []translate.Driver{deepl.Driver(), libretranslate.Driver()}}
}

func TestTranslationsThatCanNotWork(t *testing.T) {
	for text, want := range map[string]string{
		"{provider: babel}":          "there is no service \"babel\": write one of deepl, libretranslate",
		"{provider: libretranslate}": "url: must be an address",
		"{provider: libretranslate, settings: {url: \"http://translate.acme.example\"}}": "write https",
		"{provider: libretranslate, settings: {url: \"https://x.example\", region: eu}}": "region",
		"{provider: deepl, settings: {key: abcdefgh}}":                                   "a secret must not stand in this file",
		"{provider: deepl}":                "key: it is missing",
		"{languages: [german]}":            "is no language",
		"{daily_characters: -1}":           "below zero",
		"{price: -1}":                      "below zero",
		"{withhold: {queues: [nowhere]}}":  "nowhere",
		"{withhold: {sources: [nothing]}}": "nothing",
		"{provider: libretranslate, languages: [], settings: {url: \"https://x.example\"}}": "nothing could be asked for",
	} {
		_, err := config.Parse("x", []byte("translation: "+text+"\n"), translators())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "abcdefgh") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// What may leave the house: nothing, unless it is set up, and then not what is
// withheld, and direct messages only where somebody said so.
func TestWhatMayBeTranslated(t *testing.T) {
	t.Setenv("ECHO_PASSWORD", "correct horse")
	const on = "provider: libretranslate, settings: {url: \"https://x.example\"}"
	for _, c := range []struct {
		text, source, queue string
		message             bool
		why                 string
	}{
		{"{}", "a", "care", false, "No translation service"},
		{"{" + on + "}", "a", "care", false, ""},
		{"{" + on + "}", "a", "", false, ""},
		{"{" + on + "}", "a", "care", true, "Direct messages"},
		{"{messages: true, " + on + "}", "a", "care", true, ""},
		{"{withhold: {queues: [legal]}, " + on + "}", "a", "legal", false, "queue legal"},
		{"{withhold: {queues: [legal]}, " + on + "}", "a", "care", false, ""},
		{"{withhold: {queues: [legal]}, " + on + "}", "a", "", false, ""},
		{"{withhold: {sources: [a]}, " + on + "}", "a", "", false, "What a brings"},
		{"{withhold: {sources: [a]}, messages: true, " + on + "}", "b", "legal", true, ""},
	} {
		cfg, err := config.Parse("x", []byte("queues: [{name: care}, {name: legal}]\nsources: [{name: a, network: echo, settings: {handle: a, app_password: \"${ECHO_PASSWORD}\"}}]\ntranslation: "+c.text+"\n"), translators())
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := cfg.Translation.Why(c.source, c.queue, c.message); (got.Phrase == "") != (c.why == "") || !strings.Contains(got.String(), c.why) {
			t.Errorf("%s of %s in %q: %q, want %q", c.text, c.source, c.queue, got, c.why)
		}
	}
}
