package app

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers/topic"
	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/web"
	"github.com/amends-care/amends/internal/web/tongue"
	"github.com/amends-care/amends/internal/web/tongue/tonguetest"
)

func catalogue(t *testing.T) tongue.Catalogue {
	t.Helper()
	all, err := web.Tongues()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// eachField calls use for every field that a form can have, with its section, its
// kind and its path.
func eachField(t *testing.T, use func(f form.Field, at []string)) {
	t.Helper()
	forms, err := setup.NewForms(Kinds())
	if err != nil {
		t.Fatal(err)
	}
	var walk func(fields []form.Field, at []string)
	walk = func(fields []form.Field, at []string) {
		for _, f := range fields {
			path := append(slices.Clone(at), f.Name)
			use(f, path)
			walk(f.Fields, path)
		}
	}
	for _, section := range config.Editable() {
		for _, kind := range kindsOf(section) {
			fields, err := forms.Fields(section, kind, config.Default())
			if err != nil {
				t.Fatal(section, kind, err)
			}
			at := []string{section}
			if kind != "" {
				at = append(at, kind)
			}
			walk(fields, at)
		}
	}
}

// kindsOf are the kinds of a section's entries; one that has none has an empty one.
func kindsOf(section string) (kinds []string) {
	switch section {
	case "sources":
		for _, o := range offers() {
			kinds = append(kinds, o.Kind)
		}
		return kinds
	case "channels":
		return (&settings{}).Channels()
	}
	return []string{""}
}

// literals are the texts in quotes of our files.
func literals(t *testing.T, files ...string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	quoted := regexp.MustCompile(`"((?:[^"\\\n]|\\.)*)"`)
	for _, pattern := range files {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range quoted.FindAllSubmatch(b, -1) {
				all[string(m[1])] = true
			}
		}
	}
	return all
}

// Every setting that a form shows has a name for people and, where something
// explains it, the explanation in every language, and no catalogue has one more.
func TestSettingsHaveWords(t *testing.T) {
	en := catalogue(t)[tongue.English]
	asked, n := map[string]bool{}, 0
	eachField(t, func(f form.Field, at []string) {
		n++
		key, ok := en.Nearest("label", at...)
		if !ok {
			t.Errorf("no language has a label for %s", strings.Join(at, "."))
		}
		asked[key] = true
		if key = "phrase." + f.About; f.About != "" && !en.Has(key) {
			t.Errorf("no language explains %s: %q", strings.Join(at, "."), f.About)
		}
		asked[key] = true
	})
	if n < 300 {
		t.Errorf("%d settings", n)
	}
	for _, e := range topic.Default() {
		asked["phrase."+e.About] = true
		if !en.Has("phrase." + e.About) {
			t.Errorf("no language explains the topic %s", e.Name)
		}
	}
	said := literals(t, "inforce*.go", "translation.go", "../report/since.go", "../route/route.go", "../config/*.go", "../sla/*.go", "../care/*.go")
	for key := range en.Strings() {
		phrase, is := strings.CutPrefix(key, "phrase.")
		if label := strings.HasPrefix(key, "label."); (is || label) && !asked[key] && !said[phrase] {
			t.Errorf("nothing asks for %s", key)
		}
	}
}

// Every phrase that a table of Set up is made of is in the catalogues.
func TestTablesHaveWords(t *testing.T) {
	en := catalogue(t)[tongue.English]
	for _, file := range []string{"inforce.go", "inforcemore.go", "translation.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range regexp.MustCompile(`t\.(?:say|each|named|spell)\((.*)`).FindAllSubmatch(b, -1) {
			for _, m := range regexp.MustCompile(`t\.say\("([^"]*)"|t\.spell\([^"]*"([^"]*)"`).FindAllSubmatch(call[0], -1) {
				if phrase := string(m[1]) + string(m[2]); !en.Has("phrase."+phrase) && phrase != "2m" {
					t.Errorf("%s: %q has no translation", file, phrase)
				}
			}
		}
	}
	t.Setenv("ROOM", "https://ntfy.example.org")
	say := func(english string, pairs ...any) string {
		if code := strings.ReplaceAll(english, "_", ""); !en.Has("phrase."+english) && !en.Has("code."+english) && (strings.ContainsAny(code, " {") || code != strings.ToLower(code)) {
			t.Errorf("%q has no translation", english)
		}
		return asWritten(english, pairs...)
	}
	for _, hand := range []string{"", richHand} {
		c, err := config.Parse("amends.yaml", []byte(hand), Kinds())
		if err != nil {
			t.Fatal(err)
		}
		in, err := inForce(c, say)
		if err != nil || len(in.Parts) < 20 {
			t.Fatal(len(in.Parts), err)
		}
	}
}

