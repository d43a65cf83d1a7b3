package desk

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

// Away is what happens in a queue while nobody is there.
type Away struct {
	care.Acknowledgement
	Hours *sla.Calendar // those in which somebody is
}

// acknowledge asks for what a customer hears by itself whose mention has just
// come in. It stands in the commit that takes the mention in, so that it is asked
// for once, whatever crashes.
func (u *unit) acknowledge(ctx context.Context, w *work) error {
	away := u.rules.Queues[w.now.Queue].Away
	if w.came == nil || away == nil || u.rules.May == nil || away.Hours.Open(u.now) {
		return nil
	}
	events, text := w.now.AcknowledgeAway(&away.Acknowledgement, w.came.ID, u.now)
	if len(events) == 0 {
		return nil
	}
	if may := u.rules.May(w.came, u.now); may.How != care.ByAPI || may.Length.Max > 0 && utf8.RuneCountInString(text) > may.Length.Max {
		return nil
	}
	p, err := u.person(ctx, care.AuthorRef{Network: w.came.Post.Network, Author: w.came.Author})
	if err != nil || p.OptedOut() != nil {
		return err
	}
	if w.now.Previous != "" {
		before, err := u.d.load(ctx, w.now.Previous)
		if err != nil || before.Blocked {
			return err
		}
	}
	n := w.now.NextText()
	u.emit(w, events...)
	return u.keepText(ctx, care.KeptText{Case: w.id, N: n, Text: care.Text{Body: text, To: w.came.Post.Remote}})
}

// May says whether and how a mention may be answered. It makes no call.
type May func(m *care.Mention, now time.Time) care.Permission
