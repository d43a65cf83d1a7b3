package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
)

// applyIssue follows which cases belong to a known issue.
func (f *Fold) applyIssue(seq uint64, id care.IssueID, r *care.Record) {
	for _, e := range r.Events {
		switch e := e.(type) {
		case care.IssueOpened:
			f.issues[id] = seq
		case care.IssueLinked:
			n := f.caseOf(e.Case)
			if at, there := slices.BinarySearch(f.linked[n], f.issues[id]); !there {
				f.linked[n] = slices.Insert(f.linked[n], at, f.issues[id])
				f.cases[n].issues = f.words.word(issueLabel(f.linked[n]))
				f.touch(n, seq)
			}
		case care.IssueUnlinked:
			n := f.caseOf(e.Case)
			if at, there := slices.BinarySearch(f.linked[n], f.issues[id]); there {
				f.linked[n] = slices.Delete(f.linked[n], at, at+1)
				f.cases[n].issues = f.words.word(issueLabel(f.linked[n]))
				f.touch(n, seq)
			}
		}
	}
}

// issueLabel names a row of known issues by what people call them: a case of
// several is in a row of theirs together, so that rows add up.
func issueLabel(numbers []uint64) string {
	var parts []string
	for _, n := range numbers {
		parts = append(parts, fmt.Sprintf("issue %d", n))
	}
	return strings.Join(parts, " + ")
}
