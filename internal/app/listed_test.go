package app

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
)

func TestWhoIsListedIsLeftAlone(t *testing.T) {
	s := &serving{}
	c := config.Default()
	c.Lists = map[string][]string{care.DoNotContact: {"bluesky/ana.example"}, "vip": {"bluesky/bo.example"}}
	s.running.Store(&running{config: c})
	for handle, want := range map[string]care.Way{"ana.example": care.ByNone, "bo.example": care.ByHand, "cy.example": care.ByHand} {
		m := &care.Mention{Post: care.Post{Network: "bluesky", Author: care.Author{Handle: handle}}}
		if p := s.may(m, time.Time{}); p.How != want {
			t.Errorf("%s: %+v", handle, p)
		}
	}
}
