package app

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/file"
)

// ImportArgs say what to import; the content is the operation's input.
type ImportArgs struct {
	Name   string `json:"name"`   // of the file, for messages; its ending tells JSONL from CSV
	Replay bool   `json:"replay"` // let time pass as the posts' own times say
}

// An ImportSummary tells what became of one input.
type ImportSummary struct {
	Read     int               `json:"read"`
	New      int               `json:"new"`
	Known    int               `json:"known"`
	Flagged  int               `json:"flagged"`
	Cases    int               `json:"cases"`
	Late     int               `json:"late"`
	Repaired int               `json:"repaired"`
	Bad      []network.BadItem `json:"bad"`
}

// Add puts another summary on top.
func (s *ImportSummary) Add(o ImportSummary) {
	s.Read += o.Read
	s.New += o.New
	s.Known += o.Known
	s.Flagged += o.Flagged
	s.Cases += o.Cases
	s.Late += o.Late
	s.Repaired += o.Repaired
	s.Bad = append(s.Bad, o.Bad...)
}

// importPage is how many mentions are taken in with one commit.
const importPage = 2000

// importSource is the name of the source that imported mentions come from.
const importSource = "import"

func opImport(ctx context.Context, e *Engine, c call) error {
	var args ImportArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	r := file.NewReader(c.in, args.Name, e.Now())
	sum := ImportSummary{Bad: []network.BadItem{}}
	take := e.importPage
	if args.Replay {
		p, err := e.replay(ctx)
		if err != nil {
			return err
		}
		defer p.close()
		take = p.page
	}
	// Pages come and go by the thousand: let the collector wait a little longer.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	began, told := time.Now(), time.Now()
	err := e.eachPage(ctx, r, args.Replay, func(p *network.Page, a desk.Arrivals) error {
		part, err := take(ctx, p, a)
		if err != nil {
			return err
		}
		sum.Add(part)
		if now := time.Now(); now.Sub(told) > time.Second {
			told = now
			c.progress(fmt.Sprintf("%d read, %d new, %d flagged (%.0f a second)", sum.Read, sum.New, sum.Flagged, float64(sum.Read)/now.Sub(began).Seconds()))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("import %s after %d read: %w", args.Name, sum.Read, err)
	}
	return c.answer(sum)
}

// eachPage reads and judges pages ahead of whoever takes them in: while one is
// made durable, the next is judged. A replay has to know all of them first, to
// bring them in order.
func (e *Engine) eachPage(ctx context.Context, r *file.Reader, whole bool, do func(*network.Page, desk.Arrivals) error) error {
	read := func() (p network.Page, err error) { return r.ReadPage(importPage) }
	if whole {
		read = func() (network.Page, error) { return readWhole(r) }
	}
	type judged struct {
		page     network.Page
		arrivals desk.Arrivals
	}
	g, ctx := errgroup.WithContext(ctx)
	pages := make(chan judged, 2)
	g.Go(func() error {
		defer close(pages)
		for {
			p, failed := read() // what was read before a failure is in the page
			a, err := e.arrivals(ctx, &p)
			if err != nil {
				return err
			}
			select {
			case pages <- judged{p, a}:
			case <-ctx.Done():
				return ctx.Err()
			}
			if failed != nil || !p.More {
				return failed
			}
		}
	})
	g.Go(func() error {
		for p := range pages {
			if p.arrivals.Read == 0 {
				continue
			}
			if err := do(&p.page, p.arrivals); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// arrivals is a page in the desk's words, with its verdicts.
func (e *Engine) arrivals(ctx context.Context, p *network.Page) (desk.Arrivals, error) {
	a := intake.Arrivals(p)
	a.Source, a.Brand, a.Lists = importSource, e.Config.Brand, lists(e.Config)
	return a, intake.JudgeAhead(ctx, e.Classifier, a.Items)
}

func readWhole(r *file.Reader) (all network.Page, err error) {
	for {
		p, err := r.ReadPage(importPage)
		all.Items = append(all.Items, p.Items...)
		all.Bad = append(all.Bad, p.Bad...)
		all.Repaired += p.Repaired
		if err != nil || !p.More {
			return all, err
		}
	}
}

// importPage takes a page in at the present time.
func (e *Engine) importPage(ctx context.Context, p *network.Page, a desk.Arrivals) (ImportSummary, error) {
	return receive(ctx, p, a, e.Desk)
}

func receive(ctx context.Context, p *network.Page, a desk.Arrivals, into *desk.Desk) (ImportSummary, error) {
	r, err := into.Receive(ctx, a)
	if err != nil {
		return ImportSummary{}, err
	}
	return ImportSummary{
		Read: r.Read, New: r.New, Known: r.Known, Flagged: r.Flagged, Cases: r.Opened, Late: r.Late, Repaired: r.Repaired, Bad: p.Bad,
	}, nil
}
