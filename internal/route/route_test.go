package route_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

const brand = `
tree:
  queue: general
  policy: standard
  routes:
    - name: staff
      when: {lists: staff}
      queue: internal
      policy: none
    - name: press
      when: {lists: [press], min_reach: 10000}
      queue: press
      priority: 9
      lane: ordinary
    - name: billing
      when: {topic: [billing, refund]}
      queue: billing
      policy: money
      routes:
        - name: portuguese
          when: {language: pt}
          queue: billing-pt
        - name: vip
          when: {lists: vip, severity: high}
          priority: 5
          policy: gold
          routes:
            - name: at night
              when: {outside: office}
              queue: night
    - name: furious lawyers
      when: {mood: furious, urgency: [legal, regulator]}
      queue: legal
      lane: critical
    - when: {network: [Mastodon, bluesky], brand: acme}
      queue: open-networks
    - name: by day
      when: {during: office}
      queue: day
examples:
  - given: {network: x, topic: billing}
    want: billing
    policy: money
    priority: 0
    lane: ordinary
  - given: {topic: refund, lists: [vip, early], severity: high, at: 2026-11-21T12:00:00Z}
    want: night
    priority: 5
    policy: gold
  - given: {lists: press, reach: 12000, urgency: safety}
    want: press
    lane: ordinary
`

