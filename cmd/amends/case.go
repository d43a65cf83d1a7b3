package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/web"
)

// caseCmd is the desk for those who live in a terminal. Everything goes through
// the API, so what may be done, and by whom, is what the console says.
type caseCmd struct {
	List    caseListCmd    `cmd:"" help:"List cases: what we have to do now, in queue order, unless another state is asked for."`
	Show    caseShowCmd    `cmd:"" help:"Show a case: the thread, the deadlines, the promises."`
	Story   caseStoryCmd   `cmd:"" help:"Tell everything that happened to a case, and who did it."`
	Next    caseNextCmd    `cmd:"" help:"Take the case that is most urgent and nobody has."`
	Claim   caseBareCmd    `cmd:"" help:"Take a case."`
	Release caseBareCmd    `cmd:"" help:"Put a case back into its queue."`
	Assign  caseAssignCmd  `cmd:"" help:"Give a case to somebody."`
	Requeue caseQueueCmd   `cmd:"" help:"Move a case to another queue, or to another policy."`
	Handoff caseHandoffCmd `cmd:"" help:"Pass a case on with a note."`
	Note    caseNoteCmd    `cmd:"" help:"Leave an internal remark; @name calls a colleague."`
	Tag     caseTagCmd     `cmd:"" help:"Change the tags: NAME puts one on, and ^NAME takes one off."`
	Reply   caseReplyCmd   `cmd:"" help:"Answer the customer."`
	Resolve caseResolveCmd `cmd:"" help:"Finish a case."`
	Dismiss caseDismissCmd `cmd:"" help:"Say that a case is no complaint of ours."`
	Reopen  caseBareCmd    `cmd:"" help:"Take a case up again."`
	Snooze  caseSnoozeCmd  `cmd:"" help:"Hide a case for a while."`
	Wake    caseBareCmd    `cmd:"" help:"End a snooze."`
	Promise casePromiseCmd `cmd:"" help:"Keep track of what the customer was told."`
	Keep    caseKeepCmd    `cmd:"" help:"Say that a promise was kept."`

	Undo        caseUndoCmd     `cmd:"" help:"Take a reply back that is not sent yet."`
	Await       caseBareCmd     `cmd:"" help:"Say that the customer has to act."`
	WaitOn      caseWaitCmd     `cmd:"" help:"Wait until somebody outside the team has acted."`
	StopWaiting caseBareCmd     `cmd:"" help:"Say that they have acted."`
	Escalate    caseEscalateCmd `cmd:"" help:"Raise a case by one level."`
	Acknowledge caseBareCmd     `cmd:"" help:"Say that you know of an escalation: nobody is told again."`
	Follow      caseBareCmd     `cmd:"" help:"Hear of a case."`
	Unfollow    caseBareCmd     `cmd:"" help:"Hear no more of it."`
	Merge       caseMergeCmd    `cmd:"" help:"Let a case go on in another one."`
	Unmerge     caseBareCmd     `cmd:"" help:"Take a merged case out again."`
}

type caseListCmd struct {
	reachFlags
	State    string `help:"needs (the default), waiting, claimed, awaiting, snoozed, outside, approve, friction, held, promised, resolved, dismissed, merged or all."`
	Queue    string `help:"Of this queue."`
	Mine     bool   `help:"That I have."`
	Assignee string `help:"That this person has; 'nobody' for nobody."`
	Lane     string `help:"${enum}." enum:"ordinary,critical," default:""`
	Network  string `help:"Of this network."`
	Language string `help:"In this language."`
	Topic    string `help:"About this topic."`
	Severity string `help:"${enum}." enum:"low,high," default:""`
	Tag      string `help:"With this tag."`
	Limit    int    `help:"How many at most." default:"50"`
	Format   string `help:"${enum}." enum:"table,json" default:"table"`
}

