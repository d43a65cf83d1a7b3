package desk

import (
	"context"
	"errors"
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
		u.tell(agentStream(agent), events...)
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
		to, seq, err := d.give(ctx, id, queue, rule, team)
		if err != nil {
			d.taken.free(id)
			return given, err
		}
		if to == "" {
			d.taken.free(id)
			continue
		}
		d.taken.settle(id, seq)
		given++
		for i := range team {
			if team[i].ID == to {
				team[i].Load++
				team[i].GivenAt = d.now()
			}
		}
	}
	return given, nil
}

// give gives one case to whom the rule chooses; "": nobody. Who turns out to have
// as many cases as they can is noted so in team, and another chosen.
func (d *Desk) give(ctx context.Context, id care.CaseID, queue string, rule care.AssignRule, team []care.Colleague) (to care.AgentID, seq store.Seq, err error) {
	for range len(team) + 1 {
		seq, err = d.commit(ctx, care.ByClock, "", func(u *unit) error {
			to = ""
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
					to = a.To
				}
			}
			u.emit(w, events...)
			return nil
		})
		if _, full := errors.AsType[*care.Error](err); !full || to == "" {
			return to, seq, err
		}
		for i := range team {
			if team[i].ID == to {
				team[i].Capacity = d.rules.Load().Capacity[to]
				team[i].Load = team[i].Capacity
			}
		}
	}
	return "", seq, err
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

// letGoAtOnce is how many cases are put back in one commit.
const letGoAtOnce = 200

// LetGo puts back all that somebody has who has left. It returns how many cases.
func (d *Desk) LetGo(ctx context.Context, by care.Actor, who care.AgentID) (n int, seq store.Seq, err error) {
	ids, _, err := d.heads.Held(who)
	if err != nil {
		return 0, 0, fmt.Errorf("what %s has: %w", who, err)
	}
	for part := range slices.Chunk(ids, letGoAtOnce) {
		back := 0
		seq, err = d.Do(ctx, by, "", part, func(_ time.Time, cs []*care.Case) (care.Change, error) {
			var change care.Change
			back = 0
			for _, c := range cs {
				if events := c.LetGo(who); len(events) > 0 {
					back++
					change.Cases = append(change.Cases, care.CaseEvents{Case: c.ID, Events: events})
				}
			}
			return change, nil
		})
		if err != nil {
			return n, seq, err
		}
		n += back
	}
	return n, seq, nil
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
