package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/report"
)

// A chart is the same picture whatever language its table was put into: what the
// whole is called decides nothing.
func TestChartsAreTheSameInEveryLanguage(t *testing.T) {
	f, n := sixty(t).fold(), 0
	for _, name := range report.Names() {
		for _, by := range []report.Dimension{"", report.ByQueue, report.ByDay} {
			r := made(t, f, name, report.Query{From: march(t, 2, 0, 0), To: march(t, 9, 0, 0), Zone: berlin(t), By: by})
			for i := range r.Tables {
				english := &r.Tables[i]
				other := *english
				other.Rows = slices.Clone(english.Rows)
				for k := range other.Rows {
					if other.Rows[k].Label == "all" {
						other.Rows[k].Label = "alles"
					}
				}
				other.Words = func(s string) string {
					if s == "all" {
						return "alles"
					}
					return s
				}
				was, is := r.Charts(english), r.Charts(&other)
				if len(was) != len(is) {
					t.Fatalf("%s %s: %d charts and %d", name, english.Name, len(was), len(is))
				}
				for k := range was {
					n++
					if got, want := strings.ReplaceAll(is[k].SVG(report.Wide, "c"), "alles", "all"), was[k].SVG(report.Wide, "c"); got != want {
						t.Errorf("%s by %s: %s is another picture", name, by, was[k].Name)
					}
				}
			}
		}
	}
	if n < 20 {
		t.Errorf("%d charts", n)
	}
}
