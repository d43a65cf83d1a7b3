package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// ExportArgs say what to export.
type ExportArgs struct {
	What string `json:"what"` // cases | mentions | events
}

// An exportedEvent is one record of the log.
type exportedEvent struct {
	Seq    store.Seq   `json:"seq"`
	Stream string      `json:"stream"`
	Record care.Record `json:"record"`
}

func opExport(ctx context.Context, e *Engine, c call) error {
	var args ExportArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	switch args.What {
	case "cases":
		return e.exportCases(ctx, enc)
	case "mentions":
		for d, err := range e.Store.List(ctx, "mention/", "") {
			if err != nil {
				return err
			}
			m, err := care.DecodeMention(d.Data)
			if err != nil {
				return fmt.Errorf("%s: %w", d.Key, err)
			}
			if err := enc.Encode(m); err != nil {
				return err
			}
		}
		return nil
	case "events":
		return e.exportEvents(ctx, enc)
	}
	return &care.Error{Code: care.Invalid, Field: "what", Msg: "Export cases, mentions or events."}
}

func (e *Engine) exportCases(ctx context.Context, enc *json.Encoder) error {
	if err := e.shown(ctx); err != nil {
		return err
	}
	q := view.Query{List: view.Every, Limit: 200}
	for {
		p, err := e.View.Cases(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range p.Rows {
			page, err := e.View.Case(ctx, r.ID)
			if err != nil {
				return err
			}
			if err := enc.Encode(page); err != nil {
				return err
			}
		}
		if q.After = p.Next; p.Next == "" {
			return nil
		}
	}
}

func (e *Engine) exportEvents(ctx context.Context, enc *json.Encoder) error {
	last, err := store.Last(ctx, e.Store)
	if err != nil || last == 0 {
		return err
	}
	for r, err := range e.Store.Tail(ctx, 0) {
		if err != nil {
			return err
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
		if err := enc.Encode(exportedEvent{r.Seq, r.Stream, rec}); err != nil {
			return err
		}
		if r.Seq >= last {
			break
		}
	}
	return nil
}

// EraseArgs name a person.
type EraseArgs struct {
	Network string `json:"network"`
	Handle  string `json:"handle"`
}

func opErase(ctx context.Context, e *Engine, c call) error {
	var args EraseArgs
	if err := c.decode(&args); err != nil {
		return err
	}
	done, err := e.Desk.Erase(ctx, c.by, args.Network, args.Handle, func(read int) {
		c.progress(fmt.Sprintf("%d documents read", read))
	})
	if err != nil {
		return err
	}
	return c.answer(done)
}

// A VerifyResult tells how a view compares with the log.
type VerifyResult struct {
	Position    store.Seq `json:"position"`
	Differences []string  `json:"differences"` // the first of them; empty: none
}

func opVerify(ctx context.Context, e *Engine, c call) error {
	if err := e.shown(ctx); err != nil {
		return err
	}
	if err := e.file.Check(ctx); err != nil {
		return fmt.Errorf("the log is damaged: %w", err)
	}
	at, found, err := e.View.Verify(ctx)
	if err != nil {
		return err
	}
	res := VerifyResult{Position: at, Differences: []string{}}
	for _, d := range found {
		res.Differences = append(res.Differences, d.String())
	}
	if err := e.searchable(ctx); err != nil {
		return err
	}
	_, words, err := e.Search.Verify(ctx)
	if err != nil {
		return err
	}
	res.Differences = append(res.Differences, words...)
	return c.answer(res)
}

func opRelease(ctx context.Context, e *Engine, c call) error {
	if err := e.release(ctx, c.by); err != nil {
		return err
	}
	return c.answer(struct{}{})
}

// release ends the hold of a restored desk.
func (e *Engine) release(ctx context.Context, by care.Actor) error {
	if err := e.shown(ctx); err != nil {
		return err
	}
	ids, err := e.View.Unsettled()
	if err != nil {
		return err
	}
	if _, err := e.Desk.Release(ctx, by, ids); err != nil {
		return err
	}
	if e.onRelease != nil {
		e.onRelease()
	}
	return nil
}

// A CompactResult tells what a compaction saved, in bytes.
type CompactResult struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
}

func opCompact(ctx context.Context, e *Engine, c call) error {
	done, err := e.compact(func(bytes int64) {
		c.progress(fmt.Sprintf("%d MB written; everything else waits", bytes>>20))
	})
	if err != nil {
		return err
	}
	if err := e.searchable(ctx); err != nil {
		return err
	}
	if err := e.Search.Compact(ctx); err != nil {
		return err
	}
	return c.answer(CompactResult(done))
}

// ParsePerson reads NETWORK/HANDLE.
func ParsePerson(s string) (EraseArgs, error) {
	n, h, ok := strings.Cut(s, "/")
	if !ok || n == "" || h == "" {
		return EraseArgs{}, &care.Error{Code: care.Invalid, Msg: "Name the person as NETWORK/HANDLE, as bluesky/ana.example."}
	}
	return EraseArgs{Network: n, Handle: h}, nil
}