func (l *caseListCmd) query() url.Values {
	q := url.Values{}
	if l.Mine {
		l.Assignee = "me"
	}
	for name, v := range map[string]string{
		"state": l.State, "queue": l.Queue, "assignee": l.Assignee, "lane": l.Lane, "network": l.Network,
		"language": l.Language, "topic": l.Topic, "severity": l.Severity, "tag": l.Tag,
	} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

func (l *caseListCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return l.reach(ctx, log, func(api *app.API) error {
		var rows []web.CaseRow
		q := l.query()
		for len(rows) < l.Limit {
			q.Set("limit", strconv.Itoa(min(200, l.Limit-len(rows))))
			var page web.CaseList
			if _, err := api.Call(ctx, http.MethodGet, "/cases?"+q.Encode(), "", nil, &page); err != nil {
				return err
			}
			rows = append(rows, page.Cases...)
			if page.Next == "" {
				break
			}
			q.Set("after", page.Next)
		}
		if l.Format == "json" {
			for i := range rows {
				if err := c.print(&rows[i]); err != nil {
					return err
				}
			}
			return nil
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "CASE\tSTATE\tQUEUE\tWHO\tLEFT\tFROM\tTEXT")
		now := time.Now()
		for i := range rows {
			r := &rows[i]
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Number, stateOf(r), oneLine(r.Queue, 20), cmp.Or(string(r.Assignee), "-"), left(r.Due, now),
				oneLine(cmp.Or(r.Author.Handle, r.Author.Name, "-"), 24), oneLine(text(r.Excerpt), 60))
		}
		return w.Flush()
	})
}

// stateOf is where a case stands, in a word.
func stateOf(r *web.CaseRow) string {
	switch {
	case !r.Snoozed.IsZero() && !r.State.Over():
		return "snoozed"
	case r.Lane == care.Critical && !r.State.Over():
		return string(r.State) + "!"
	}
	return string(r.State)
}

// left is the time until a deadline, or since.
func left(d *web.Due, now time.Time) string {
	if d == nil {
		return "-"
	}
	return until(d.DueAt, now)
}

func until(at, now time.Time) string {
	d := at.Sub(now).Round(time.Minute)
	late := ""
	if d < 0 {
		d, late = -d, " late"
	}
	switch h := int(d.Hours()); {
	case h >= 48:
		return fmt.Sprintf("%dd%s", h/24, late)
	case h > 0:
		return fmt.Sprintf("%dh%02dm%s", h, int(d.Minutes())%60, late)
	}
	return fmt.Sprintf("%dm%s", int(d.Minutes()), late)
}

// oneCase is what commands about one case have in common.
type oneCase struct {
	reachFlags
	Case string `arg:"" help:"Number or id of the case."`
}

func (o *oneCase) path() string { return "/cases/" + url.PathEscape(o.Case) }

type caseShowCmd struct {
	oneCase
	Format string `help:"${enum}." enum:"text,json" default:"text"`
}

func (s *caseShowCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return s.reach(ctx, log, func(api *app.API) error {
		if s.Format == "json" {
			return api.Copy(ctx, s.path(), c.out)
		}
		var f web.CaseFull
		if _, err := api.Call(ctx, http.MethodGet, s.path(), "", nil, &f); err != nil {
			return err
		}
		showCase(c, &f, time.Now())
		return nil
	})
}

type caseStoryCmd struct{ oneCase }

func (s *caseStoryCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return s.reach(ctx, log, func(api *app.API) error {
		var f web.CaseFull
		if _, err := api.Call(ctx, http.MethodGet, s.path(), "", nil, &f); err != nil {
			return err
		}
		for _, e := range f.Story {
			at := e.At.Local().Format(time.DateTime)
			for _, h := range e.Events {
				c.printf("%s  %-14s  %s\n", at, oneLine(string(e.By), 24), oneLine(h.Says, 400))
				at = strings.Repeat(" ", len(at))
			}
		}
		return nil
	})
}

// caseWrite is what commands have in common that change a case.
type caseWrite struct {
	oneCase
	Op   string `help:"Name of this write: the same name again changes nothing, for seven days." placeholder:"KEY"`
	JSON bool   `help:"Print one object for programs."`
}

// act does something to a case and says how it stands then.
func (w *caseWrite) act(ctx context.Context, c console, log *slog.Logger, name string, in any) error {
	return w.reach(ctx, log, func(api *app.API) error {
		_, err := w.write(ctx, c, api, name, in)
		return err
	})
}

func (w *caseWrite) write(ctx context.Context, c console, api *app.API, name string, in any) (out web.Written, err error) {
	if _, err := api.Call(ctx, http.MethodPost, w.path()+"/"+name, w.Op, in, &out); err != nil {
		return out, err
	}
	return out, tellWritten(ctx, c, api, out, w.JSON)
}

