package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// What /metrics gives is as Prometheus wants it, and what the dashboard, the
// alert rules and the page about running name is there.
func TestFiguresForPrometheus(t *testing.T) {
	s := start(t, "", "demo", "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0")
	eventually(t, "the demo's sources read", func() bool { return strings.Contains(scrape(t, s), "amends_source_success_timestamp_seconds{") })
	text := scrape(t, s)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "amends_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	given := map[string]bool{"amends_source_trouble": true} // only while a source has some
	for _, m := range regexp.MustCompile(`(?m)^(amends_\w+)`).FindAllString(text, -1) {
		given[m] = true
	}
	for _, file := range []string{"configs/grafana.json", "configs/prometheus-alerts.yaml", "docs/running.md"} {
		b, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`amends_[a-z_]*[a-z]`).FindAllString(string(b), -1)
		if len(names) == 0 {
			t.Errorf("%s names no figure", file)
		}
		for _, name := range names {
			if !given[name] {
				t.Errorf("%s: there is no figure %s", file, name)
			}
		}
	}
}

// The dashboard is one that Grafana takes in: each panel once, in its place, with
// a question, from the source of data that the reader chooses; the labels that it
// those that figures have.
func TestDashboard(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "configs", "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title, UID    string
		SchemaVersion int
		Panels        []struct {
			ID          int
			Type, Title string
			Datasource  struct{ Type, UID string }
			GridPos     struct{ H, W, X, Y int }
			Targets     []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal(b, &board); err != nil {
		t.Fatal(err)
	}
	if board.Title == "" || board.UID == "" || board.SchemaVersion == 0 || len(board.Panels) == 0 {
		t.Errorf("the dashboard says too little: %+v", board)
	}
	known := []string{"queue", "source", "state", "kind", "le"}
	labels := regexp.MustCompile(`by \(([\w, ]+)\)|(\w+)\s*=~?\s*"`)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d, %q, is not whole", p.ID, p.Title)
		}
		ids[p.ID] = true
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other := taken[at]; other != "" && other != p.Title {
					t.Errorf("%q lies over %q", p.Title, other)
				}
				taken[at] = p.Title
			}
		}
		for _, target := range p.Targets {
			if target.Expr == "" || strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") || strings.Count(target.Expr, "{") != strings.Count(target.Expr, "}") {
				t.Errorf("%q asks %q", p.Title, target.Expr)
			}
			for _, m := range labels.FindAllStringSubmatch(target.Expr, -1) {
				for name := range strings.SplitSeq(m[1]+m[2], ",") {
					if !slices.Contains(known, strings.TrimSpace(name)) {
						t.Errorf("%q asks for the label %q", p.Title, name)
					}
				}
			}
		}
	}
}

// scrape reads /metrics as Prometheus does.
func scrape(t *testing.T, s *server) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("/metrics: %s: %v", resp.Status, err)
	}
	return string(b)
}