// richHand has something of every table.
const richHand = `brand: Acme
public_url: https://desk.example.org
queues:
  - {name: care, title: Care, assign: round_robin, untouched: 2h, escalation: loud, away: night}
routing:
  tree: {routes: [{when: {mood: furious}, lane: critical}]}
policies:
  - {name: standard, calendar: office, first_response: 1h, at_risk: 10m}
calendars:
  - {name: office, zone: Europe/Berlin, week: {mon-fri: "09:00-17:00"}}
escalations:
  - name: loud
    steps: [{when: breached, target: first_response, raise: true, queue: care, assign: rota}, {when: at_risk, after: 10m, notify: [room], repeat: 10m, times: 3}]
acknowledgements:
  - {name: night, hours: office, texts: {en: We are back tomorrow.}}
macros:
  - {name: sorry, texts: {en: Sorry}, then: resolve, disposition: solved}
channels:
  - {name: room, kind: chat, sources: true, settings: {kind: ntfy, url: "${ROOM}"}, to: care}
notices:
  by: [why, queue]
  silences: [{queue: care, why: breached, from: 2026-12-24T12:00:00Z, until: 2026-12-27T08:00:00Z}]
people:
  - {name: ada, capacity: 3, shift: office}
on_call:
  - {name: rota, zone: Europe/Berlin, people: [ada], since: 2026-12-07, days: 1, at: 8h}
dispositions: [{code: solved}]
surveys:
  rules: [{ask: csat, after: 1d, share: 0.5}]
digests:
  - {name: weekly, each: week, channels: [room]}
alerts:
  - {name: slow, figure: response/first/median, above: 4h, over: 7d, channels: [room]}
lists: {vip: [x/ana]}
fallbacks: {en: {customer.name: there}}
approvals: [{name: money, amounts: true}]
goodwill: {limit: 10, currency: EUR}
`

// The whole of Set up speaks the reader's language: each form, new and filled in,
// refused and tried, and what was changed.
func TestSetUpSpeaksTheReadersLanguage(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	o := newOffice(t, "")
	admin := o.in(auth.Admin)
	pages := map[string]url.Values{"/setup": nil, "/setup/routing?mood=furious&topic=billing": nil, "/setup/routing": nil, "/setup/deadlines": nil, "/setup/deadlines?policy=standard": nil, "/setup/history": nil, "/start": nil}
	for _, section := range config.Editable() {
		for _, kind := range kindsOf(section) {
			pages["/setup/edit/"+section+"?kind="+kind] = nil
		}
	}
	for at, sent := range map[string]url.Values{
		"lists": filled("name", "vip", "authors", "x/ana"), "fallbacks": filled("name", "en", "texts.0.key", "customer.name", "texts.0.text", "there"),
		"calendars":    filled("name", "office", "zone", "Europe/Berlin", "week.0.key", "mon-fri", "week.0.text", "09:00-17:00", "holidays.0.", "1", "holidays.0.date", "12-25"),
		"escalations":  filled("name", "loud", "steps.0.", "1", "steps.0.when", "breached", "steps.0.raise", "on"),
		"dispositions": filled("code", "gone_off"), "queues": filled("name", "billing"), "brand": filled("brand", "Acme"),
		"channels": filled("kind", "chat", "name", "room", "settings.kind", "ntfy", "settings.url", "https://ntfy.example.org", "to", "care"),
		"routing":  filled("tree.routes.0.", "1", "tree.routes.0.when.mood", "furious", "tree.routes.0.lane", "critical"),
	} {
		sent.Set("do", "save")
		o.want(303, admin, "/setup/edit/"+at, sent)
		pages["/setup/edit/"+at+"?name="+url.QueryEscape(sent.Get("name")+sent.Get("code"))] = nil
	}
	delete(pages, "/setup/edit/routing?name=")
	delete(pages, "/setup/edit/brand?name=")
	pages["/setup/edit/routing#tried"] = filled("do", "route", "tree.routes.0.", "1", "tree.routes.0.when.mood", "furious", "try.mood", "furious")
	pages["/setup/edit/routing#added"] = filled("do", "add:tree.routes", "tree.routes.0.", "1", "tree.routes.0.when.mood", "furious")
	pages["/setup/edit/calendars#tried"] = filled("do", "deadline", "name", "a", "zone", "UTC", "week.0.key", "mon", "week.0.text", "9:00-10:00", "try.policy", "standard")
	pages["/setup/edit/policies#tried"] = filled("do", "deadline", "name", "a", "first_response", "1h")
	pages["/setup/edit/sources#refused"] = filled("do", "untested", "kind", "bluesky", "name", "b", "settings.app_password", "hush-hush-1")
	all := catalogue(t)
	for lang, own := range all {
		if lang == tongue.English {
			continue
		}
		for _, path := range slices.Sorted(maps.Keys(pages)) {
			at, _, _ := strings.Cut(path, "#")
			status, body := o.ask(admin, at, pages[path], "Accept-Language", lang)
			if status != 200 && (status != 422 || !strings.HasSuffix(path, "#refused")) || !strings.Contains(body, `<html lang="`+lang+`"`) {
				t.Errorf("%s in %s: %d", path, lang, status)
			}
			foreign, err := tonguetest.Foreign([]byte(body), all[tongue.English], own, "admin", "Acme", "Customer care", "waiting", "mentions", "replies") // names, and values as they are written
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range foreign {
				t.Errorf("%s in %s: %q is English", path, lang, text)
			}
		}
	}
}
