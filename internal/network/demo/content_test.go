package demo

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
	"unicode/utf8"
)

var someday = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

func contents(t testing.TB) *content {
	t.Helper()
	c, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryLanguageHasEnoughToSay(t *testing.T) {
	c := contents(t)
	complaints := map[string]int{"en": 40, "de": 40, "fr": 40, "es": 40, "it": 25, "pt": 25, "nl": 25, "tr": 20, "ar": 20}
	for tag, want := range complaints {
		tongue := c.tongues[tag]
		if tongue == nil {
			t.Errorf("nothing is said in %s", tag)
			continue
		}
		if have := len(tongue.lines("complaint")); have < want {
			t.Errorf("%s has %d complaints, want %d", tag, have, want)
		}
	}
	if len(c.tongues) != len(complaints) {
		t.Errorf("%d languages, want %d", len(c.tongues), len(complaints))
	}
}

// TestOneTemplateIsManyTexts: slots, alternatives and tails make thousands of
// different complaints of the few hundred lines that were written.
func TestOneTemplateIsManyTexts(t *testing.T) {
	w := &writer{c: contents(t), seed: 1}
	for tag, want := range map[string]int{"en": 2500, "de": 2500, "ar": 1500} {
		lines := w.c.tongues[tag].lines("complaint")
		texts := map[string]bool{}
		for n := range uint64(4000) {
			s := w.begin(casting{class: classPast, n: n, at: someday, lang: tag, kind: "complaint", entry: lines[n%uint64(len(lines))]})
			texts[s.post.Text] = true
		}
		if len(texts) < want {
			t.Errorf("%s: 4000 complaints are %d different texts, want %d", tag, len(texts), want)
		}
	}
}

// said fills every line of every section several times.
func said(t testing.TB, c *content, times uint64, f func(tongue *tongue, section, at, text string)) {
	t.Helper()
	all := append(slices.Collect(maps.Values(c.tongues)), c.team, c.hostile)
	for _, tongue := range all {
		for section, lines := range tongue.sections {
			for _, l := range lines {
				for n := range times {
					s := newSpeech(tongue, chance(n, l.at, n))
					s.set("brand", "@lindavo")
					s.set("agent", "Mara")
					s.set("name", []string{"Beth", ""}[n%2])
					s.set("due", "Friday, 12:00")
					f(tongue, section, l.at, s.say(l, someday))
				}
			}
		}
	}
}

// untidy is what a gap that was filled with nothing may leave behind.
var untidy = regexp.MustCompile(` [,.،]|[,،:] ?[,:!.،]|^[,،:]`)

func TestNoGapStaysOpen(t *testing.T) {
	said(t, contents(t), 10, func(tongue *tongue, section, at, text string) {
		switch {
		case !utf8.ValidString(text):
			t.Errorf("%s: not UTF-8: %q", at, text)
		case tongue.tag != "und" && strings.ContainsAny(text, "{}|\\"):
			t.Errorf("%s: a gap stays open: %q", at, text)
		case text == "" || strings.Contains(text, "  ") || tongue.tag != "und" && untidy.MatchString(text):
			t.Errorf("%s: %q", at, text)
		case tongue.tag != "und" && strings.ContainsRune(text, '\uFFFD'):
			t.Errorf("%s: a character is broken: %q", at, text)
		}
	})
}

// TestAnswersFit: of the answers to each matter there is one that fits the
// shortest network.
func TestAnswersFit(t *testing.T) {
	fits := map[string]bool{}
	said(t, contents(t), 5, func(tongue *tongue, section, at, text string) {
		switch first, _, _ := strings.Cut(section, " "); first {
		case "reply", "ask", "promise", "kept", "late", "answer", "cheers", "welcome", "hand":
			if tongue.name == "English" && tongue.zone.String() == "Europe/Berlin" {
				return // the team's own notes
			}
			key := tongue.tag + " [" + section + "]"
			fits[key] = fits[key] || venueOf("x").fits(text)
			if !venueOf("play").fits(text) {
				t.Errorf("%s: %d characters are too many: %q", at, utf8.RuneCountInString(text), text)
			}
		}
	})
	for section, ok := range fits {
		if !ok {
			t.Errorf("%s: no answer has 280 characters or fewer", section)
		}
	}
	if len(fits) < 9*9 {
		t.Errorf("only %d sections of answers", len(fits))
	}
}

// TestNobodyRealIsNamed: names of companies, products, authorities and media
// that exist have no place in the story.
func TestNobodyRealIsNamed(t *testing.T) {
	real := map[string]bool{}
	for name := range strings.FieldsSeq(`vodafone telefonica telefónica movistar telekom virgin talktalk verizon comcast sfr bouygues
		iliad fastweb kpn ziggo turkcell vodacom etisalat congstar jazztel masmovil digi google amazon microsoft facebook meta instagram
		whatsapp twitter tiktok netflix spotify youtube reddit bluesky mastodon telegram openreach ofcom bundesnetzagentur arcep agcom
		anacom ntra bbc guardian spiegel dhl dpd fedex hermes paypal mastercard fritzbox iphone android samsung huawei nokia`) {
		real[name] = true
	}
	said(t, contents(t), 6, func(_ *tongue, section, at, text string) {
		for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) }) {
			if real[word] {
				t.Errorf("%s: %q is real: %q", at, word, text)
			}
		}
	})
}

func TestMistakesHaveFileAndLine(t *testing.T) {
	whole := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := files.ReadFile(name)
			whole[name] = &fstest.MapFile{Data: b}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	head := "language: nl Nederlands\nzone: Europe/Amsterdam\n"
	for _, c := range []struct{ text, want string }{
		{head + "[praise]\nthanks\n{oops\n", "nl.txt:5: a brace is not closed"},
		{head + "[praise]\nin {nowhere}\n", `nl.txt:4: there is no slot "nowhere"`},
		{head + "[slots]\nplace Utrecht\n", "nl.txt:4: a slot is written name: value"},
		{head + "[slots]\nday: maandag\n", "nl.txt:4: the slot day is filled by the story itself"},
		{head + "[slots]\nplace: Utrecht\nplace: Breda\n", "nl.txt:5: the slot place stands here twice"},
		{head + "[slots]\nplace: {of}\n", `slot place: there is no slot "of"`},
		{head + "[praise]\n+ image of nothing\n", `nl.txt:4: "+ image`},
		{head + "hello\n", "nl.txt:3: before the first [section]"},
		{"language: nl\nzone: Europe/Nowhere\n", "nl.txt:2: zone"},
		{"[praise]\nthanks\n", "nl.txt: language: and zone: are missing"},
		{head + "[complaint billing]\nyou charged me\n", "nl.txt: [complaint] has 1 lines, and needs 15"},
		{head, "nl.txt: the slot given has 0 values"},
	} {
		broken := maps.Clone(whole)
		broken["content/nl.txt"] = &fstest.MapFile{Data: []byte(c.text)}
		if _, err := load(broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: want %q in %v", c.text, c.want, err)
		}
	}
	for _, gone := range []string{"content/en.txt", "content/team.txt", "content/hostile.txt"} {
		without := maps.Clone(whole)
		delete(without, gone)
		if _, err := load(without); err == nil {
			t.Errorf("nobody misses %s", gone)
		}
	}
	if _, err := load(whole); err != nil {
		t.Errorf("the content as it is: %v", err)
	}
}