// tellWritten says how a case stands after a write.
func tellWritten(ctx context.Context, c console, api *app.API, out web.Written, asJSON bool) error {
	if asJSON {
		return c.print(out)
	}
	var f web.CaseFull
	if _, err := api.Call(ctx, http.MethodGet, "/cases/"+string(out.Case), "", nil, &f); err != nil {
		return err
	}
	who := "nobody has it"
	if f.Assignee != "" {
		who = string(f.Assignee) + " has it"
	}
	c.printf("Case %d is %s in %s, and %s.\n", f.Number, stateOf(&f.CaseRow), oneLine(f.Queue, 60), who)
	return nil
}

// caseBareCmd are the acts that need no more words.
type caseBareCmd struct{ caseWrite }

func (b *caseBareCmd) Run(ctx context.Context, c console, log *slog.Logger, act actName) error {
	return b.act(ctx, c, log, string(act), nil)
}

type caseNextCmd struct {
	reachFlags
	Queue string `arg:"" optional:"" default:"any" help:"Of this queue; without one, of all."`
	Op    string `help:"Name of this write: the same name again gives the same case." placeholder:"KEY"`
	JSON  bool   `help:"Print one object for programs."`
}

func (n *caseNextCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return n.reach(ctx, log, func(api *app.API) error {
		var out web.Written
		found, err := api.Call(ctx, http.MethodPost, "/queues/"+url.PathEscape(n.Queue)+"/next", n.Op, nil, &out)
		switch {
		case err != nil:
			return err
		case !found:
			return &care.Error{Code: care.NotFound, Msg: "Nobody waits."}
		case n.JSON:
			return c.print(out)
		}
		var f web.CaseFull
		if _, err := api.Call(ctx, http.MethodGet, "/cases/"+string(out.Case), "", nil, &f); err != nil {
			return err
		}
		showCase(c, &f, time.Now())
		return nil
	})
}

type caseAssignCmd struct {
	caseWrite
	To string `arg:"" help:"Sign-in name."`
}

func (a *caseAssignCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return a.act(ctx, c, log, "assign", web.Assignment{To: care.AgentID(a.To)})
}

type caseQueueCmd struct {
	caseWrite
	Queue  string `arg:"" help:"Name of the queue."`
	Policy string `help:"Promise it by this policy from now on; time used stays used. Only a lead may." placeholder:"NAME"`
}

func (q *caseQueueCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return q.act(ctx, c, log, "requeue", web.Requeue{Queue: q.Queue, Policy: q.Policy})
}

type caseTagCmd struct {
	caseWrite
	Tag []string `arg:"" help:"Tags to put on; with ^ before it, one to take off."`
}

func (t *caseTagCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	var in web.TagChange
	for _, name := range t.Tag {
		if off, ok := strings.CutPrefix(name, "^"); ok {
			in.Remove = append(in.Remove, off)
			continue
		}
		in.Add = append(in.Add, name)
	}
	return t.act(ctx, c, log, "tag", in)
}

type caseResolveCmd struct {
	caseWrite
	Disposition string            `arg:"" help:"How it ended, as one of the codes in force."`
	Detail      map[string]string `help:"What has to be told with it, such as --detail order=4711."`
}

func (r *caseResolveCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return r.act(ctx, c, log, "resolve", web.Resolution{Disposition: r.Disposition, Details: r.Detail})
}

type caseDismissCmd struct {
	caseWrite
	Reason string `arg:"" help:"${enum}." enum:"not_a_complaint,not_about_us,spam,duplicate"`
}

func (d *caseDismissCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return d.act(ctx, c, log, "dismiss", web.Dismissal{Reason: d.Reason})
}

type caseSnoozeCmd struct {
	caseWrite
	For   time.Duration `help:"How long, such as 3h." xor:"when" required:""`
	Until time.Time     `help:"Until when, such as 2026-11-23T09:00:00Z." xor:"when" required:""`
}

func (s *caseSnoozeCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return s.act(ctx, c, log, "snooze", web.Sleep{Until: instant(s.For, s.Until)})
}

// instant is a time that was given as such, or by how far ahead it lies.
func instant(in time.Duration, at time.Time) time.Time {
	if !at.IsZero() {
		return at
	}
	return after(in)
}

type caseKeepCmd struct {
	caseWrite
	N int `arg:"" help:"Number of the promise, as show tells it."`
}

func (k *caseKeepCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return k.act(ctx, c, log, fmt.Sprintf("promises/%d/keep", k.N), nil)
}
