package app

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/notify"
)

// What the team is told of a known issue: which, by when, who promised it, and
// none of its words.
func TestWhatIsToldOfAKnownIssue(t *testing.T) {
	s := &serving{}
	c := config.Default()
	c.PublicURL = "https://care.example"
	s.running.Store(&running{config: c})
	i := &care.Issue{ID: "i1", Number: 12, Owner: "ada", Said: care.IssueSaid{NextAt: time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)}}
	for why, severity := range map[care.Trigger]notify.Severity{care.WhenPromiseDue: notify.Warning, care.WhenPromiseSlipped: notify.Critical} {
		l := s.issueLetter(i, why)
		if !strings.Contains(l.Title, "Known issue 12") || l.Body != "0 cases, promised for 2 Mar 15:00 UTC by ada." || l.Severity != severity ||
			l.Link != "https://care.example/issues/i1" || l.Labels["why"] != string(why) {
			t.Errorf("%s: %+v", why, l)
		}
	}
	kept, err := s.issueLetters(i, []care.NoticeRequested{{Key: "issue/i1/standard/1/0/0/leads", Channel: "leads", Why: "promise_due"}}, nil)
	if err != nil || !strings.Contains(string(kept), `"issue/i1/standard/1/0/0"`) {
		t.Errorf("%s, %v", kept, err)
	}
}
