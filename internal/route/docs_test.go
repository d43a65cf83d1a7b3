package route_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/route"
)

// The page that explains routing must be true: its tree is valid, and leads
// where its examples say.
func TestRoutingPage(t *testing.T) {
	file, err := os.ReadFile("../../docs/routing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(file), "```yaml\n")
	block, _, _ := strings.Cut(rest, "```")
	var written struct {
		Routing route.Routing `yaml:"routing"`
	}
	loader, err := yaml.NewLoader(strings.NewReader(block), yaml.WithKnownFields())
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.Load(&written); err != nil {
		t.Fatal(err)
	}
	r := written.Routing
	queues := []string{"general", "internal", "press", "billing", "billing-pt", "night-shift", "legal"}
	if err := r.Validate(queues, []string{"standard", "praise", "hotline"}, []string{"office"}); err != nil {
		t.Error(err)
	}
	made, err := route.New(r, office(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Examples) != 3 {
		t.Errorf("%d examples, want 3", len(r.Examples))
	}
	if err := made.CheckExamples(); err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(file)) {
		if args, ok := strings.CutPrefix(line, "    amends route "); ok {
			labels, want, _ := strings.Cut(args, " --want ")
			l, err := route.ParseLabels(strings.Fields(labels))
			if got := made.Route(l).Queue; err != nil || got != strings.TrimSpace(want) {
				t.Errorf("%s leads to %s, %v", line, got, err)
			}
		}
	}
}
