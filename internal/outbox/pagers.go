package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

// incidentOf names what a pager keeps open of a message: the same for the repeats of
// the same steps of the same cases, so that who has it there already is not called
// again. Empty: nobody keeps it open, or nothing of a case ever ends it.
func incidentOf(way Way, asks []ask) string {
	if !notify.Keeps(way.Channel) {
		return ""
	}
	var all []string
	for _, a := range asks {
		if !a.notice.Ends() {
			return ""
		}
		step := ItemOf(ItemOf(a.notice.Key)) // without the channel, and without how often it was said
		all = append(all, string(a.id)+"/"+step)
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(all), "\n")))
	return "incident/" + hex.EncodeToString(sum[:12])
}

// An incident is what a pager keeps open, with the notices that it was told.
type incident struct {
	key     string // of it at its channel
	channel string
	name    string
	asks    []ask
	stands  care.Standing // of the matter that is the least far
	told    care.Standing
	title   string
}

// A retry is when something is to be tried again.
type retry struct {
	tries int
	at    time.Time
}

// perPaged is how much longer pagers wait for each case that they keep open, so that a
// crisis leaves the desk to those who work.
const perPaged = 5 * time.Millisecond

// keepPagers tells pagers how what they keep open stands by now: that somebody has it
// in hand, or that it is over. Told twice it is what it is told once, so whatever
// fails is simply tried again.
func (n *Notices) keepPagers(ctx context.Context, ids []care.CaseID, ways map[string]Way, now time.Time) error {
	if now.Before(n.look) {
		return nil
	}
	n.look = now.Add(time.Duration(len(ids)) * perPaged)
	open, err := n.incidents(ctx, ids)
	if err != nil {
		return err
	}
	for key := range n.again {
		if !slices.ContainsFunc(open, func(i *incident) bool { return i.key == key }) {
			delete(n.again, key)
		}
	}
	var errs []error
	for _, i := range open {
		if !i.stands.Further(i.told) || n.again[i.key].at.After(now) {
			continue
		}
		errs = append(errs, n.tellPager(ctx, ways[i.channel], i, now))
	}
	return errors.Join(errs...)
}

func (n *Notices) tellPager(ctx context.Context, way Way, i *incident, now time.Time) error {
	if way.Channel != nil && notify.Keeps(way.Channel) { // else there is nobody to tell any more
		call, cancel := context.WithTimeout(ctx, noticeTimeout)
		defer cancel()
		err := way.Channel.Send(call, way.To, notify.Notice{
			Key: i.name + "/" + string(i.stands), Title: i.title, Link: n.o.Link("/queue"), Severity: notify.Note, At: now,
			About: i.name, Known: i.stands == care.StandsKnown, Over: i.stands == care.StandsOver,
		}.Clean())
		if ne, typed := errors.AsType[*network.Error](err); err != nil && !(typed && ne.Settled() && !ne.Unsent) {
			r := n.again[i.key]
			n.again[i.key] = retry{r.tries + 1, now.Add(network.Backoff(r.tries, rand.Int64N))}
			n.o.Log.Warn("a pager could not be told; trying again", "source", i.channel, "err", err)
			return nil
		} else if err != nil {
			n.o.Log.Warn("a pager refused what it was told", "source", i.channel, "err", err)
		}
	}
	n.o.Point("pager.told")
	delete(n.again, i.key)
	_, err := n.each(context.WithoutCancel(ctx), i.asks, func(no *care.Notice) care.Event {
		return care.NoticeStands{Key: no.Key, Standing: i.stands}
	}, "")
	return err
}

// incidents are what pagers keep open of these cases.
func (n *Notices) incidents(ctx context.Context, ids []care.CaseID) (open []*incident, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	_, err = n.o.Desk.Do(ctx, care.ByOutbox, "", ids, func(_ time.Time, cs []*care.Case) (care.Change, error) {
		open = open[:0]
		at := map[string]*incident{}
		for _, c := range cs {
			for _, no := range c.Notices {
				if !no.Paged() {
					continue
				}
				stands, key := c.Stands(&no), no.Channel+" "+no.Incident
				i := at[key]
				if i == nil {
					i = &incident{key: key, channel: no.Channel, name: no.Incident, stands: stands, told: no.Told, title: standsTitle(c, stands)}
					at[key], open = i, append(open, i)
				} else if i.stands.Further(stands) {
					i.stands, i.title = stands, standsTitle(c, stands)
				}
				if i.told.Further(no.Told) {
					i.told = no.Told
				}
				i.asks = append(i.asks, ask{c.ID, no})
			}
		}
		return care.Change{}, nil
	})
	return open, err
}

func standsTitle(c *care.Case, s care.Standing) string {
	if s == care.StandsKnown {
		return fmt.Sprintf("Case %d: somebody has it in hand", c.Number)
	}
	return fmt.Sprintf("Case %d: it is over", c.Number)
}