func routing(t testing.TB, text string) route.Routing {
	t.Helper()
	var r route.Routing
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.Load(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func office(t testing.TB) map[string]*sla.Calendar {
	t.Helper()
	nine := sla.Hours{{From: 9 * time.Hour, To: 17 * time.Hour}}
	c, err := sla.NewCalendar(sla.Timetable{Name: "office", Zone: "Europe/Berlin", Week: sla.Week{"mon-fri": nine}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*sla.Calendar{"office": c}
}

func tree(t testing.TB, text string) *route.Tree {
	t.Helper()
	made, err := route.New(routing(t, text), office(t))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRoute(t *testing.T) {
	made := tree(t, brand)
	const noon, night = "at=2026-11-23T11:00:00Z", "at=2026-11-22T11:00:00Z"
	tests := []struct {
		labels   string // of ParseLabels
		queue    string
		lane     care.Lane
		priority int
		policy   string
		path     string
	}{
		{"", "general", care.Ordinary, 0, "standard", "everything"},
		{"network=x topic=delivery", "general", care.Ordinary, 0, "standard", "everything"},
		{"urgency=safety", "general", care.Critical, 0, "standard", "everything"},
		{"urgency=vulnerable", "general", care.Critical, 0, "standard", "everything"},
		{"urgency=legal", "general", care.Critical, 0, "standard", "everything"},
		{"urgency=press,viral", "general", care.Critical, 0, "standard", "everything"},
		{"urgency=press,regulator,cancellation,broken_promise", "general", care.Ordinary, 0, "standard", "everything"},
		{"lists=staff topic=billing", "internal", care.Ordinary, 0, "none", "everything > staff"}, // the first that matches
		{"topic=billing", "billing", care.Ordinary, 0, "money", "everything > billing"},
		{"topic=refund language=pt", "billing-pt", care.Ordinary, 0, "money", "everything > billing > portuguese"}, // the policy is inherited
		{"topic=refund language=pt-br", "billing-pt", care.Ordinary, 0, "money", "everything > billing > portuguese"},
		{"topic=refund language=ptx", "billing", care.Ordinary, 0, "money", "everything > billing"},
		{"topic=billing lists=vip", "billing", care.Ordinary, 0, "money", "everything > billing"}, // severity is not known
		{"topic=billing lists=old,vip severity=high", "billing", care.Ordinary, 5, "gold", "everything > billing > vip"},
		{"topic=billing lists=vip severity=high " + noon, "billing", care.Ordinary, 5, "gold", "everything > billing > vip"},
		{"topic=billing lists=vip severity=high " + night, "night", care.Ordinary, 5, "gold", "everything > billing > vip > at night"},
		{"topic=billing lists=vip severity=high urgency=safety " + night, "night", care.Critical, 5, "gold", "everything > billing > vip > at night"},
		{"lists=press reach=9999", "general", care.Ordinary, 0, "standard", "everything"},
		{"lists=press reach=10000", "press", care.Ordinary, 9, "standard", "everything > press"},
		{"lists=press reach=10000 urgency=safety", "press", care.Ordinary, 9, "standard", "everything > press"}, // the node says so
		{"mood=furious urgency=regulator", "legal", care.Critical, 0, "standard", "everything > furious lawyers"},
		{"mood=furious urgency=press", "general", care.Ordinary, 0, "standard", "everything"},
		{"network=Mastodon brand=acme", "open-networks", care.Ordinary, 0, "standard", "everything > network=bluesky,mastodon brand=acme"},
		{"network=mastodon brand=other", "general", care.Ordinary, 0, "standard", "everything"},
		{noon, "day", care.Ordinary, 0, "standard", "everything > by day"},
		{night, "general", care.Ordinary, 0, "standard", "everything"},
	}
	for _, tt := range tests {
		l, err := route.ParseLabels(strings.Fields(tt.labels))
		if err != nil {
			t.Fatal(err)
		}
		d := made.Route(l)
		if d.Queue != tt.queue || d.Lane != tt.lane || d.Priority != tt.priority || d.Policy != tt.policy || strings.Join(d.Path, " > ") != tt.path {
			t.Errorf("%s: %+v, want %+v", tt.labels, d, tt)
		}
		tries := made.Trace(l)
		var path []string
		for _, try := range tries {
			if try.Matched {
				path = append(path, try.Name)
			}
			if try.Matched != (try.Why == "") {
				t.Errorf("%s: %+v", tt.labels, try)
			}
		}
		if !slices.Equal(path, d.Path) {
			t.Errorf("%s: traced %v, want %v", tt.labels, path, d.Path)
		}
	}
	if err := made.CheckExamples(); err != nil {
		t.Error(err)
	}
}

// Decisions of siblings must not write into each other's path.
func TestPathsOfDeepSiblings(t *testing.T) {
	made := tree(t, `tree: {queue: q, routes: [{name: a, routes: [{name: b, routes: [
		{name: c, when: {topic: x}}, {name: d}]}]}]}`)
	for topic, want := range map[string]string{"x": "everything a b c", "y": "everything a b d"} {
		if got := strings.Join(made.Route(care.Labels{Topic: topic}).Path, " "); got != want {
			t.Errorf("%s goes by %s, want %s", topic, got, want)
		}
	}
}

// Whoever is not known to have posted at any time did not post in or out of hours.
func TestUnknownTime(t *testing.T) {
	made, err := route.New(routing(t, "tree: {queue: q, routes: [{queue: day, when: {during: always}}, {queue: night, when: {outside: always}}]}"),
		map[string]*sla.Calendar{"always": sla.Always()})
	if err != nil {
		t.Fatal(err)
	}
	if got := made.Route(care.Labels{}).Queue; got != "q" {
		t.Errorf("goes to %s", got)
	}
	if got := made.Route(care.Labels{At: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}).Queue; got != "day" {
		t.Errorf("goes to %s", got)
	}
}

func TestTrace(t *testing.T) {
	tries := tree(t, brand).Trace(care.Labels{Topic: "billing", Language: "de", Lists: []string{"vip"}})
	want := []route.Try{
		{Depth: 0, Name: "everything", Matched: true},
		{Depth: 1, Name: "staff", Why: "lists"},
		{Depth: 1, Name: "press", Why: "lists"},
		{Depth: 1, Name: "billing", Matched: true},
		{Depth: 2, Name: "portuguese", Why: "language"},
		{Depth: 2, Name: "vip", Why: "severity"},
	}
	if !slices.Equal(tries, want) {
		t.Errorf("got %+v, want %+v", tries, want)
	}
}

func TestExamplesThatFail(t *testing.T) {
	r := routing(t, brand)
	nine := 9
	r.Examples = []route.Example{
		{Given: route.Given{"topic": {"billing"}}, Want: "general"},
		{Given: route.Given{"topic": {"billing"}}, Want: "billing", Lane: care.Critical, Priority: &nine, Policy: "gold"},
		{Given: route.Given{"topic": {"billing"}}},
		{Given: route.Given{"colour": {"red"}, "severity": {"mid"}}, Want: "general"},
		{Given: route.Given{"topic": {"a", "b"}}, Want: "general"},
		{Want: "general"},
	}
	made, err := route.New(r, office(t))
	if err != nil {
		t.Fatal(err)
	}
	err = made.CheckExamples()
	if err == nil {
		t.Fatal("all examples hold")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		`route example 1: examples[0]: comes to queue "billing", want "general", by everything > billing`,
		`route example 2: examples[1]: comes to lane "ordinary", want "critical"; policy "money", want "gold"; priority "0", want "9", by everything > billing`,
		`route example 3: examples[2]: has no want: name the queue that it must come to`,
		`route example 4: examples[3]: severity: "mid" does not exist: write one of low, high`,
		`"colour" is not a label: write one of the keys network, language, topic, severity, mood, urgency, lists, brand, reach, at`,
		`route example 5: examples[4]: topic: give one value, not 2`,
	} {
		if i >= len(lines) || lines[i] != want {
			t.Fatalf("line %d of\n%v\nis not %s", i+1, err, want)
		}
	}
	if len(lines) != 6 {
		t.Errorf("%d lines: %v", len(lines), err)
	}
}

func TestMistakes(t *testing.T) {
	tests := []struct{ name, text, in, path, words string }{
		{"no tree", "{}", `route "everything"`, "queue", "is missing"},
		{"conditions on the root", "tree: {queue: general, when: {network: x}}", `route "everything"`, "when", "must be empty"},
		{"no such queue", "tree: {queue: genral}", `route "everything"`, "tree.queue", "write one of general, billing"},
		{"no such policy", "tree: {name: all, queue: general, policy: x}", `route "all"`, "tree.policy", `policy "x" does not exist: write one of standard`},
		{"no such lane", "tree: {queue: general, lane: fast}", `route "everything"`, "tree.lane", "ordinary or critical"},
		{"priority too high", "tree: {queue: general, priority: 10}", `route "everything"`, "tree.priority", "0 to 9"},
		{"priority too low", "tree: {queue: general, priority: -1}", `route "everything"`, "tree.priority", "0 to 9"},
		{"deep down", "tree: {queue: general, routes: [{name: a, when: {network: x}, routes: [{name: b, when: {topic: y}, queue: z}]}]}",
			`route "everything > a > b"`, "tree.routes[0].routes[0].queue", `queue "z" does not exist`},
		{"no such severity", "tree: {queue: general, routes: [{when: {severity: [high, medium]}}]}",
			`route "everything > severity=high,medium"`, "tree.routes[0].when.severity", `"medium" does not exist: write one of low, high`},
		{"no such urgency", "tree: {queue: general, routes: [{when: {urgency: fire}}]}", `route "everything > urgency=fire"`, "tree.routes[0].when.urgency", "vulnerable, safety, legal"},
		{"no such mood", "tree: {queue: general, routes: [{when: {mood: happy}}]}", `route "everything > mood=happy"`, "tree.routes[0].when.mood", "calm"},
		{"an empty list", "tree: {queue: general, routes: [{name: a, when: {topic: []}}]}", `route "everything > a"`, "tree.routes[0].when.topic", "empty list"},
		{"an empty value", "tree: {queue: general, routes: [{name: a, when: {topic: ' '}}]}", `route "everything > a"`, "tree.routes[0].when.topic", "is no value"},
		{"a negative reach", "tree: {queue: general, routes: [{name: a, when: {min_reach: -1}}]}", `route "everything > a"`, "tree.routes[0].when.min_reach", "is negative"},
		{"no such calendar", "tree: {queue: general, routes: [{name: a, when: {during: moon}}]}", `route "everything > a"`, "tree.routes[0].when.during", "write one of office"},
		{"inside and outside", "tree: {queue: general, routes: [{name: a, when: {during: office, outside: office}}]}",
			`route "everything > a"`, "tree.routes[0].when.outside", "nothing matches"},
		{"the same name", "tree: {queue: general, routes: [{name: a, when: {topic: x}}, {name: ' a ', when: {topic: y}}]}",
			`route "everything > a"`, "tree.routes[1].name", "routes[0] too"},
		{"after one that takes all", "tree: {queue: general, routes: [{queue: billing}, {name: a, when: {topic: x}}]}",
			`route "everything > a"`, "tree.routes[1]", `never reached: "always"`},
		{"narrower after wider", "tree: {queue: general, routes: [{when: {topic: [x, y]}}, {name: a, when: {topic: y, network: x}}]}",
			`route "everything > a"`, "tree.routes[1]", `never reached: "topic=x,y"`},
		{"a variety after its language", "tree: {queue: general, routes: [{name: pt, when: {language: pt}}, {name: br, when: {language: PT-BR}}]}",
			`route "everything > br"`, "tree.routes[1]", "never reached"},
		{"a higher reach after a lower", "tree: {queue: general, routes: [{name: a, when: {min_reach: 10}}, {name: b, when: {min_reach: 20}}]}",
			`route "everything > b"`, "tree.routes[1]", "never reached"},
		{"a long name", "tree: {queue: general, name: " + strings.Repeat("n", 101) + "}", `route "` + strings.Repeat("n", 100) + `…"`, "tree.name", "shorten"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := routing(t, tt.text)
			err := r.Validate([]string{"general", "billing"}, []string{"standard"}, []string{"office"})
			p, ok := errors.AsType[*sla.Problem](err)
			if !ok || p.In != tt.in || p.Path != tt.path || !strings.Contains(p.Msg, tt.words) {
				t.Fatalf("%v, want %q at %s in %s", err, tt.words, tt.path, tt.in)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one mistake: %v", err)
			}
			// What can't work makes no tree; names of queues and policies can be unknown to it.
			_, err = route.New(r, office(t))
			unknown := strings.Contains(p.Msg, "queue \"") || strings.Contains(p.Msg, "policy \"")
			if (err == nil) != unknown {
				t.Errorf("New: %v", err)
			}
		})
	}
}

// Nodes that look alike but can each be reached are no mistake.
func TestNoFalseAlarm(t *testing.T) {
	for _, text := range []string{
		"{queue: q, routes: [{when: {topic: x, network: y}}, {when: {topic: x}}, {when: {network: y}}, {}]}",
		"{queue: q, routes: [{when: {language: pt-br}}, {when: {language: pt}}]}",
		"{queue: q, routes: [{when: {min_reach: 20}}, {when: {min_reach: 10}}]}",
		"{queue: q, routes: [{when: {urgency: legal}}, {when: {urgency: [legal, safety]}}]}",
		"{queue: q, routes: [{when: {during: office}}, {when: {outside: office}}]}",
		"{queue: q, routes: [{name: a, when: {topic: x}, routes: [{name: a, when: {topic: y}}]}]}",
	} {
		r := routing(t, "tree: "+text)
		if err := r.Validate([]string{"q"}, nil, []string{"office"}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	r := routing(t, `tree: {lane: x, routes: [{queue: a, when: {severity: y, mood: z}}, {policy: b, when: {during: c}}]}`)
	err := r.Validate(nil, nil, nil)
	if n := len(strings.Split(err.Error(), "\n")); n != 7 {
		t.Errorf("%d mistakes, want 7:\n%v", n, err)
	}
	if !strings.Contains(err.Error(), "add it, or leave this out") {
		t.Errorf("where no queue exists it says\n%v", err)
	}
}

func TestBounds(t *testing.T) {
	deep := route.Node{Queue: "q"}
	for i := range 40 {
		deep = route.Node{Queue: "q", When: route.Match{Topic: route.OneOf{strconv.Itoa(i)}}, Routes: []route.Node{deep}}
	}
	wide := route.Node{Queue: "q"}
	for i := range 100_000 {
		wide.Routes = append(wide.Routes, route.Node{When: route.Match{Topic: route.OneOf{strconv.Itoa(i)}}})
	}
	long := route.Node{Queue: "q", Routes: []route.Node{{When: route.Match{Topic: make(route.OneOf, 1001)}}}}
	for name, root := range map[string]route.Node{"deeper than 16": {Queue: "q", Routes: []route.Node{deep}}, "more than 2000 nodes": wide, "more than 1000 values": long} {
		if _, err := route.New(route.Routing{Tree: root}, nil); err == nil || !strings.Contains(err.Error(), name) || len(err.Error()) > 2000 {
			t.Errorf("%s: %.2000v", name, err)
		}
	}
}

func TestYAMLMistakesHaveLines(t *testing.T) {
	text := "tree:\n  queue: general\n  routes:\n    - when:\n        topic: {a: b}\n      continue: true\n      priority: high\n"
	var r route.Routing
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	err = loader.Load(&r)
	for _, want := range []string{"line 5", "line 6", "continue", "line 7"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestVersion(t *testing.T) {
	made := tree(t, brand)
	want := made.Version()
	if want != "e2a0d0f1b8f2" {
		t.Errorf("version is %s: versions in old events no longer match", want)
	}
	for what, change := range map[string][2]string{
		"values in another order": {"[billing, refund]", "[refund, billing]"},
		"a list of one":           {"{lists: staff}", "{lists: [staff, staff]}"},
		"the case of a network":   {"Mastodon", "mastodon"},
		"an example":              {"want: night", "want: day"},
	} {
		if got := tree(t, strings.Replace(brand, change[0], change[1], 1)).Version(); got != want {
			t.Errorf("%s changes the version", what)
		}
	}
	for what, change := range map[string][2]string{
		"a queue":    {"queue: night", "queue: day"},
		"a priority": {"priority: 5\n          policy", "priority: 0\n          policy"},
		"a value":    {"refund]", "refunds]"},
		"a name":     {"name: vip", "name: VIP"},
	} {
		if got := tree(t, strings.Replace(brand, change[0], change[1], 1)).Version(); got == want {
			t.Errorf("%s does not change the version", what)
		}
	}
	kept, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	var r route.Routing
	if err := json.Unmarshal(kept, &r); err != nil {
		t.Fatal(err)
	}
	again, err := route.New(r, office(t))
	if err != nil || again.Version() != want {
		t.Errorf("kept as %s it comes back as %v, %v", kept, again, err)
	}
}

func TestParseLabels(t *testing.T) {
	got, err := route.ParseLabels([]string{"network=X", "language=pt-BR", "topic=billing", "severity=high", "mood=angry", "urgency=legal,press", "urgency=viral",
		"lists=vip, press", "brand=Acme = Co", "reach=12000", "at=2026-11-20T17:45:00+01:00"})
	if err != nil {
		t.Fatal(err)
	}
	want := care.Labels{Network: "x", Language: "pt-br", Topic: "billing", Severity: care.High, Mood: care.Angry,
		Urgency: []care.Urgency{care.Legal, care.Press, care.Viral}, Lists: []string{"vip", "press"}, Brand: "Acme = Co", Reach: 12000,
		At: time.Date(2026, 11, 20, 16, 45, 0, 0, time.UTC)}
	if gotJSON, wantJSON := must(json.Marshal(got)), must(json.Marshal(want)); gotJSON != wantJSON {
		t.Errorf("got %s, want %s", gotJSON, wantJSON)
	}
	for arg, words := range map[string]string{
		"billing":                          "write key=value, with one of the keys network, language",
		"colour=red":                       `"colour" is not a label: write one of the keys network`,
		"severity=mid":                     `severity: "mid" does not exist: write one of low, high`,
		"mood=sad":                         "calm, annoyed, angry, furious",
		"urgency=legal,fire":               "broken_promise",
		"reach=many":                       "write 12000",
		"reach=-1":                         "write 12000",
		"at=yesterday":                     "2026-11-20T16:45:00Z",
		"topic=":                           "is no value",
		"topic=" + strings.Repeat("é", 60): "is no value",
	} {
		if _, err := route.ParseLabels([]string{arg}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", arg, err, words)
		}
	}
	if _, err := route.ParseLabels([]string{"network=x", "network=y"}); err == nil || !strings.Contains(err.Error(), "give one value, not 2") {
		t.Errorf("two networks: %v", err)
	}
	_, err = route.ParseLabels([]string{"x", "severity=mid", "y=z"})
	if err == nil || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("want three mistakes: %v", err)
	}
	// An empty list of arguments is what routes where nothing is known.
	if l, err := route.ParseLabels(nil); err != nil || must(json.Marshal(l)) != "{}" {
		t.Errorf("no labels: %v, %v", l, err)
	}
}

func must(b []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Every severity, mood and urgency that care knows can be routed by.
func TestVocabularyIsCares(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../care/labels.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		kind, ok := spec.Type.(*ast.Ident)
		if !ok {
			return true
		}
		key := strings.ToLower(kind.Name)
		for _, v := range spec.Values {
			literal, ok := v.(*ast.BasicLit)
			if !ok || !slices.Contains([]string{"severity", "mood", "urgency"}, key) {
				continue
			}
			found++
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := route.ParseLabels([]string{key + "=" + value}); err != nil {
				t.Errorf("care's %s %s: %v", key, value, err)
			}
		}
		return true
	})
	if found < 14 {
		t.Errorf("found %d words in care, want 14 or more", found)
	}
}
