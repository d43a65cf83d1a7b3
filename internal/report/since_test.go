package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// What came into a number and what went out of it is exactly what makes the one
// of then the one of now, and a number whose cases had nothing happen to them is
// another by time alone.
func TestWhatChangedIsWhy(t *testing.T) {
	h := randomStory(t, 4, 220)
	was, now := h.foldTo(uint64(len(h.log))*2/3), h.fold()
	seen := 0
	for _, q := range questions(h.now) {
		for _, name := range report.Names() {
			later := q
			later.AsOf = time.Time{}
			c, err := now.Since(was, name, q)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.Numbers {
				n := &c.Numbers[i]
				if !n.Opens {
					continue
				}
				seen++
				before, after := openedOf(t, was, name, q, n.Was, n.Ref()), openedOf(t, now, name, later, n.Now, n.Ref())
				came := slices.DeleteFunc(slices.Clone(after), func(id care.CaseID) bool { return slices.Contains(before, id) })
				went := slices.DeleteFunc(slices.Clone(before), func(id care.CaseID) bool { return slices.Contains(after, id) })
				if n.Came.N != len(came) || n.Went.N != len(went) || !slices.Equal(n.Came.Cases, came[:len(n.Came.Cases)]) {
					t.Fatalf("%s %s: %d came, %d went, want %v and %v", name, n.Ref(), n.Came.N, n.Went.N, came, went)
				}
				if n.Time != (n.Came.N+n.Went.N+n.Corrected.N == 0) {
					t.Fatalf("%s %s: only time has passed: %v", name, n.Ref(), n.Time)
				}
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d numbers changed", seen)
	}
}

// openedOf are the cases of a number, none where there is no such row.
func openedOf(t *testing.T, f *report.Fold, name string, q report.Query, cell *report.Cell, ref report.Ref) []care.CaseID {
	t.Helper()
	if cell == nil {
		return nil
	}
	o, err := f.Open(name, q, ref)
	if err != nil {
		t.Fatal(err)
	}
	return o.Cases
}

// The reasons are those of the history: what was answered, resolved and opened
// since is called so.
func TestWhatChangedInWords(t *testing.T) {
	s := newStory(t, office(), standard())
	s.opens("case-01", march(t, 2, 9, 0), post{author: "ana"})
	s.opens("case-02", march(t, 2, 9, 10), post{author: "ben"})
	s.run(march(t, 2, 9, 30))
	printed := uint64(len(s.log))
	s.opens("case-03", march(t, 2, 10, 0), post{author: "cem"})
	s.replies("case-01", "ada", march(t, 2, 10, 5))
	s.resolves("case-02", "ada", march(t, 2, 10, 6), "solved")
	s.run(march(t, 2, 11, 0))

	q := report.Query{From: march(t, 2, 0, 0), To: march(t, 3, 0, 0), Zone: berlin(t)}
	c, err := s.fold().Since(s.foldTo(printed), "response", q)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Write(&b, "table"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"First response, cases\n  was 2, is 3\n  1 came in: 1 opened since\n", "First response, answered\n  was 0, is 1\n  1 came in: 1 answered since, 1 claimed since\n",
		"  2 went out: 1 answered since",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
	same, err := s.fold().Since(s.fold(), "response", q)
	if err != nil || len(same.Numbers) != 0 || same.Same == 0 {
		t.Errorf("against itself: %d changed, %d the same, %v", len(same.Numbers), same.Same, err)
	}
}
