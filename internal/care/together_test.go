package care_test

import (
	"slices"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestWhoHearsOfACase(t *testing.T) {
	team := []care.AgentID{"ada", "bob", "cy-2"}
	for note, want := range map[string][]care.AgentID{
		"@bob please look":           {"bob"},
		"ask @Ada, @bob. And @ada":   {"ada", "bob"},
		"(@cy-2)":                    {"cy-2"},
		"mail me at x@bobby.example": nil,
		"@nobody @ @@":               nil,
		"\xff@bob\xff":               {"bob"},
		"@bob's idea":                {"bob"},
	} {
		if got := care.Calls(note, team); !slices.Equal(got, want) {
			t.Errorf("%q calls %v, want %v", note, got, want)
		}
	}
	c := fold(t, "c1", opened(), on(1, "agent/ada", care.Noted{Note: 1, For: []care.AgentID{"bob"}}, care.Followed{By: "cy"}))
	expect(t, "for", len(c.Row().For), 2)
	decide(t, []decision{
		{"twice", []step{opened(), on(1, "agent/ada", care.Followed{By: "ada"})}, func(c *care.Case) ([]care.Event, error) { return c.Follow("ada") }, nil, ""},
		{"read, and followed no more", []step{opened(), on(1, "agent/ada", care.Followed{By: "bob"}, care.Noted{Note: 1, For: []care.AgentID{"bob"}})},
			func(c *care.Case) ([]care.Event, error) { return c.Unfollow("bob") }, []care.Event{care.Unfollowed{By: "bob"}, care.Heard{By: "bob"}}, ""},
	})
}

func TestFrictionIsListedUntilItIsMended(t *testing.T) {
	met := on(1, "agent/ada", care.FrictionMet{Friction: 1, What: "refund_limit"})
	mend := func(c *care.Case) ([]care.Event, error) { return c.MendFriction(1) }
	decide(t, []decision{
		{"met", []step{opened()}, func(c *care.Case) ([]care.Event, error) { return c.MeetFriction(1, "refund_limit") }, []care.Event{care.FrictionMet{Friction: 1, What: "refund_limit"}}, ""},
		{"mended", []step{opened(), met, resolved}, mend, []care.Event{care.FrictionMended{Friction: 1}}, ""},
		{"twice", []step{opened(), met, on(2, "agent/lea", care.FrictionMended{Friction: 1})}, mend, nil, ""},
		{"never met", []step{opened()}, mend, nil, care.NotFound},
	})
	expect(t, "listed, though the case is over", fold(t, "c1", opened(), met, resolved).Row().Friction, 1)
}

func TestLegalHoldKeepsACase(t *testing.T) {
	kept := fold(t, "c1", opened(), on(1, "agent/lea", care.LegalHold{Note: 1}), resolved)
	if _, ok := kept.RestsSince(); ok {
		t.Error("its term runs")
	}
	kept.Apply(9, care.Record{At: minute(90), By: "agent/lea", Events: []care.Event{care.LegalHoldLifted{}}})
	if _, ok := kept.RestsSince(); !ok {
		t.Error("its term never ends")
	}
}

func TestLinks(t *testing.T) {
	a, b := fold(t, "c1", opened()), fold(t, "c2", opened())
	change, err := care.LinkCases(a, b, "same flat")
	if err != nil || len(change.Cases) != 2 {
		t.Fatalf("%+v, %v", change, err)
	}
	_, err = care.LinkCases(a, a, "")
	expectCode(t, err, care.Invalid)
	_, err = care.LinkCases(a, &care.Case{ID: "c9"}, "")
	expectCode(t, err, care.NotFound)
	a.Apply(5, care.Record{At: minute(5), Events: []care.Event{care.Linked{To: "c2"}}})
	expect(t, "taken back where it is", len(care.UnlinkCases(a, b).Cases), 1)
}

func TestWhoseReplyCanBeChanged(t *testing.T) {
	sent := on(7, care.ByOutbox, care.ReplyAttempted{Reply: 1, Try: 1}, care.ReplySent{Reply: 1, VisibleAt: minute(7)})
	asked := on(6, "agent/ada", care.ReplyRequested{Reply: 1, To: "m1", Key: "k", Then: care.ThenKeep})
	for _, c := range []struct {
		name    string
		history []step
		by      care.AgentID
		lead    bool
		code    care.Code
	}{
		{"one's own", []step{opened(), asked, sent}, "ada", false, ""},
		{"a colleague's", []step{opened(), asked, sent}, "bob", false, care.Denied},
		{"by a lead", []step{opened(), asked, sent}, "lea", true, ""},
		{"not sent yet", []step{opened(), asked}, "ada", false, care.Conflict},
		{"taken off", []step{opened(), asked, sent, on(8, "agent/ada", care.ReplyWithdrawn{Reply: 1})}, "ada", false, care.Conflict},
		{"there is none", []step{opened()}, "ada", false, care.NotFound},
	} {
		_, err := fold(t, "c1", c.history...).ChangeableReply(c.by, c.lead, 1)
		t.Run(c.name, func(t *testing.T) { expectCode(t, err, c.code) })
	}
}
