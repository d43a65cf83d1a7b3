package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("amends.yaml", []byte(text), config.Kinds{Networks: drivers()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// all is a configuration that uses every kind of value.
func all(t *testing.T) *config.Config {
	t.Helper()
	t.Setenv("ECHO_HANDLE", "env.example.org")
	t.Setenv("ECHO_PASSWORD", "correct horse")
	t.Setenv("ECHO_CALLS", "300")
	c, err := config.Load("testdata/good/all.yaml", config.Kinds{Networks: drivers()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestValues(t *testing.T) {
	c := all(t)
	three := 3
	for _, v := range []struct {
		what      string
		got, want any
	}{
		{"brand, a number in YAML", c.Brand, "2024"},
		{"listen", c.Listen, ":0"},
		{"public_url without its slash", c.PublicURL, "https://care.example.org"},
		{"trusted_proxies", c.TrustedProxies, []netip.Prefix{
			netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		{"sources", len(c.Sources), 3},
		{"source", c.Sources[0].Every, 90 * time.Second},
		{"brand of a source", c.Sources[0].Brand, "2024"},
		{"other brand", c.Sources[1].Brand, "Other"},
		{"default of a source", c.Sources[1].Every, time.Minute},
		{"queue", c.Queues[0], config.Queue{Name: "care", Title: "Care"}},
		{"queue without title", c.Queues[1].Title, "billing"},
		{"node", c.Routing.Tree.Routes[0], route.Node{
			Name: "money", Queue: "billing", Priority: &three,
			When: route.Match{Topic: route.OneOf{"billing", "refund"}, Language: route.OneOf{"de"}}}},
		{"lane", c.Routing.Tree.Routes[1].Lane, care.Critical},
		{"example", c.Routing.Examples[0].Given["topic"], route.OneOf{"billing"}},
		{"policy", c.Policies[0], sla.Policy{
			Name: "standard", Calendar: "office", Clock: sla.Desk, FirstResponse: 90 * time.Minute, NextResponse: 2 * time.Hour,
			Resolution: 16 * time.Hour, AtRisk: sla.Margin{Time: 10 * time.Minute}}},
		{"week 24/7", c.Calendars[1].Week, sla.Week{"daily": {{From: 0, To: 24 * time.Hour}}}},
		{"holidays with those of the file", len(c.Calendars[0].Holidays), 4},
		{"list", c.Lists["vip"], []string{"echo/@ana.example.org", "x/bob"}},
		{"list without authors", c.Lists["empty"], []string(nil)},
		{"cases", c.Cases, config.Cases{ReopenWindow: 7 * 24 * time.Hour, LateAfter: 12 * time.Hour, Viral: config.Default().Cases.Viral}},
		{"classifier", c.Classifier, config.Classifier{Threshold: 0.55, Review: config.Review{Unflagged: 0.02, Dismissed: 0.1}, Always: []string{"scam"}, Never: []string{"thank you: really"}}},
		{"retention", c.Retention, config.Retention{Mentions: 30 * 24 * time.Hour, Cases: 364 * 24 * time.Hour}},
	} {
		if !reflect.DeepEqual(v.got, v.want) {
			t.Errorf("%s: %#v, want %#v", v.what, v.got, v.want)
		}
	}
}

func TestDriverReadsItsSettings(t *testing.T) {
	c := all(t)
	first := c.Sources[0].Settings.(*echoSettings)
	want := echoSettings{Host: "https://echo.example.org", Handle: "env.example.org", AppPassword: "correct horse", APIToken: "open sesame",
		Back: 48 * time.Hour, Shared: echoShared{Tags: []string{"a", "b"}}}
	want.Limits.Calls, want.Limits.Strict = 300, true
	if !reflect.DeepEqual(*first, want) {
		t.Errorf("%#v", *first)
	}
	merged := c.Sources[2].Settings.(*echoSettings)
	if merged.Handle != "second.example.org" || merged.Host != "https://other.example.org" || merged.AppPassword != "correct horse" {
		t.Errorf("<< brings in what is not written: %+v", merged)
	}
}

func TestEmptyFileIsDefault(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "comments": "# nothing yet\n", "a line": "\n", "null": "null\n", "a document": "---\n",
		"names with nothing behind them": "brand:\nsources:\nqueues: ~\nrouting:\n  tree:\ncases:\nretention:\n  cases:\n",
		"byte order mark":                "\ufeff", "windows": "\ufeff# nothing\r\n\r\n",
	} {
		got := parse(t, text)
		want := config.Default()
		if fmt.Sprintf("%+v", printable(got)) != fmt.Sprintf("%+v", printable(want)) {
			t.Errorf("%s: %+v, want %+v", name, printable(got), printable(want))
		}
		if _, err := got.Rules(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// printable is a configuration without where it is written.
func printable(c *config.Config) any {
	return []any{c.Brand, c.Listen, c.PublicURL, c.TrustedProxies, c.Sources, c.Queues, c.Routing, c.Policies, c.Calendars, c.Lists, c.Cases, c.Classifier, c.Retention}
}

// A zero that is written is not the same as nothing.
func TestZeroStays(t *testing.T) {
	c := parse(t, "cases: {undo_for: 0, reopen_window: 0s}\nclassifier: {threshold: 0}\n")
	if c.Cases.UndoFor != 0 || c.Cases.ReopenWindow != 0 || c.Cases.LateAfter != 24*time.Hour {
		t.Errorf("%+v", c.Cases)
	}
}

func TestLengths(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "250ms": 250 * time.Millisecond, "90m": 90 * time.Minute, "16h": 16 * time.Hour, "2d": 48 * time.Hour, "1w": 7 * 24 * time.Hour,
		"1w2d3h4m5s6ms": 9*24*time.Hour + 3*time.Hour + 4*time.Minute + 5*time.Second + 6*time.Millisecond,
		"1h 30m":        90 * time.Minute, "1.5h": 90 * time.Minute, `"45m"`: 45 * time.Minute, " 7d ": 7 * 24 * time.Hour,
	} {
		if c := parse(t, "cases: {reopen_window: "+text+"}"); c.Cases.ReopenWindow != want {
			t.Errorf("%s: %v, want %v", text, c.Cases, want)
		}
	}
	for _, text := range []string{"1", "1.2.3h", "h", "30x", "-5m", "1h1h", "5m1h", "1h-5m", "1e3s", "９h", "2 mo", "10 lightyears", "101000w", "9999999999999999999h", "1 h", "∞"} {
		if _, err := config.Parse("x", []byte("cases: {late_after: "+text+"}"), config.Kinds{}); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

func TestLine(t *testing.T) {
	c := all(t)
	file := "testdata/good/all.yaml"
	for _, v := range []struct {
		setting []string
		want    config.Place
	}{
		{[]string{"brand"}, config.Place{File: file, Line: 1}},
		{[]string{"cases", "undo_for"}, config.Place{File: file, Line: 81}},
		{[]string{"queues", "billing"}, config.Place{File: file, Line: 31}},
		{[]string{"policies", "standard", "first_response"}, config.Place{File: file, Line: 52}},
		{[]string{"sources", "timeline", "settings", "handle"}, config.Place{File: file, Line: 10}},
		{[]string{"sources", "merged", "settings", "host"}, config.Place{File: file, Line: 22}},
		{[]string{"lists", "vip"}, config.Place{File: file, Line: 76}},
		{[]string{"policies", "golden"}, config.Place{}},
		{[]string{"queues", "billing", "title"}, config.Place{}},
	} {
		if got := c.Line(v.setting[0], v.setting[1:]...); got != v.want {
			t.Errorf("%s is at %v, want %v", strings.Join(v.setting, "."), got, v.want)
		}
	}
	if got := config.Default().Line("brand").String(); got != "default" {
		t.Errorf("without a file: %s", got)
	}
	if got := (config.Place{File: "a.yaml", Line: 3}).String(); got != "a.yaml:3" {
		t.Error(got)
	}
}

// Whoever looks for a setting is told all there are.
func TestUnknownSettingIsToldWhatThereIs(t *testing.T) {
	_, err := config.Parse("x", []byte("zzzzzz: 1"), config.Kinds{})
	for f := range reflect.TypeFor[config.Config]().Fields() {
		if name := f.Tag.Get("yaml"); name != "" && (err == nil || !strings.Contains(err.Error(), name)) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

// A mistake can be told apart by programs too.
func TestMistakeNamesItsSetting(t *testing.T) {
	_, err := config.Parse("a.yaml", []byte("queues:\n  - name: care\n  - name: Care Two\ncases: {undo_for: soon}\n"), config.Kinds{})
	var got []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		m, ok := errors.AsType[*config.Mistake](e)
		if !ok {
			t.Fatalf("%T", e)
		}
		got = append(got, fmt.Sprintf("%s:%d %s", m.File, m.Line, m.Setting))
	}
	if want := []string{"a.yaml:3 queues[1].name", "a.yaml:4 cases.undo_for"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFilesThatCantBeRead(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, []byte(strings.Repeat("# nothing\n", 450_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "there is no such file",
		dir:                             "is a directory",
		large:                           "over 4 MiB",
	} {
		_, err := config.Load(path, config.Kinds{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := config.Parse("x", make([]byte, 5<<20), config.Kinds{}); err == nil || !strings.Contains(err.Error(), "over 4 MiB") {
		t.Errorf("content: %v", err)
	}
}

// However a configuration is printed, no secret is in it.
func TestSecretsAreNeverShown(t *testing.T) {
	c := all(t)
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", *c)
		fmt.Fprintf(&out, verb+"\n", c.Sources)
		fmt.Fprintf(&out, verb+"\n", c.Sources[0])
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Dump(c.Sources)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	out.Write(asYAML)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("x", "config", c, "source", c.Sources[0], "sources", c.Sources)
	}
	for _, secret := range []string{"correct horse", "open sesame"} {
		for _, leak := range []string{secret, fmt.Sprintf("%x", secret)} {
			if strings.Contains(out.String(), leak) {
				t.Errorf("%q is shown in\n%s", leak, out.String())
			}
		}
	}
	if !strings.Contains(out.String(), `source "timeline" on echo`) && !strings.Contains(out.String(), `source \"timeline\" on echo`) {
		t.Error("a source is still told apart by its name")
	}
}

// No message holds what was written where a secret belongs.
func TestMessagesHoldNoSecret(t *testing.T) {
	t.Setenv("ECHO_PASSWORD", "correct horse")
	t.Setenv("ECHO_BAD", " bad hunter2\n")
	for _, settings := range []string{
		"handle: x\n      app_password: ${ECHO_BAD}",
		"app_password: hunter2", "app_password: [hunter2]", "app_password: {hunter2: x}", "app_password: |\n        hunter2\n",
		"app_password: hunter2-${ECHO_PASSWORD}", "api_token: !x hunter2", "app_password: \"hunter2\\0\"", "app_password: hunter2\n      app_password: hunter2",
		"back: ${ECHO_PASSWORD}", `limits: {calls: "${ECHO_PASSWORD}"}`, `limits: {strict: "${ECHO_PASSWORD}"}`,
	} {
		_, err := config.Parse("x", []byte("sources:\n  - name: a\n    network: echo\n    settings:\n      "+settings+"\n"), config.Kinds{Networks: drivers()})
		if err == nil {
			t.Errorf("%s was taken", settings)
		} else if s := err.Error(); strings.Contains(s, "hunter2") || strings.Contains(s, "correct horse") {
			t.Errorf("%s: %v", settings, err)
		}
	}
}

func TestAliasesAreBounded(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("routing:\n  tree:\n    queue: care\n    routes:\n      - &n0 {name: leaf, queue: care}\n")
	for i := range 9 {
		fmt.Fprintf(&bomb, "      - &n%d {name: n%d, routes: [%s]}\n", i+1, i, strings.Repeat(fmt.Sprintf("*n%d, ", i), 10))
	}
	var merges strings.Builder
	merges.WriteString("queues:\n  - &m0 {name: care}\n")
	for i := range 30 {
		fmt.Fprintf(&merges, "  - &m%d\n    <<: [%s]\n", i+1, strings.Repeat(fmt.Sprintf("*m%d, ", i), 4))
	}
	for name, text := range map[string]string{
		"a bomb of nodes":  bomb.String(),
		"a bomb of merges": merges.String(),
		"itself":           "routing:\n  tree:\n    queue: care\n    routes:\n      - &a {name: a, routes: [*a]}\n",
		"itself, merged":   "queues:\n  - &a\n    name: care\n    <<: *a\n",
	} {
		if _, err := config.Parse("x", []byte(text), config.Kinds{}); err == nil {
			t.Errorf("%s was taken", name)
		} else if n := len(err.Error()); n > 20_000 {
			t.Errorf("%s: %d bytes of mistakes", name, n)
		}
	}
}

func TestMistakesAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&text, "setting_%d: x\n", i)
	}
	_, err := config.Parse("x", []byte(text.String()), config.Kinds{})
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 101 || !strings.Contains(lines[100], "more than 100 mistakes") {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func TestNamesAreBounded(t *testing.T) {
	for _, text := range []string{
		"queues:\n" + strings.Repeat("  - name: care\n", 501),
		"calendars:\n" + strings.Repeat("  - {name: office, zone: UTC, week: 24/7}\n", 501),
		"policies:\n" + strings.Repeat("  - name: office\n", 501),
		"classifier:\n  never:\n" + strings.Repeat("    - x\n", 1001),
	} {
		if _, err := config.Parse("x", []byte(text), config.Kinds{}); err == nil || !strings.Contains(err.Error(), "at most") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestRulesAreKept(t *testing.T) {
	c := all(t)
	r, err := c.Rules()
	if err != nil {
		t.Fatal(err)
	}
	kept := r.Kept()
	if want := 1 + 3 + 3; len(kept) != want {
		t.Errorf("%d documents, want %d: the tree, three policies, two calendars and the one of policies without", len(kept), want)
	}
	at := time.Date(2026, 11, 20, 15, 45, 0, 0, time.UTC)
	for _, cal := range []*sla.Calendar{r.Calendars["office"], r.Calendars["hotline"], sla.Always()} {
		doc, ok := kept[config.KeptCalendars+cal.Version()]
		if !ok {
			t.Fatalf("calendar %s is not kept", cal.Name())
		}
		again, err := config.ReadCalendar(doc)
		if err != nil {
			t.Fatal(err)
		}
		if again.Version() != cal.Version() || !again.Deadline(at, 40*time.Hour).Equal(cal.Deadline(at, 40*time.Hour)) {
			t.Errorf("calendar %s comes back as another", cal.Name())
		}
	}
	standard := r.Policies["standard"]
	var p sla.Policy
	if err := json.Unmarshal(kept["config/policy/"+standard.Version()], &p); err != nil || p.Version() != standard.Version() {
		t.Errorf("policy comes back as %+v, %v", p, err)
	}
	var tree route.Routing
	if err := json.Unmarshal(kept["config/tree/"+r.Tree.Version()], &tree); err != nil {
		t.Fatal(err)
	}
	if again, err := route.New(tree, r.Calendars); err != nil || again.Version() != r.Tree.Version() {
		t.Errorf("the tree comes back as another: %v", err)
	}
	for _, bad := range []string{"", "{}", "[]", `{"name":"x","zone":"Nowhere","week":{}}`, "\xff"} {
		if _, err := config.ReadCalendar([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a calendar", bad)
		}
	}
}

func TestRulesOfWhatWasNotLoaded(t *testing.T) {
	c := config.Default()
	c.Calendars = []sla.Timetable{{Name: "office"}}
	if _, err := c.Rules(); err == nil {
		t.Error("a calendar without hours was taken")
	}
}
