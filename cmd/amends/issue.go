package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/amends-care/amends/internal/app"
)

type issueCmd struct {
	List   issueListCmd `cmd:"" help:"List the known issues."`
	Show   issueShowCmd `cmd:"" help:"Show everything about one, as JSON."`
	Open   issueOpenCmd `cmd:"" help:"Open one by hand."`
	Say    issueSayCmd  `cmd:"" help:"Put what we know, what we do and when we say more."`
	Link   issueLinkCmd `cmd:"" help:"Link cases."`
	Unlink issueLinkCmd `cmd:"" help:"Take cases out."`
	Close  issueEndCmd  `cmd:"" help:"Close one; a fixed one once everybody was told."`
	Reopen issueShowCmd `cmd:"" help:"Take a closed one up again."`
}

type issueListCmd struct {
	folderFlags
	JSON bool `help:"Print an object a line for programs."`
}

func (i *issueListCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return i.operate(ctx, false, log, func(op app.Operator) error {
		return table(ctx, c, op, "issue.list", struct{}{}, i.JSON, "ISSUE\tSTATE\tCASES\tTO LOOK AT\tSAY MORE BY\tTITLE", func(l app.IssueLine) string {
			next := "-"
			if !l.NextAt.IsZero() {
				next = l.NextAt.Format(time.RFC3339)
			}
			return fmt.Sprintf("%d\t%s\t%d\t%d\t%s\t%s", l.Number, l.State, l.Cases, l.ToLook, next, l.Name)
		})
	})
}

// issueAct performs an act and shows what the issue is then.
func (f *folderFlags) issueAct(ctx context.Context, c console, log *slog.Logger, name string, args app.IssueArgs) error {
	return f.operate(ctx, false, log, func(op app.Operator) error {
		done, err := ask[app.IssueReport](ctx, c, op, name, args, nil)
		if err != nil {
			return err
		}
		return c.print(done)
	})
}

type issueShowCmd struct {
	folderFlags
	Issue string `arg:"" help:"Number or id."`
}

func (i *issueShowCmd) Run(ctx context.Context, c console, log *slog.Logger, act actName) error {
	if act == "reopen" {
		return i.issueAct(ctx, c, log, "issue.act", app.IssueArgs{Act: string(act), Issue: i.Issue})
	}
	return i.issueAct(ctx, c, log, "issue.show", app.IssueArgs{Issue: i.Issue})
}

type issueOpenCmd struct {
	folderFlags
	Title string        `arg:"" help:"What it is, in a few words."`
	Case  []string      `help:"Numbers or ids of cases to link."`
	Topic string        `help:"Topic."`
	Know  string        `help:"What we know."`
	Doing string        `help:"What we do."`
	Next  time.Duration `help:"How long until we say more: a promise, such as 2h."`
}

func (i *issueOpenCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return i.issueAct(ctx, c, log, "issue.act", app.IssueArgs{Act: "open", Title: i.Title, Case: i.Case, Topic: i.Topic, Know: i.Know, Doing: i.Doing, NextAt: after(i.Next)})
}

// after is the instant that lies so far ahead; none for no time.
func after(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d).UTC().Truncate(time.Second)
}

type issueSayCmd struct {
	folderFlags
	Issue string        `arg:"" help:"Number or id."`
	Know  string        `help:"What we know."`
	Doing string        `help:"What we do."`
	Next  time.Duration `help:"How long until we say more, such as 2h; without it nothing more is promised."`
}

func (i *issueSayCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return i.issueAct(ctx, c, log, "issue.act", app.IssueArgs{Act: "say", Issue: i.Issue, Know: i.Know, Doing: i.Doing, NextAt: after(i.Next)})
}

type issueLinkCmd struct {
	folderFlags
	Issue string   `arg:"" help:"Number or id."`
	Case  []string `arg:"" help:"Numbers or ids of cases."`
}

func (i *issueLinkCmd) Run(ctx context.Context, c console, log *slog.Logger, act actName) error {
	return i.issueAct(ctx, c, log, "issue.act", app.IssueArgs{Act: string(act), Issue: i.Issue, Case: i.Case})
}

type issueEndCmd struct {
	folderFlags
	Issue string `arg:"" help:"Number or id."`
	Why   string `help:"${enum}." enum:"fixed,no_issue" required:""`
}

func (i *issueEndCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return i.issueAct(ctx, c, log, "issue.act", app.IssueArgs{Act: "close", Issue: i.Issue, Why: i.Why})
}

type personCmd struct {
	Show   personShowCmd  `cmd:"" help:"Show what is known of the person behind a case, as JSON."`
	OptOut personOptCmd   `cmd:"" help:"Note that the person does not want to hear from us."`
	Lift   personLiftCmd  `cmd:"" help:"End that."`
	Link   personOtherCmd `cmd:"" help:"Say that the authors of two cases are one person."`
	Unlink personOtherCmd `cmd:"" help:"Take such a link back."`
	Refuse personOtherCmd `cmd:"" help:"Say that they are two people."`
}

// personAct performs an act, if any, and shows what is known then.
func (f *folderFlags) personAct(ctx context.Context, c console, log *slog.Logger, args app.PersonArgs) error {
	return f.operate(ctx, false, log, func(op app.Operator) error {
		done, err := ask[app.PersonReport](ctx, c, op, "person", args, nil)
		if err != nil {
			return err
		}
		return c.print(done)
	})
}

type personShowCmd struct {
	folderFlags
	Case string `arg:"" help:"Number or id of a case."`
}

func (p *personShowCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return p.personAct(ctx, c, log, app.PersonArgs{Case: p.Case})
}

type personOptCmd struct {
	folderFlags
	Case string `arg:"" help:"Number or id of a case."`
	Why  string `help:"${enum}." enum:"asked,told,legal" default:"told"`
}

func (p *personOptCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return p.personAct(ctx, c, log, app.PersonArgs{Act: "opt_out", Case: p.Case, Why: p.Why})
}

type personLiftCmd struct {
	folderFlags
	Case string `arg:"" help:"Number or id of a case."`
	Why  string `help:"${enum}." enum:"asked_again,mistake" default:"asked_again"`
}

func (p *personLiftCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return p.personAct(ctx, c, log, app.PersonArgs{Act: "lift", Case: p.Case, Why: p.Why})
}

type personOtherCmd struct {
	folderFlags
	Case  string `arg:"" help:"Number or id of a case."`
	Other string `arg:"" help:"A case of the other account."`
}

func (p *personOtherCmd) Run(ctx context.Context, c console, log *slog.Logger, act actName) error {
	return p.personAct(ctx, c, log, app.PersonArgs{Act: string(act), Case: p.Case, Other: p.Other})
}
