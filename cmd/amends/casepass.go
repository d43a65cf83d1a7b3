package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/web"
)

type caseHandoffCmd struct {
	caseWrite
	written
	To string `help:"Sign-in name; without it, back to the queue." placeholder:"NAME"`
}

func (h *caseHandoffCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	text, err := h.read(c)
	if err != nil {
		return err
	}
	return h.act(ctx, c, log, "handoff", web.Handoff{To: care.AgentID(h.To), Note: text})
}

type caseEscalateCmd struct {
	caseWrite
	To string `help:"Who has to look at it: they follow it from then on." placeholder:"NAME"`
}

func (e *caseEscalateCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return e.act(ctx, c, log, "escalate", web.Escalation{To: care.AgentID(e.To)})
}

type caseWaitCmd struct {
	caseWrite
	On    string        `arg:"" help:"Who outside the team has to act: one of cases.outside."`
	For   time.Duration `help:"How long, such as 48h." xor:"when" required:""`
	Until time.Time     `help:"Until when, such as 2026-11-23T09:00:00Z." xor:"when" required:""`
}

func (w *caseWaitCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return w.act(ctx, c, log, "wait-on", web.Wait{On: w.On, Until: instant(w.For, w.Until)})
}

type caseMergeCmd struct {
	caseWrite
	Into string `arg:"" help:"Number or id of the case that goes on."`
}

func (m *caseMergeCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return m.act(ctx, c, log, "merge", web.Merger{Into: m.Into})
}

type caseUndoCmd struct {
	caseWrite
	N int `arg:"" help:"Number of the reply, as show tells it."`
}

func (u *caseUndoCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return u.act(ctx, c, log, fmt.Sprintf("replies/%d/undo", u.N), nil)
}
