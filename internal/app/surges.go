package app

import (
	"context"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/watch"
)

// watcher is the watch over this folder.
func (s *serving) watcher() *watch.Watch {
	o := watch.Options{
		Store: s.Store, Desk: s.Desk, Counts: s.View, Open: s.openIssues, Surging: s.Desk.Surging, InThread: s.inThread,
		PerHour: func() int { return s.config().Cases.Viral.RepliesPerHour }, Now: s.Now, Log: s.o.Log,
	}
	if s.o.Watch != nil {
		s.o.Watch(Served{s.Engine, s.account}, &o)
	}
	return watch.New(o)
}

// openIssues are the open known issues.
func (s *serving) openIssues(ctx context.Context) (open []*care.Issue, err error) {
	rows, err := s.View.IssueRows()
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.State != care.IssueOpen {
			continue
		}
		p, err := s.View.Issue(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		open = append(open, p.Issue)
	}
	return open, nil
}

// inThread are the cases of a thread that are not over.
func (s *serving) inThread(ctx context.Context, key care.ThreadKey) (ids []care.CaseID, err error) {
	p, err := s.View.Cases(ctx, view.Query{List: view.InThread, Thread: key, Limit: 200})
	for _, r := range p.Rows {
		if !r.State.Over() {
			ids = append(ids, r.ID)
		}
	}
	return ids, err
}

// sendIssues sends what was approved for known issues, while no replay has the
// desk's time.
func (s *serving) sendIssues(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	return s.Desk.Sender(ctx, s.View, &s.deadlines)
}
