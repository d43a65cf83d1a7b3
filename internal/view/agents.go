package view

import (
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// An Agent is what the log tells of somebody of the team, so that cases can be
// given to them: never how fast they are.
type Agent struct {
	Name    care.AgentID `json:"name"`
	GivenAt time.Time    `json:"given_at,omitzero"` // when they last got a case
	Away    bool         `json:"away,omitempty"`    // by their own word, or a lead's
	Until   time.Time    `json:"until,omitzero"`    // zero: until they say so
	Cover   care.AgentID `json:"cover,omitempty"`
}

// AwayAt says whether they are away at an instant.
func (a *Agent) AwayAt(now time.Time) bool {
	return a.Away && (a.Until.IsZero() || now.Before(a.Until))
}

// agent changes what is known of somebody.
func (a *application) agent(name care.AgentID, change func(*Agent)) error {
	agents := a.tx.Bucket(bucketAgent)
	g := Agent{Name: name}
	if b := agents.Get([]byte(name)); b != nil {
		if err := json.Unmarshal(b, &g); err != nil {
			return fmt.Errorf("agent %s: %w", name, err)
		}
	}
	change(&g)
	b, err := json.Marshal(g)
	if err != nil {
		return err
	}
	return agents.Put([]byte(name), b)
}

func (a *application) agentRecord(r store.Record, name string) error {
	rec, err := care.DecodeRecord(r.Data)
	if err != nil {
		return err
	}
	return a.agent(care.AgentID(name), func(g *Agent) {
		for _, e := range rec.Events {
			switch e := e.(type) {
			case care.AgentAway:
				g.Away, g.Until, g.Cover = true, e.Until, e.Cover
			case care.AgentBack:
				g.Away, g.Until, g.Cover = false, time.Time{}, ""
			}
		}
	})
}

// Agents returns what is known of everybody of the team, by name.
func (v *View) Agents() (map[care.AgentID]Agent, error) {
	all := map[care.AgentID]Agent{}
	err := v.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketAgent).ForEach(func(_, b []byte) error {
			var g Agent
			if err := json.Unmarshal(b, &g); err != nil {
				return err
			}
			all[g.Name] = g
			return nil
		})
	})
	return all, err
}
