package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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
