package tables_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

var update = flag.Bool("update", false, "write the columns into docs/tables.md anew")

// docs/tables.md describes every column, as the program has it.
func TestDocumentHoldsEveryColumn(t *testing.T) {
	const path, begins, ends = "../../docs/tables.md", "<!-- columns -->\n", "<!-- /columns -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begins)
	list, after, closed := strings.Cut(rest, ends)
	if !ok || !closed {
		t.Fatalf("%s has no columns", path)
	}
	var want strings.Builder
	kinds := map[report.FieldKind]string{report.Text: "text", report.Integer: "number", report.Truth: "truth", report.Instant: "instant"}
	for _, l := range report.Listings() {
		fmt.Fprintf(&want, "\n### %s\n\n%s\n\n| column | kind | what it holds |\n|---|---|---|\n", l.Name, l.Definition)
		for _, f := range l.Fields {
			if f.Definition == "" || kinds[f.Kind] == "" {
				t.Errorf("%s.%s says nothing", l.Name, f.Name)
			}
			fmt.Fprintf(&want, "| `%s` | %s | %s |\n", f.Name, kinds[f.Kind], f.Definition)
		}
	}
	want.WriteString("\n")
	if *update {
		if err := os.WriteFile(path, []byte(before+begins+want.String()+ends+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if list != want.String() {
		t.Errorf("%s is stale: go test ./internal/tables -run Document -update", path)
	}
}
