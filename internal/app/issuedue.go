package app

import (
	"context"
	"fmt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/outbox"
)

// issueClock settles what we promised to say of known issues, while no replay has
// the desk's time.
func (s *serving) issueClock(ctx context.Context) error {
	return s.Desk.IssueClock(ctx, s.View, s.issueLetters, &s.deadlines)
}

// issueLetters are what notices about a known issue tell. They name it by its
// number: its words are on the page that the link leads to.
func (s *serving) issueLetters(i *care.Issue, asked []care.NoticeRequested, kept []byte) ([]byte, error) {
	b := &care.Bulletin{Notices: i.Notices}
	var err error
	for _, n := range asked {
		if kept, err = outbox.KeepLetter(b, kept, outbox.ItemOf(n.Key), s.issueLetter(i, care.Trigger(n.Why))); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (s *serving) issueLetter(i *care.Issue, why care.Trigger) outbox.Letter {
	severity, says := notify.Warning, "it is time to say more soon"
	if why == care.WhenPromiseSlipped {
		severity, says = notify.Critical, "we have not said more, as we promised"
	}
	cases := "1 case"
	if n := len(i.Cases); n != 1 {
		cases = fmt.Sprintf("%d cases", n)
	}
	body := fmt.Sprintf("%s, promised for %s", cases, i.Said.NextAt.UTC().Format("2 Jan 15:04 UTC"))
	if i.Owner != "" {
		body += " by " + string(i.Owner)
	}
	return outbox.Letter{
		Title: fmt.Sprintf("Known issue %d: %s", i.Number, says), Body: body + ".", Link: s.link("/issues/" + string(i.ID)), Severity: severity,
		Labels: map[string]string{"why": string(why), "queue": "", "case": issueStream + string(i.ID)},
	}
}
