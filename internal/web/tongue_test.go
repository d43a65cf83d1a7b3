package web

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/web/personal"
	"github.com/amends-care/amends/internal/web/tongue"
	"github.com/amends-care/amends/internal/web/tongue/tonguetest"
)

// english tells things in English, as a server does whom nobody asks otherwise.
func english(t testing.TB) teller { return tellerIn(t, tongue.English) }

func tellerIn(t testing.TB, lang string) teller {
	t.Helper()
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	return teller{all[lang]}
}

var placeOf = regexp.MustCompile(`\{\w+\}|[][]`)

// Every language has every string of the desk and of the server, with the
// places and the links that English has, and none that nothing asks for.
func TestCataloguesAreWhole(t *testing.T) {
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, slices.Sorted(slices.Values(personal.Languages()))) {
		t.Fatalf("there are %v", got)
	}
	en := all[tongue.English].Strings()
	for lang, other := range all {
		for key, text := range en {
			said := other.Strings()[key]
			if said == "" {
				t.Errorf("%s lacks %s", lang, key)
				continue
			}
			want, got := placeOf.FindAllString(text, -1), placeOf.FindAllString(said, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !strings.HasSuffix(key, ".one") && !slices.Equal(want, got) {
				t.Errorf("%s: %s has the places %v, not %v", lang, key, got, want)
			}
			if strings.ContainsFunc(said, harmful) || !utf8.ValidString(said) {
				t.Errorf("%s: %s holds something harmful", lang, key)
			}
		}
		for key := range other.Strings() {
			if base, _ := strings.CutSuffix(key, ".one"); en[base] == "" && en[key] == "" && !strings.HasPrefix(key, "code.") {
				t.Errorf("%s: English has no %s", lang, key)
			}
		}
	}
}

var cutIn = regexp.MustCompile(`cut "([^"]+)"([^}]*)`)

// What is cut into pieces has them in one order in every language, for the
// template that puts links and times between them knows no other.
func TestPiecesStandInOneOrder(t *testing.T) {
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range cutIn.FindAllStringSubmatch(ours(t, "templates/*.html", "templates/shared/*.html"), -1) {
		n++
		order := func(of *tongue.Tongue) (marks []string) {
			for _, mark := range placeOf.FindAllString(of.Say(m[1]), -1) {
				if !strings.Contains(m[2], `"`+strings.Trim(mark, "{}")+`"`) {
					marks = append(marks, mark)
				}
			}
			return marks
		}
		want := order(all[tongue.English])
		for lang, of := range all {
			if got := order(of); !slices.Equal(got, want) {
				t.Errorf("%s: %s is cut at %v, not %v", lang, m[1], got, want)
			}
		}
	}
	if n < 20 {
		t.Errorf("%d are cut", n)
	}
}

// ours is the text of our files.
func ours(t *testing.T, patterns ...string) string {
	t.Helper()
	var b strings.Builder
	for _, pattern := range patterns {
		files, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(data)
		}
	}
	return b.String()
}

// Every string of the server is asked for: by its key, or by the beginning of
// its key where the rest is put together.
func TestEveryStringIsAskedFor(t *testing.T) {
	server, err := tongue.Load(embedded, nil, "strings", "strings/setup")
	if err != nil {
		t.Fatal(err)
	}
	all := ours(t, "*.go", "tongue/*.go", "templates/*.html", "templates/shared/*.html")
	for key := range server[tongue.English].Strings() {
		if strings.HasPrefix(key, "label.") {
			continue // the forms ask for them, which app has
		}
		base, _ := strings.CutSuffix(key, ".one")
		asked := strings.Contains(all, `"`+base+`"`)
		for i, c := range base {
			if c == '.' || c == '_' {
				asked = asked || strings.Contains(all, `"`+base[:i+1]+`"`) || strings.Contains(all, `because("`+base[:i]+`"`) || base[:i] == "story.escalated"
			}
		}
		if !asked {
			t.Errorf("nothing asks for %s", key)
		}
	}
}

// Everything that a report is made of has words in every language, and English
// ones that are the report's own.
func TestReportsHaveWords(t *testing.T) {
	en, f := english(t), report.New(nil)
	check := func(what string) {
		if what != "" && !en.Has("fig."+what) {
			t.Errorf("no language has %q", what)
		}
	}
	for _, name := range report.Names() {
		r, err := f.Report(name, report.Query{})
		if err != nil {
			t.Fatal(err)
		}
		check(r.Title)
		for i := range r.Tables {
			of := &r.Tables[i]
			check(of.Title)
			check(string(of.Dates))
			if got := en.definition(of); got != of.Definition {
				t.Errorf("%s %s: the catalogue says %q", name, of.Name, got)
			}
			if de := tellerIn(t, "de").definition(of); de == of.Definition {
				t.Errorf("%s %s has no definition but the English", name, of.Name)
			}
			for _, c := range of.Columns {
				check(c.Title)
			}
			for _, row := range of.Rows {
				for _, c := range row.Cells {
					check(c.Why)
				}
			}
		}
	}
}

// Whoever reads another language finds no English on a page.
func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	b := staffed(t, func(d *Deps) { d.Learning = taught() })
	w := b.outage(3)
	b.says("zoe", "z", "lovely day")
	me := b.in(auth.Admin)
	pages := []string{"/me", "/start", "/people", "/sources", "/issues", "/issues/" + string(w.Issue), "/mentions", "/reviews", "/model", "/queue", "/password", "/nothing-here",
		"/cases/" + string(b.cases()[0].ID) + "/export?format=html", "/people?did=person", "/me?did=settings"}
	b.walk(me, append(pages, "/setup", "/setup/deadlines", "/setup/routing"))
	for _, accept := range []string{"de", "fr-CH, en;q=0.5", "es-MX"} {
		lang := accept[:2]
		page := b.ask("GET", "/sign-in", nil, "Accept-Language", accept).want(200).contains(`<html lang="` + lang + `"`)
		page.speaks(lang)
		b.ask("GET", "/link/x", nil, "Accept-Language", accept).contains(`<html lang="` + lang + `"`)
	}
}

