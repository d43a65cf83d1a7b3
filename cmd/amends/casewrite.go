package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/web"
)

// written is a text from the command line, a file or standard input.
type written struct {
	Text []string `arg:"" optional:"" help:"The text; without it, it is read from standard input."`
	File string   `help:"Read the text from this file." type:"existingfile" placeholder:"FILE"`
}

// maxText bounds what is read; the API says how long a text may be.
const maxText = 64 << 10

func (w *written) read(c console) (string, error) {
	switch {
	case len(w.Text) > 0 && w.File != "":
		return "", &care.Error{Code: care.Invalid, Field: "text", Msg: "Give the text or a file with it, not both."}
	case len(w.Text) > 0:
		return strings.Join(w.Text, " "), nil
	}
	in := c.in
	if w.File != "" {
		f, err := os.Open(w.File)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxText+1))
	switch {
	case err != nil:
		return "", err
	case len(b) > maxText:
		return "", &care.Error{Code: care.Invalid, Field: "text", Msg: "The text is longer than 64 KiB."}
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

type caseNoteCmd struct {
	caseWrite
	written
}

func (n *caseNoteCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	text, err := n.read(c)
	if err != nil {
		return err
	}
	return n.act(ctx, c, log, "note", web.NewNote{Text: text})
}

type casePromiseCmd struct {
	caseWrite
	written
	In   time.Duration `help:"By when, such as 48h from now." xor:"when" required:""`
	Due  time.Time     `help:"By when, such as 2026-11-23T17:00:00Z." xor:"when" required:""`
	What string        `help:"${enum}." enum:"call,write,refund,repair,other" default:"other"`
}

func (p *casePromiseCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	text, err := p.read(c)
	if err != nil {
		return err
	}
	return p.act(ctx, c, log, "promises", web.NewPromise{Text: text, Due: instant(p.In, p.Due), What: p.What})
}

type caseReplyCmd struct {
	caseWrite
	written
	Direct      bool              `help:"As a direct message instead of in public."`
	Then        string            `help:"What follows once it is sent: ${enum}." enum:"await,resolve,keep" default:"await"`
	Disposition string            `help:"With --then resolve: how the case ended."`
	Detail      map[string]string `help:"What has to be told with it, such as --detail order=4711."`
	From        string            `help:"Which of our accounts answers." placeholder:"SOURCE"`
	Wait        bool              `help:"Until it is known whether it arrived. Exit code 1: it did not."`
}

func (r *caseReplyCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	text, err := r.read(c)
	if err != nil {
		return err
	}
	return r.reach(ctx, log, func(api *app.API) error {
		if r.Wait && !api.Delivers {
			return &care.Error{Code: care.Conflict, Msg: "No server runs on this folder, so nothing is delivered: start one, or leave --wait out."}
		}
		in := web.NewReply{Text: text, Direct: r.Direct, Then: r.Then, Disposition: r.Disposition, Details: r.Detail, As: r.From}
		out, err := r.write(ctx, c, api, "reply", in)
		if err != nil || !r.Wait {
			return err
		}
		return r.arrives(ctx, c, api, out)
	})
}

// look is how often a reply under way is looked at.
const look = time.Second

// arrives waits until it is known what became of a reply.
func (r *caseReplyCmd) arrives(ctx context.Context, c console, api *app.API, out web.Written) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		var f web.CaseFull
		if _, err := api.Call(ctx, http.MethodGet, "/cases/"+string(out.Case), "", nil, &f); err != nil {
			return err
		}
		i := slices.IndexFunc(f.ReplyList, func(p web.Reply) bool { return p.N == out.N })
		if i < 0 {
			return &care.Error{Code: care.NotFound, Msg: "The reply is gone from the case."}
		}
		switch p := &f.ReplyList[i]; {
		case p.State == care.ReplyIsSent:
			c.printf("Sent%s.\n", prefixed(": ", p.URL))
			return nil
		case p.Approval != "" && p.State == care.ReplyIsRequested:
			return &care.Error{Code: care.Conflict, Msg: "A lead has to approve this reply first: {rule}.", With: []any{"rule", oneLine(p.Approval, 100)}}
		case p.State != care.ReplyIsRequested && p.State != care.ReplyIsAttempted:
			return &care.Error{Code: care.Conflict, Msg: "The reply is {state}.", With: []any{"state", string(p.State) + prefixed(": ", p.Why)}}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// prefixed is a text with something before it; nothing where there is none.
func prefixed(before, text string) string {
	if text == "" {
		return ""
	}
	return before + oneLine(text, 300)
}
