package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// TellAgent records something about somebody of the team: that they are away, or
// back.
func (d *Desk) TellAgent(ctx context.Context, by care.Actor, agent care.AgentID, events ...care.Event) (store.Seq, error) {
	return d.commit(ctx, by, "", func(u *unit) error {
		u.tell("agent/"+string(agent), events...)
		return nil
	})
}

// givenAtOnce is how many cases of a queue are looked at in one go.
const givenAtOnce = 50

// GiveOut gives what waits in a queue to whom its rule chooses, in the queue's
// order. team is as of now; who is given a case counts as having it from then on.
// It returns how many were given.
func (d *Desk) GiveOut(ctx context.Context, queue string, rule care.AssignRule, team []care.Colleague) (given int, err error) {
	if rule == care.ByTaking || rule == "" {
		return 0, nil
	}
	ids, at, err := d.heads.Heads(queue, givenAtOnce)
	if err != nil {
		return 0, fmt.Errorf("give out %s: %w", queue, err)
	}
	team = slices.Clone(team)
	for _, id := range ids {
		if !d.taken.reserve(id, at) {
			continue
		}
		var choice care.Choice
		seq, err := d.commit(ctx, care.ByClock, "", func(u *unit) error {
			choice = care.Choice{}
			w, err := u.work(ctx, id)
			if err != nil || w.now.Queue != queue {
				return err
			}
			before, err := u.knows(ctx, w.now)
			if err != nil {
				return err
			}
			events := w.now.GiveByRule(rule.Choose(w.now, team, before))
			for _, e := range events {
				if a, ok := e.(care.Assigned); ok {
					choice.To = a.To
				}
			}
			u.emit(w, events...)
			return nil
		})
		if err != nil {
			d.taken.free(id)
			return given, err
		}
		if choice.To == "" {
			d.taken.free(id)
			continue
		}
		d.taken.settle(id, seq)
		given++
		for i := range team {
			if team[i].ID == choice.To {
				team[i].Load++
				team[i].GivenAt = d.now()
			}
		}
	}
	return given, nil
}

// knows is who answered this customer last, in this case or the one before.
func (u *unit) knows(ctx context.Context, c *care.Case) (care.AgentID, error) {
	if a := c.LastAnswered(); a != "" || c.Previous == "" {
		return a, nil
	}
	w, err := u.work(ctx, c.Previous)
	if err != nil {
		return "", err
	}
	return w.now.LastAnswered(), nil
}

// PassOn gives all open cases of somebody who leaves, or is away, to another.
// cases are a hint, checked again in the commit. It returns how many moved.
func (d *Desk) PassOn(ctx context.Context, by care.Actor, op string, from, to care.AgentID, cases []care.CaseID) (moved int, seq store.Seq, err error) {
	seq, err = d.Do(ctx, by, op, cases, func(now time.Time, cs []*care.Case) (care.Change, error) {
		var change care.Change
		moved = 0
		for _, c := range cs {
			events, err := c.PassOn(from, to)
			if err != nil {
				return change, err
			}
			if len(events) > 0 {
				moved++
				change.Cases = append(change.Cases, care.CaseEvents{Case: c.ID, Events: events})
			}
		}
		return change, nil
	})
	return moved, seq, err
}
