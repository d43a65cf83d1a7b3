package app

import (
	"context"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/sla"
)

// queueRules are what holds in each queue.
func queueRules(c *config.Config, r *config.Rules) map[string]desk.QueueRules {
	all := map[string]desk.QueueRules{}
	onCall := func(name string, at time.Time) (turns []care.AgentID, ok bool) {
		for i := range c.OnCall {
			if c.OnCall[i].Name == name {
				for _, who := range c.OnCall[i].Turns(at) {
					turns = append(turns, care.AgentID(who))
				}
				return turns, true
			}
		}
		return nil, false
	}
	for _, q := range c.Queues {
		rules := desk.QueueRules{Escalation: r.Escalations[q.Name], Untouched: q.Untouched, OnCall: onCall, Survey: c.Surveys.Rule(q.Name)}
		for _, e := range c.Escalations {
			if e.Name == q.Escalation && e.Hours != "" {
				rules.Hours = r.Calendars[e.Hours]
			}
		}
		if away, ok := r.Away[q.Name]; ok {
			rules.Away = &desk.Away{Acknowledgement: away, Hours: r.Calendars[r.AwayHours[q.Name]]}
		}
		all[q.Name] = rules
	}
	return all
}

// capacities are how many open cases people can have at once.
func capacities(c *config.Config) map[care.AgentID]int {
	all := map[care.AgentID]int{}
	for _, p := range c.People {
		all[care.AgentID(p.Name)] = p.Capacity
	}
	return all
}

// acts is who does now what somebody is to do: themselves, or who covers for them
// while they are away; empty: nobody, also where it can't be read.
func (e *Engine) acts(who care.AgentID) care.AgentID {
	ctx := context.Background()
	agents, err := e.View.Agents()
	if err != nil {
		e.Log.Error("who is away can't be read", "err", err)
		return ""
	}
	now := e.Now()
	for range len(agents) + 1 { // who covers may be away too
		a, err := e.People.Account(ctx, who)
		if err != nil || a.Disabled || !auth.May(a.Role, auth.Work) {
			return ""
		}
		g := agents[who]
		if !g.AwayAt(now) {
			return who
		}
		who = g.Cover
	}
	return ""
}

// distribute gives out what waits in queues that have a rule, every second.
func (s *serving) distribute(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		cfg := s.config()
		if s.heldNow() != "" || !slices.ContainsFunc(cfg.Queues, byRule) {
			continue
		}
		if err := s.giveOut(ctx, cfg); err != nil && ctx.Err() == nil {
			s.o.Log.Error("cases could not be given out; trying again", "err", err)
		}
	}
}

// byRule says that a queue gives its cases out by itself.
func byRule(q config.Queue) bool {
	return q.Assign != "" && care.AssignRule(q.Assign) != care.ByTaking
}

func (s *serving) giveOut(ctx context.Context, cfg *config.Config) error {
	counts, err := s.View.Counts()
	if err != nil {
		return err
	}
	for _, q := range cfg.Queues {
		if !byRule(q) || counts.Waiting[q.Name] == 0 {
			continue
		}
		team, err := s.team(ctx, cfg, counts.Mine) // as of now: the queue before may have given somebody some
		if err != nil {
			return err
		}
		given, err := s.Desk.GiveOut(ctx, q.Name, care.AssignRule(q.Assign), team)
		if err != nil {
			return err
		}
		if given > 0 {
			if err := s.View.WaitForAll(ctx); err != nil {
				return err
			}
			if counts, err = s.View.Counts(); err != nil {
				return err
			}
		}
	}
	return nil
}

// team is everybody who can be given cases: those who may work, with what the
// configuration and the log tell of them.
func (s *serving) team(ctx context.Context, cfg *config.Config, load map[care.AgentID]int) ([]care.Colleague, error) {
	agents, err := s.View.Agents()
	if err != nil {
		return nil, err
	}
	rules, err := cfg.Rules()
	if err != nil {
		return nil, err
	}
	now := s.Now()
	var team []care.Colleague
	for a, err := range s.People.Accounts(ctx) {
		if err != nil {
			return nil, err
		}
		if a.Disabled || !auth.May(a.Role, auth.Work) {
			continue
		}
		g := agents[a.Name]
		c := care.Colleague{ID: a.Name, Languages: a.Languages, Load: load[a.Name], GivenAt: g.GivenAt, Away: g.AwayAt(now)}
		if at := slices.IndexFunc(cfg.People, func(p config.Person) bool { return p.Name == string(a.Name) }); at >= 0 {
			known(&c, &cfg.People[at], rules.Calendars, now)
		}
		team = append(team, c)
	}
	return team, nil
}

// known adds what the configuration says of somebody.
func known(c *care.Colleague, p *config.Person, calendars map[string]*sla.Calendar, now time.Time) {
	c.Queues, c.Skills, c.Capacity = p.Queues, p.Skills, p.Capacity
	if len(p.Languages) > 0 {
		c.Languages = p.Languages
	}
	if cal := calendars[p.Shift]; cal != nil && !cal.Open(now) {
		c.Away = true
	}
}
