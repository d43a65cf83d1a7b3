package desk_test

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
)

// A step gives a case to whoever is on call and there: else to who covers for
// them, else to the next in turn, and to nobody who has left.
func TestWhomAStepGivesACaseTo(t *testing.T) {
	ask := func(assign care.AgentID, acts map[care.AgentID]care.AgentID) (care.AgentID, string) {
		r := rules(t)
		r.Queues = map[string]desk.QueueRules{"care": {OnCall: func(name string, _ time.Time) ([]care.AgentID, bool) {
			return []care.AgentID{"lea", "bob", "cy"}, name == "first-line"
		}}}
		if acts != nil {
			r.Acts = func(a care.AgentID) care.AgentID { return acts[a] }
		}
		return r.Whom(&care.Case{Queue: "care"}, care.PlannedStep{EscalationStep: care.EscalationStep{Assign: assign}})
	}
	type acts = map[care.AgentID]care.AgentID
	for _, c := range []struct {
		name   string
		assign care.AgentID
		acts   acts
		want   care.AgentID
		nobody string
	}{
		{"everybody is there", "first-line", nil, "lea", ""},
		{"whose turn it is", "first-line", acts{"lea": "lea", "bob": "bob"}, "lea", ""},
		{"is away, and somebody covers", "first-line", acts{"lea": "zoe", "bob": "bob"}, "zoe", ""},
		{"is away: the next in turn", "first-line", acts{"cy": "cy"}, "cy", ""},
		{"the rota has a hole", "first-line", acts{}, "", "nobody on call for first-line is there"},
		{"a person", "ada", acts{"ada": "ada"}, "ada", ""},
		{"a person who has left", "ada", acts{"lea": "lea"}, "", "ada is not there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if to, nobody := ask(c.assign, c.acts); to != c.want || nobody != c.nobody {
				t.Errorf("to %q, %q", to, nobody)
			}
		})
	}
}
