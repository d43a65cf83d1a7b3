package main

import (
	"context"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/amends-care/amends/internal/app"
)

type modelCmd struct {
	Status    modelStatusCmd    `cmd:"" help:"Show what judges, what the reviews say of it, and what runs in its shadow."`
	Threshold modelThresholdCmd `cmd:"" help:"Show what thresholds cost, or choose what the threshold is for."`
	Rollback  modelRollbackCmd  `cmd:"" help:"Put in force what was in force before the last change."`
}

type modelStatusCmd struct {
	folderFlags
	JSON bool `help:"Print one object for programs."`
}

func (m *modelStatusCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return m.operate(ctx, false, log, func(op app.Operator) error {
		return showModel(ctx, c, op, "model.status", struct{}{}, m.JSON)
	})
}

type modelThresholdCmd struct {
	folderFlags
	MissAtMost  float64 `help:"Of 100 complaints, miss at most so many." xor:"aim" placeholder:"N"`
	FalseAtMost float64 `help:"Flag in vain at most so many, per agent and day." xor:"aim" placeholder:"N"`
	None        bool    `help:"Aim at nothing: the threshold is the model's own." xor:"aim"`
	JSON        bool    `help:"Print one object for programs."`
}

func (m *modelThresholdCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return m.operate(ctx, false, log, func(op app.Operator) error {
		name, args := "model.status", app.ModelArgs{MissAtMost: m.MissAtMost, FalseAtMost: m.FalseAtMost}
		if m.None || args != (app.ModelArgs{}) {
			name = "model.aim"
		}
		st, err := ask[app.ModelState](ctx, c, op, name, args, nil)
		switch {
		case err != nil:
			return err
		case m.JSON:
			return c.print(st)
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "THRESHOLD\tMISSED OF 100\tIN VAIN PER AGENT AND DAY\tRIGHT OF 100 FLAGGED\t")
		for _, t := range st.Costs {
			mark := ""
			if t.InForce {
				mark = "in force"
			}
			fmt.Fprintf(w, "%.2f\t%s\t%s\t%s\t%s\n", t.Threshold, estimate(t.Missed.Value, t.Missed.Low, t.Missed.High),
				estimate(t.False.Value, t.False.Low, t.False.High), estimate(t.Right.Value, t.Right.Low, t.Right.High), mark)
		}
		return w.Flush()
	})
}

type modelRollbackCmd struct {
	folderFlags
	JSON bool `help:"Print one object for programs."`
}

func (m *modelRollbackCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return m.operate(ctx, false, log, func(op app.Operator) error {
		return showModel(ctx, c, op, "model.rollback", struct{}{}, m.JSON)
	})
}

func estimate(v *float64, low, high float64) string {
	if v == nil {
		return "not known"
	}
	return fmt.Sprintf("%.1f (%.1f to %.1f)", *v, low, high)
}

func showModel(ctx context.Context, c console, op app.Operator, name string, args any, asJSON bool) error {
	st, err := ask[app.ModelState](ctx, c, op, name, args, nil)
	switch {
	case err != nil:
		return err
	case asJSON:
		return c.print(st)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	version := st.Version
	if version == "" {
		version = "none: it judges as it ships"
	}
	fmt.Fprintf(w, "model\t%s\nversion\t%s\nthreshold\t%.2f\n", st.Base, version, st.Threshold)
	fmt.Fprintf(w, "reviews\t%d by %d people, %d complaints; prior and threshold move from %d on\n",
		st.Reviews.Total, st.Reviews.Reviewers, st.Reviews.Complaints, st.Reviews.Needed)
	fmt.Fprintf(w, "prior\tlog odds moved by %+.2f\n", st.Shift)
	fmt.Fprintf(w, "missed of 100\t%s; %d unflagged ones looked at\n", estimate(st.Missed.Value, st.Missed.Low, st.Missed.High), st.Missed.N)
	if ch := st.Challenger; ch != nil {
		fmt.Fprintf(w, "challenger\t%s, made %s, %d reviews since; compared at %d\n", ch.Version, ch.MadeAt.Local().Format(time.DateTime), ch.Held, ch.NextLook)
	} else {
		fmt.Fprintf(w, "challenger\tnone\n")
	}
	for _, h := range st.History {
		fmt.Fprintf(w, "%s\t%s by %s, version %s, threshold %.2f\n", h.At.Local().Format(time.DateTime), h.Why, h.By, h.To, h.Threshold)
	}
	return w.Flush()
}
