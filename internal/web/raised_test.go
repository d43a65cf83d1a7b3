package web

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestAStoryTellsWhyACaseWasRaised(t *testing.T) {
	for want, e := range map[string]care.CaseRaised{
		"Raised to the critical lane: 90000 follow the author.":               {Lane: care.Critical, Why: "reach", Reach: 90_000},
		"Raised to the critical lane: the post was passed on 120 times.":      {Lane: care.Critical, Why: "shares", Shares: 120},
		"Raised to the critical lane: 31 posts in the thread within an hour.": {Lane: care.Critical, Why: "replies", PerHour: 31},
	} {
		if got := english(t).says(care.ByWatch, e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
