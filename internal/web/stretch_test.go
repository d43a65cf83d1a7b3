package web

import (
	"fmt"
	"testing"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A known issue of many cases is read in stretches: none is listed twice, none
// is left out, and the counts are of all.
func TestALongIssueComesInStretches(t *testing.T) {
	b := staffed(t)
	const n = 7
	w := b.outage(n)
	seen := map[care.CaseID]int{}
	next, pages := 0, 0
	for {
		var f IssueFull
		b.get(auth.Viewer, fmt.Sprintf("/issues/%s?limit=3&after=%d", w.Issue, next)).want(200).into(&f)
		if f.Linked != n || len(f.Cases) > 3 || len(f.Story) > 3 {
			t.Fatalf("linked %d, listed %d, story %d", f.Linked, len(f.Cases), len(f.Story))
		}
		for _, c := range f.Cases {
			seen[c.Case]++
		}
		if pages++; f.Next == 0 {
			break
		}
		next = f.Next
	}
	if len(seen) != n || pages < 3 {
		t.Errorf("%d of %d cases on %d pages", len(seen), n, pages)
	}
	b.get(auth.Viewer, fmt.Sprintf("/issues/%s?after=100000", w.Issue)).want(200).contains(`"cases":[]`)
	b.get(auth.Viewer, fmt.Sprintf("/issues/%s?limit=501", w.Issue)).want(422)
	b.browse(b.in(auth.Lead), "GET", "/issues/"+string(w.Issue)+"?after=5", nil).want(200).contains("From the beginning", "7 cases")
}
