package care_test

import (
	"math/rand/v2"
	"testing"

	"github.com/amends-care/amends/internal/care"
)

func TestChoose(t *testing.T) {
	german := care.Labels{Language: "de", Topic: "billing"}
	for _, c := range []struct {
		name   string
		rule   care.AssignRule
		labels care.Labels
		team   []care.Colleague
		before care.AgentID
		want   care.Choice
	}{
		{"nobody there", care.LeastLoaded, german, nil, "", care.Choice{Nobody: "nobody of this queue speaks de"}},
		{"nobody of this queue", care.LeastLoaded, german, []care.Colleague{{ID: "ada", Queues: []string{"sales"}}}, "", care.Choice{Nobody: "nobody of this queue speaks de"}},
		{"nobody who speaks it", care.RoundRobin, german, []care.Colleague{{ID: "ada", Languages: []string{"en", "fr-ca"}}}, "", care.Choice{Nobody: "nobody of this queue speaks de"}},
		{"whoever speaks it is away", care.RoundRobin, german, []care.Colleague{{ID: "ada", Languages: []string{"de"}, Away: true}, {ID: "bob", Languages: []string{"en"}}},
			"", care.Choice{Nobody: "everybody who could is away"}},
		{"hands full", care.LeastLoaded, german, []care.Colleague{{ID: "ada", Capacity: 3, Load: 3}, {ID: "bob", Away: true}},
			"", care.Choice{Nobody: "everybody who could has as many cases as they can"}},
		{"a dialect is the language", care.LeastLoaded, german, []care.Colleague{{ID: "ada", Languages: []string{"de-at"}}},
			"", care.Choice{To: "ada", Why: "has the fewest cases (0) of 1 who can answer in de"}},
		{"the fewest", care.LeastLoaded, care.Labels{}, []care.Colleague{{ID: "ada", Load: 4}, {ID: "bob", Load: 2}, {ID: "cy", Load: 3}},
			"", care.Choice{To: "bob", Why: "has the fewest cases (2) of 3"}},
		{"the fewest of what they can", care.LeastLoaded, care.Labels{}, []care.Colleague{{ID: "ada", Load: 4, Capacity: 20}, {ID: "bob", Load: 2, Capacity: 4}},
			"", care.Choice{To: "ada", Why: "has the fewest cases (4) of 2"}},
		{"the longest without one", care.RoundRobin, care.Labels{}, []care.Colleague{{ID: "ada", GivenAt: minute(9)}, {ID: "bob", GivenAt: minute(3)}, {ID: "cy", GivenAt: minute(4)}},
			"", care.Choice{To: "bob", Why: "next in turn of 3"}},
		{"equal: by name", care.RoundRobin, care.Labels{}, []care.Colleague{{ID: "cy"}, {ID: "ada"}, {ID: "bob"}}, "", care.Choice{To: "ada", Why: "next in turn of 3"}},
		{"who knows about it", care.LeastLoaded, german, []care.Colleague{{ID: "ada"}, {ID: "bob", Load: 5, Skills: []string{"billing"}}},
			"", care.Choice{To: "bob", Why: "has the fewest cases (5) of 1 who know about billing"}},
		{"who knew the customer", care.LeastLoaded, german, []care.Colleague{{ID: "ada"}, {ID: "bob", Load: 9}}, "bob", care.Choice{To: "bob", Why: "answered this customer before"}},
		{"who knew them is away", care.LeastLoaded, german, []care.Colleague{{ID: "ada"}, {ID: "bob", Away: true}}, "bob",
			care.Choice{To: "ada", Why: "has the fewest cases (0) of 1 who can answer in de"}},
		{"who knew them has left", care.LeastLoaded, german, []care.Colleague{{ID: "ada"}}, "bob",
			care.Choice{To: "ada", Why: "has the fewest cases (0) of 1 who can answer in de"}},
		{"who knew them has as many as they can", care.LeastLoaded, german, []care.Colleague{{ID: "ada"}, {ID: "bob", Capacity: 3, Load: 3}}, "bob",
			care.Choice{To: "ada", Why: "has the fewest cases (0) of 1 who can answer in de"}},
		{"who knew them does not answer in it", care.LeastLoaded, german, []care.Colleague{{ID: "ada"}, {ID: "bob", Languages: []string{"en"}}}, "bob",
			care.Choice{To: "ada", Why: "has the fewest cases (0) of 1 who can answer in de"}},
		{"nobody is given anything", care.ByTaking, german, []care.Colleague{{ID: "ada"}}, "", care.Choice{Nobody: "agents take the next themselves"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kase := &care.Case{Queue: "care", Labels: c.labels}
			if got := c.rule.Choose(kase, c.team, c.before); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			rand.Shuffle(len(c.team), func(i, j int) { c.team[i], c.team[j] = c.team[j], c.team[i] })
			if got := c.rule.Choose(kase, c.team, c.before); got != c.want {
				t.Errorf("in another order %+v", got)
			}
		})
	}
}

// TestRoundIsFair: given out one after the other, nobody has two more than another.
func TestRoundIsFair(t *testing.T) {
	for _, rule := range []care.AssignRule{care.RoundRobin, care.LeastLoaded} {
		team := []care.Colleague{{ID: "ada"}, {ID: "bob"}, {ID: "cy"}}
		for n := range 100 {
			ch := rule.Choose(&care.Case{Queue: "care"}, team, "")
			for i := range team {
				if team[i].ID == ch.To {
					team[i].Load++
					team[i].GivenAt = minute(n)
				}
			}
			for _, a := range team {
				if d := a.Load - team[0].Load; d > 1 || d < -1 {
					t.Fatalf("%s: %+v", rule, team)
				}
			}
		}
	}
}
