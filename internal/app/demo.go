package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/amends-care/amends/configs"
	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/demo"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/watch"
)

// DemoOptions say how to run the demo.
type DemoOptions struct {
	Dir      string // empty: a temporary folder, gone afterwards
	Listen   string
	Version  string
	Log      *slog.Logger
	Out      io.Writer
	Progress func(string)
}

// demoSource is the source of the demo's configuration.
const demoSource = "demo"

// Demo serves a fictional brand: ninety days of history, brought through desk
// with the clock they would have had, and then mentions that keep arriving. It
// runs the loops of Serve; only the source differs, and four colleagues work too.
func Demo(ctx context.Context, o DemoOptions) (err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "amends-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	cfg, err := config.Parse("demo.yaml", configs.Demo, Kinds())
	if err != nil {
		return err
	}
	settings, ok := cfg.Sources[0].Settings.(*demo.Settings)
	if !ok {
		return errors.New("the demo's first source is not the demo's network")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	settings.Keep = filepath.Join(o.Dir, "network.jsonl")
	return Serve(ctx, ServeOptions{
		Dir: o.Dir, Config: cfg, Listen: o.Listen, Version: o.Version, Log: o.Log, Out: o.Out,
		Prepare: func(ctx context.Context, e *Engine) error { return prepareDemo(ctx, e, settings, o) },
		Watch: func(s Served, w *watch.Options) {
			if n, ok := s.Account(demoSource).(*demo.Network); ok {
				w.Counts, w.Pace = pacedBy(n, w.Counts), n.Pace
			}
		},
		Beside: func(s Served) func(context.Context) error { return colleagues(s.Engine, s.Account(demoSource)) },
	})
}

// prepareDemo writes the history and the team into a new folder.
func prepareDemo(ctx context.Context, e *Engine, settings *demo.Settings, o DemoOptions) error {
	last, err := store.Last(ctx, e.Store)
	if err != nil || last > 0 {
		return err // the story goes on where it was
	}
	began := time.Now()
	for _, p := range demo.Team() {
		_, err := e.People.Add(ctx, "system", auth.NewAccount{Name: string(p.ID), Display: p.Name, Role: auth.Role(p.Role), Languages: p.Languages})
		if err != nil {
			return fmt.Errorf("demo team: %w", err)
		}
	}
	n, err := demo.New(*settings)
	if err != nil {
		return err
	}
	r, err := e.replay(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if err := e.withoutSync(func() error { return r.tell(ctx, n, o.Progress) }); err != nil {
		return fmt.Errorf("demo history: %w", err)
	}
	o.Log.Info("demo history written", "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// tell brings a network's history, and leaves the source's cursor at its end.
func (r *replay) tell(ctx context.Context, n *demo.Network, progress func(string)) error {
	steps := 0
	out := lookout{counts: pacedBy(n, r.e.View)}
	var tidy []demo.Move // what the classifier took for a complaint, and the team will not
	for s := range n.History() {
		if err := r.playUntil(ctx, &tidy, s.At); err != nil {
			return err
		}
		if steps++; steps%200 == 0 {
			progress(fmt.Sprintf("writing ninety days of history: %s", s.At.Format("2 January")))
		}
		if err := r.to(ctx, s.At); err != nil {
			return err
		}
		var err error
		switch {
		case s.Item != nil:
			if m, ok := dismissal(n, s, steps); ok {
				tidy = append(tidy, m)
			}
			if err = r.item(ctx, *s.Item); err == nil {
				err = out.look(ctx, r, s.At)
			}
		case s.Move != nil:
			err = play(ctx, r.e.Store, r.desk, *s.Move, s.At)
		}
		if err != nil {
			return fmt.Errorf("step %d of %s: %w", steps, s.At.Format(time.RFC3339), err)
		}
	}
	if err := errors.Join(r.playUntil(ctx, &tidy, n.Start()), r.to(ctx, n.Start())); err != nil {
		return err
	}
	docs, err := r.e.Store.Get(ctx, "source/"+demoSource)
	if err != nil {
		return err
	}
	_, err = r.desk.Receive(ctx, desk.Arrivals{Source: demoSource, Cursor: docs[0], Next: []byte(n.Cursor(n.Start()))})
	return err
}

// playUntil makes the moves that are due by an instant, each at its own time.
func (r *replay) playUntil(ctx context.Context, moves *[]demo.Move, at time.Time) error {
	for ; len(*moves) > 0 && !(*moves)[0].At.After(at); *moves = (*moves)[1:] {
		m := (*moves)[0]
		if err := r.to(ctx, m.At); err != nil {
			return err
		}
		if err := play(ctx, r.e.Store, r.desk, m, m.At); err != nil {
			return err
		}
	}
	return nil
}

// dismissal is what the team does with a post that is no complaint, in case the
// classifier flags it all the same: somebody looks at it half an hour later.
func dismissal(n *demo.Network, s demo.Step, turn int) (demo.Move, bool) {
	p := s.Item.Post
	about, ok := n.About(p.Remote)
	if !ok || about.Complaint() || s.Item.Own || s.Item.Kind != network.Seen || p.InReplyTo != "" {
		return demo.Move{}, false
	}
	team := demo.Team()
	m := demo.Move{
		At: s.At.Add(30 * time.Minute), By: team[turn%len(team)].ID, Kind: demo.Dismiss,
		Network: p.Network, Remote: p.Remote, Reason: care.NotAComplaint,
	}
	if strings.HasPrefix(about.Kind, "spam") {
		m.Reason = "spam"
	}
	return m, true
}

// colleagues returns the loop in which the rest of the team works.
func colleagues(e *Engine, account any) func(context.Context) error {
	n, ok := account.(*demo.Network)
	return func(ctx context.Context) error {
		from := e.Now()
		tick := time.NewTicker(2 * time.Second)
		defer tick.Stop()
		for ok {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
			to := e.Now()
			for _, m := range n.Colleagues(from, to) {
				if err := play(ctx, e.Store, e.Desk, m, time.Time{}); err != nil {
					e.Log.Warn("a colleague's move was not possible", "kind", string(m.Kind), "err", err)
				}
			}
			from = to
		}
		return nil
	}
}

// play makes one move of somebody of the team. at is when, for a move of the
// past; zero: now. A move that the case does not allow is passed over.
func play(ctx context.Context, st store.Store, d *desk.Desk, m demo.Move, at time.Time) error {
	mention, id, err := find(ctx, st, m)
	switch {
	case err != nil:
		return err
	case m.Kind == demo.Open:
		if mention != "" && id == "" {
			_, _, err = d.OpenByHand(ctx, care.ByAgent(m.By), "", mention)
		}
		return allowed(err)
	case id == "":
		return nil
	}
	var text []care.KeptText
	_, err = d.Do(ctx, care.ByAgent(m.By), "", []care.CaseID{id}, func(now time.Time, cs []*care.Case) (care.Change, error) {
		c := cs[0]
		text = nil
		if m.Text != "" {
			text = []care.KeptText{{Case: id, N: c.NextText(), Text: care.Text{Body: m.Text, To: m.Remote, Sent: m.Sent.Remote, URL: m.Sent.URL}}}
		}
		events, err := decide(c, m, mention, now, !at.IsZero())
		return care.One(id, events, err, text...)
	})
	return allowed(err)
}

// allowed passes over what the rules refuse: the story does not know how a case
// stands.
func allowed(err error) error {
	if _, refused := errors.AsType[*care.Error](err); refused {
		return nil
	}
	return err
}

// find is the mention that a move is about, and its case; empty: none.
func find(ctx context.Context, st store.Store, m demo.Move) (care.MentionID, care.CaseID, error) {
	docs, err := st.Get(ctx, "seen/"+m.Network+"/"+string(m.Remote)) // no id of the demo is long enough to be hashed
	if err != nil || docs[0].Rev == 0 {
		return "", "", err
	}
	id := care.MentionID(docs[0].Data)
	if docs, err = st.Get(ctx, "mention/"+string(id)); err != nil || docs[0].Rev == 0 {
		return "", "", err
	}
	mention, err := care.DecodeMention(docs[0].Data)
	return id, mention.Case, err
}

// decide is the decision behind a move.
func decide(c *care.Case, m demo.Move, mention care.MentionID, now time.Time, past bool) ([]care.Event, error) {
	switch m.Kind {
	case demo.Claim:
		return c.Claim(m.By, "next")
	case demo.Assign:
		return c.Assign(m.To)
	case demo.Reply:
		return decideReply(c, m, mention, now, past)
	case demo.Note:
		return c.Note(c.NextText())
	case demo.Tag:
		return c.Tag(m.Tags, nil)
	case demo.Promise:
		return c.MakePromise(m.By, c.NextText(), now, m.Until, m.What)
	case demo.Keep:
		if n := newest(c); n > 0 {
			return c.KeepPromise(n)
		}
	case demo.Renegotiate:
		if n := newest(c); n > 0 {
			return c.Renegotiate(n, now, m.Until, m.Told)
		}
	case demo.HandOff:
		return c.HandOff(m.By, m.To, c.NextText())
	case demo.Snooze:
		return c.Snooze(m.By, now, m.Until)
	case demo.Await:
		return c.Await(m.By)
	case demo.Resolve:
		return c.Resolve(m.By, m.Disposition)
	case demo.Dismiss:
		return c.Dismiss(m.By, m.Reason)
	}
	return nil, nil
}

func newest(c *care.Case) int {
	if len(c.Promises) == 0 {
		return 0
	}
	return c.Promises[len(c.Promises)-1].N
}

// decideReply asks for an answer; one of the past has been sent already.
func decideReply(c *care.Case, m demo.Move, mention care.MentionID, now time.Time, past bool) ([]care.Event, error) {
	n := c.NextText()
	r := care.ReplyRequested{
		Reply: n, To: mention, Key: fmt.Sprintf("%s/%d", c.ID, n), NotBefore: now, Then: m.Then, Disposition: m.Disposition,
	}
	if !past {
		r.NotBefore = now.Add(10 * time.Second)
	}
	events, err := c.RequestReply(m.By, r)
	if err != nil || !past {
		return events, err
	}
	after := c.Clone()
	add := func(more []care.Event) {
		after.Apply(after.Seq, care.Record{At: now, By: care.ByAgent(m.By), Events: more})
	}
	add(events)
	attempt := after.AttemptReply(n, now, now.Add(30*time.Second))
	add(attempt)
	return append(append(events, attempt...), after.ReplyWasSent(n, now, m.Sent.At, false)...), nil
}
