package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/sla"
)

// Explain is the whole arithmetic of each deadline of a case, by
// the policy and the hours that it was set by, whatever is in force now.
func (e *Engine) Explain(ctx context.Context, c *care.Case) (map[care.TargetKind]*sla.Explanation, error) {
	out := map[care.TargetKind]*sla.Explanation{}
	for i := range c.Targets {
		t := &c.Targets[i]
		docs, err := e.Store.Get(ctx, config.KeptCalendars+t.Calendar, config.KeptPolicies+t.Version)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		cal := sla.Always()
		if docs[0].Rev != 0 {
			if cal, err = config.ReadCalendar(docs[0].Data); err != nil {
				return nil, err
			}
		}
		p := sla.Policy{Name: t.Policy}
		if docs[1].Rev != 0 {
			if err := json.Unmarshal(docs[1].Data, &p); err != nil {
				return nil, fmt.Errorf("policy %s: %w", t.Version, err)
			}
		}
		told := p.Explain(sla.Target{Kind: sla.Kind(t.Target), Start: t.StartAt, AtRisk: t.AtRiskAt, Due: t.DueAt}, cal)
		out[t.Target] = &told
	}
	return out, nil
}

// ExplainArgs say which case's deadlines are to be explained.
type ExplainArgs struct {
	Case string `json:"case"` // its number, or its id
}

// An ExplainedTarget is a deadline in sentences.
type ExplainedTarget struct {
	Target    care.TargetKind  `json:"target"`
	State     care.TargetState `json:"state"`
	Sentences []string         `json:"sentences"`
}

func opExplain(ctx context.Context, e *Engine, c call) error {
	var args ExplainArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	if err := e.shown(ctx); err != nil {
		return err
	}
	id := care.CaseID(args.Case)
	if n, err := strconv.ParseUint(args.Case, 10, 64); err == nil {
		if id, err = e.View.ByNumber(n); err != nil {
			return err
		}
	}
	page, err := e.View.Case(ctx, id)
	if err != nil {
		return err
	}
	told, err := e.Explain(ctx, page.Case)
	if err != nil {
		return err
	}
	for _, t := range page.Case.Targets {
		if err := c.answer(ExplainedTarget{Target: t.Target, State: t.State, Sentences: told[t.Target].Sentences()}); err != nil {
			return err
		}
	}
	return nil
}