func TestReportsSpeakTheReadersLanguage(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	b := sixtyCases(t)
	const span = "?from=2026-03-01&days=28"
	pages := []string{"/reports/response" + span + "&by=day", "/reports/response" + span + "&open=first/all/median"}
	for _, name := range report.Names() {
		pages = append(pages, "/reports/"+name+span)
	}
	b.walk(b.in(auth.Lead), append(pages, "/reports/response?from=2026-03-01&since=1"))
}

// walk looks at pages in every language but English.
func (b *bench) walk(me string, pages []string) {
	b.t.Helper()
	for _, lang := range personal.Languages() {
		if lang == tongue.English {
			continue
		}
		b.ask("PATCH", apiPath+"/me/settings", fmt.Sprintf(`{"language":%q}`, lang), "Cookie", me).want(200)
		for _, path := range pages {
			page := b.browse(me, "GET", path, nil).contains(`<html lang="` + lang + `"`)
			if page.StatusCode >= 500 {
				b.t.Errorf("%s: %d", path, page.StatusCode)
			}
			page.speaks(lang)
		}
	}
}

// speaks fails for whatever of a page is an English sentence, and none of its
// own language.
func (a *answer) speaks(lang string) {
	a.t.Helper()
	all, err := tonguetest.Foreign(a.body, english(a.t).Tongue, tellerIn(a.t, lang).Tongue, "admin", "lead", "agent", "viewer", "The agent") // names
	if err != nil {
		a.t.Fatal(err)
	}
	for _, text := range all {
		a.t.Errorf("%s: %q is English", a.what, text)
	}
}

// A name is text in every sentence, whatever it holds.
func TestANameInASentenceIsText(t *testing.T) {
	b := staffed(t)
	me := b.in(auth.Admin)
	b.ask("PATCH", apiPath+"/me/settings", `{"language":"de"}`, "Cookie", me).want(200)
	const name = `<b>{when}[x]</b>"&`
	b.browse(me, "POST", "/people", values("name", "eve", "display", name, "role", "agent")).want(201).
		contains(`&lt;b&gt;{when}[x]&lt;/b&gt;&#34;&amp;`, `Ändern<span class="sr"> &lt;b&gt;{when}[x]&lt;/b&gt;&#34;&amp;</span>`, "Geben Sie diesen Link weiter").lacks("<b>{when}", "<b>[x]")
	if got := tellerIn(t, "de").says("agent/eve", care.Tagged{Add: []string{"{who}", "[x]"}}); got != "eve vergab das Schlagwort {who}, [x]." {
		t.Error(got)
	}
}

// Sentences of the API are English, but for who asks for others: a session by
// what its person has set, and anybody by Accept-Language.
func TestTheLanguageOfTheAPI(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "my bill is broken")
	at, me := "/cases/"+string(b.cases()[0].ID), b.in(auth.Agent)
	told := func(a *answer) string {
		var f CaseFull
		a.want(200).into(&f)
		return f.Story[0].Events[1].Says + " " + f.Targets[0].Explained[0]
	}
	for _, tt := range []struct {
		what, want string
		a          *answer
	}{
		{"nobody says", "Sent to", b.get(auth.Agent, at)},
		{"a program asks for German", "geleitet", b.as(auth.Agent, "GET", at, nil, "Accept-Language", "de")},
		{"a session asks for French", "Dirigé", b.ask("GET", apiPath+at, nil, "Cookie", me, "Accept-Language", "fr")},
	} {
		if got := told(tt.a); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q", tt.what, got)
		}
	}
	b.ask("PATCH", apiPath+"/me/settings", `{"language":"es"}`, "Cookie", me).want(200)
	got := told(b.ask("GET", apiPath+at, nil, "Cookie", me, "Accept-Language", "fr"))
	if !strings.Contains(got, "Enviado a") || !strings.Contains(got, "Se cuentan 30 minutos de tiempo de trabajo") {
		t.Errorf("a person who set Spanish hears %q", got)
	}
	b.ask("GET", apiPath+"/cases/none", nil, "Cookie", me).want(404)
	b.ask("GET", apiPath+"/nothing", nil, "Cookie", me).wantProblem(404, "not_found").contains("En esta dirección no hay nada.")
}

// A template says nothing by itself: whatever it shows it asks the language for,
// but for examples of how a setting is written.
func TestTemplatesSayNothingThemselves(t *testing.T) {
	action, tag := regexp.MustCompile(`(?s)\{\{.*?\}\}`), regexp.MustCompile(`(?s)<(code|style)[ >].*?</(code|style)>|<[^>]*>|[a-z-]+="[^"]*"`)
	said := regexp.MustCompile(`(?:aria-label|title|alt)="([^"]*\p{L}[^"]*)"`)
	for _, pattern := range []string{"templates/*.html", "templates/shared/*.html"} {
		files, err := fs.Glob(embedded, pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(embedded, file)
			if err != nil {
				t.Fatal(err)
			}
			bare := action.ReplaceAllString(string(text), "")
			for _, m := range said.FindAllStringSubmatch(bare, -1) {
				t.Errorf("%s says %q", file, m[1])
			}
			for _, word := range regexp.MustCompile(`\p{L}{2,}[^\n]*`).FindAllString(tag.ReplaceAllString(bare, "\n"), -1) {
				t.Errorf("%s says %q", file, word)
			}
		}
	}
}
