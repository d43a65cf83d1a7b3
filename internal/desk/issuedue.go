package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// IssueAlarms knows of which known issues it is time to say more, soon or by now.
// What it says is a hint, checked again in the commit.
type IssueAlarms interface {
	IssueAlarms(now time.Time) ([]care.IssueID, error)
}

// A Writing adds what notices about a known issue tell to what is kept of it.
type Writing func(i *care.Issue, asked []care.NoticeRequested, kept []byte) ([]byte, error)

// IssueClock settles what we promised to say of known issues, every second until
// ctx ends: as Clock does, nothing is kept in memory, and two of them do no harm.
func (d *Desk) IssueClock(ctx context.Context, due IssueAlarms, write Writing, turn sync.Locker) error {
	return d.everySecond(ctx, turn, "what we promised to say of known issues could not be settled", func() error { return d.SettleIssues(ctx, due, write) })
}

// SettleIssues settles all that is due by now.
func (d *Desk) SettleIssues(ctx context.Context, due IssueAlarms, write Writing) error {
	ids, err := due.IssueAlarms(d.now())
	if err != nil {
		return fmt.Errorf("read alarms of known issues: %w", err)
	}
	var errs []error
	for _, id := range ids {
		if _, err := d.SettleIssue(ctx, id, write); err != nil {
			errs = append(errs, fmt.Errorf("issue %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// SettleIssue records what the time has made of what we promised to say, and asks
// for the notices of it, in one commit. It changes nothing where there is nothing
// to record.
func (d *Desk) SettleIssue(ctx context.Context, id care.IssueID, write Writing) (store.Seq, error) {
	return d.commit(ctx, care.ByClock, "", func(u *unit) error {
		i, err := u.issue(ctx, id)
		if err != nil {
			return err
		}
		s, err := u.strand(ctx, issueStream(id), i.Apply)
		if err != nil {
			return err
		}
		events := i.Settle(u.after(s.last), u.rules.Issues)
		var asked []care.NoticeRequested
		for _, e := range events {
			if n, ok := e.(care.NoticeRequested); ok {
				asked = append(asked, n)
			}
		}
		u.weave(s, events...)
		if len(asked) == 0 {
			return nil
		}
		key := bulletinKey(issueStream(id))
		if err := u.read(ctx, key); err != nil {
			return err
		}
		kept, err := write(i, asked, u.doc(key))
		if err == nil {
			u.put(key, kept)
		}
		return err
	})
}
