package notify_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/notify"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func at(minutes float64) time.Time { return start.Add(time.Duration(minutes * float64(time.Minute))) }

func pending(key string, since float64, labels ...string) notify.Pending {
	p := notify.Pending{Notice: notify.Notice{Key: key, Title: "title of " + key}, Since: at(since), Labels: map[string]string{}}
	for i := 0; i+1 < len(labels); i += 2 {
		p.Labels[labels[i]] = labels[i+1]
	}
	return p
}

// simulate asks Due whenever it wants to be asked, and whenever a notice
// begins, as the outbox does. It returns what was sent, as "minute: keys".
func simulate(p notify.Policy, all []notify.Pending, silences []notify.Silence, until time.Time) (log []string, sent []notify.Message) {
	for now := start; !now.After(until); {
		var begun []notify.Pending
		wake := until.Add(time.Second)
		for _, n := range all {
			if n.Since.After(now) {
				if n.Since.Before(wake) {
					wake = n.Since
				}
				continue
			}
			begun = append(begun, n)
		}
		due, next := notify.Due(p, begun, silences, sent, now)
		for _, g := range due {
			sent = append(sent, notify.Message{Group: g.Name, At: now, Keys: g.Keys()})
			log = append(log, fmt.Sprintf("%v: %s", now.Sub(start).Minutes(), strings.Join(g.Keys(), " ")))
		}
		if !next.IsZero() && next.Before(wake) {
			wake = next
		}
		if len(due) == 0 || wake.Equal(now) {
			if !wake.After(now) {
				panic("no progress")
			}
		}
		if len(due) > 0 {
			continue // what was sent changes what comes next
		}
		now = wake
	}
	return log, sent
}

func TestDue(t *testing.T) {
	policy := notify.Policy{By: []string{"queue"}, Wait: 1 * time.Minute, Interval: 5 * time.Minute, Repeat: time.Hour}
	ended := pending("a", 0)
	ended.Until = at(0.5)
	once := policy
	once.Repeat = 0
	for name, c := range map[string]struct {
		policy   notify.Policy
		all      []notify.Pending
		silences []notify.Silence
		until    float64
		want     []string
	}{
		"nothing":                 {policy, nil, nil, 60, nil},
		"one waits for more":      {policy, []notify.Pending{pending("a", 0)}, nil, 30, []string{"1: a"}},
		"two are one message":     {policy, []notify.Pending{pending("a", 0), pending("b", 0.5)}, nil, 30, []string{"1: a b"}},
		"new ones wait":           {policy, []notify.Pending{pending("a", 0), pending("b", 2)}, nil, 30, []string{"1: a", "6: b a"}},
		"a late one waits too":    {policy, []notify.Pending{pending("a", 0), pending("b", 20)}, nil, 30, []string{"1: a", "21: b a"}},
		"said again":              {policy, []notify.Pending{pending("a", 0)}, nil, 130, []string{"1: a", "61: a", "121: a"}},
		"said once":               {once, []notify.Pending{pending("a", 0)}, nil, 600, []string{"1: a"}},
		"over before it was said": {policy, []notify.Pending{ended}, nil, 30, nil},
		"two queues":              {policy, []notify.Pending{pending("a", 0, "queue", "x"), pending("b", 0, "queue", "y")}, nil, 30, []string{"1: a", "1: b"}},
		"the same twice":          {policy, []notify.Pending{pending("a", 0), pending("a", 3)}, nil, 30, []string{"1: a"}},
		"silenced":                {policy, []notify.Pending{pending("a", 0, "queue", "x")}, []notify.Silence{{Match: map[string]string{"queue": "x"}, Until: at(20)}}, 30, []string{"20: a"}},
		"silenced from later on":  {policy, []notify.Pending{pending("a", 0, "queue", "x")}, []notify.Silence{{Match: map[string]string{"queue": "x"}, From: at(5), Until: at(90)}}, 100, []string{"1: a", "90: a"}},
		"another silence":         {policy, []notify.Pending{pending("a", 0, "queue", "x")}, []notify.Silence{{Match: map[string]string{"queue": "y"}, Until: at(20)}, {Until: at(20)}}, 30, []string{"1: a"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := simulate(c.policy, c.all, c.silences, at(c.until)); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestSurgeIsFewMessages(t *testing.T) {
	policy := notify.Policy{Wait: time.Minute, Interval: 5 * time.Minute}
	var all []notify.Pending
	for i := range 400 {
		all = append(all, pending(fmt.Sprint("n", i), float64(i)/40))
	}
	log, sent := simulate(policy, all, nil, at(60))
	if len(sent) != 3 || len(sent[2].Keys) != 400 {
		t.Errorf("%d messages, the last of %d notices: %.60q", len(sent), len(sent[len(sent)-1].Keys), log)
	}
}

// Over random histories: everything is told, in time, and nothing more often
// than the policy says; and the answer depends on no order.
func TestDueProperties(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		policy := notify.Policy{By: []string{"queue"}, Wait: time.Duration(r.IntN(5)) * time.Minute, Interval: time.Duration(1+r.IntN(10)) * time.Minute}
		var all []notify.Pending
		for i := range 1 + r.IntN(40) {
			all = append(all, pending(fmt.Sprint("n", i), float64(r.IntN(240)), "queue", fmt.Sprint(r.IntN(3))))
		}
		_, sent := simulate(policy, all, nil, at(300))
		told := map[string]time.Time{}
		lastOf := map[string]time.Time{}
		for _, m := range sent {
			if last, ok := lastOf[m.Group]; ok && m.At.Sub(last) < policy.Interval {
				t.Fatalf("seed %d: two messages within %v", seed, m.At.Sub(last))
			}
			lastOf[m.Group] = m.At
			for _, k := range m.Keys {
				if _, ok := told[k]; !ok {
					told[k] = m.At
				}
			}
		}
		for _, n := range all {
			if when, ok := told[n.Notice.Key]; !ok || when.Before(n.Since) || when.Sub(n.Since) > policy.Wait+policy.Interval {
				t.Fatalf("seed %d: %s since %v, told %v", seed, n.Notice.Key, n.Since, when)
			}
		}
		now := at(float64(r.IntN(240)))
		one, nextOne := notify.Due(policy, all, nil, sent, now)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		r.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		two, nextTwo := notify.Due(policy, all, nil, sent, now)
		if fmt.Sprint(one) != fmt.Sprint(two) || !nextOne.Equal(nextTwo) {
			t.Fatalf("seed %d: another order, another answer", seed)
		}
	}
}

func TestGroupAsOneNotice(t *testing.T) {
	one := notify.Group{Key: "k", New: 1, Notices: []notify.Pending{pending("a", 0)}}
	if n := one.Notice("https://care.example", start); n.Title != "title of a" || n.Key != "k" {
		t.Errorf("%+v", n)
	}
	many := notify.Group{Key: "k", New: 2}
	for i := range 25 {
		p := pending(fmt.Sprint("n", i), 0)
		p.Notice.Title, p.Notice.Link = "evil\n- title", "javascript:x"
		p.Notice.Severity = []notify.Severity{notify.Note, notify.Critical, notify.Warning}[i%3]
		many.Notices = append(many.Notices, p)
	}
	n := many.Notice("https://care.example", start)
	if n.Title != "25 notices, 2 new: evil - title" || n.Severity != notify.Critical || n.Link != "https://care.example" ||
		strings.Count(n.Body, "\n") != 21 || !strings.HasSuffix(n.Body, "… and 5 more\n") || strings.Contains(n.Body, "javascript") {
		t.Errorf("%+v", n)
	}
}

func TestClean(t *testing.T) {
	n := notify.Notice{
		Title: "a\r\nBcc: x\u202e\x00 " + strings.Repeat("ü", 300), Body: "one\r\ntwo\x1b[31m\xff" + strings.Repeat("x", notify.MaxBody),
		Link: "javascript:alert(1)", Severity: "apocalypse",
	}.Clean()
	if strings.ContainsAny(n.Title, "\r\n\x00\u202e") || len(n.Title) > notify.MaxTitle || !strings.HasPrefix(n.Title, "a Bcc: x") || !strings.HasSuffix(n.Title, "…") {
		t.Errorf("title %q", n.Title)
	}
	if !strings.HasPrefix(n.Body, "one\ntwo[31m\uFFFDx") || len(n.Body) > notify.MaxBody || n.Link != "" || n.Severity != notify.Note {
		t.Errorf("%.40q %q %q", n.Body, n.Link, n.Severity)
	}
	if (notify.Notice{}).Clean().Title == "" {
		t.Error("a notice without a title")
	}
}
