package care_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func surveySamples() []care.Event {
	return []care.Event{
		care.SurveyPlanned{Ask: care.CSAT, At: then(60)},
		care.SurveyAsked{Survey: 1, Ask: care.NPS, Reply: 3, Language: "de", Until: then(20_000)},
		care.SurveySkipped{Why: "throttled"}, care.SurveyAnswered{Survey: 1, Score: 9, Comment: 4},
		care.ContactAsked{Case: "c1"}, care.DigestIssued{Point: then(-3), Position: 4711},
		care.AlertBegan{Value: 15_120, Limit: 14_400, N: 37, Position: 4711}, care.AlertEnded{Value: 9_000, N: 31, Why: "over", Position: 4800},
	}
}

// day0 is when the cases of these tests were resolved.
var day0 = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// finished is a case that can be asked about, after some events.
func finished(events ...care.Event) *care.Case {
	c := &care.Case{ID: "c1"}
	mention := care.MentionRef{Mention: "m1", Author: "ana", Thread: "t", PostedAt: day0.Add(-3 * time.Hour), SeenAt: day0.Add(-3 * time.Hour), Flagged: true}
	c.Apply(1, care.Record{At: day0.Add(-3 * time.Hour), By: care.ByIntake, Events: []care.Event{care.Opened{MentionRef: mention}, care.Routed{Queue: "care", Lane: care.Ordinary}}})
	c.Apply(2, care.Record{At: day0.Add(-2 * time.Hour), By: care.ByAgent("ada"), Events: []care.Event{
		care.Assigned{To: "ada"}, care.ReplyRequested{Reply: 1, To: "m1", Key: "k"}, care.ReplyAttempted{Reply: 1, Try: 1},
		care.ReplySent{Reply: 1, VisibleAt: day0.Add(-2 * time.Hour)},
	}})
	c.Apply(3, care.Record{At: day0, By: care.ByAgent("ada"), Events: append([]care.Event{care.Resolved{Disposition: "solved"}}, events...)})
	return c
}

func somebody(events ...care.Event) *care.Person {
	k := &care.Contact{Author: "ana"}
	k.Apply(1, care.Record{At: day0.Add(-time.Hour), Events: append([]care.Event{care.ContactBegun{Network: "bluesky"}}, events...)})
	return &care.Person{Self: k, All: []*care.Contact{k}}
}

func TestMayAsk(t *testing.T) {
	now := day0.Add(24 * time.Hour)
	for _, v := range []struct {
		name    string
		c       *care.Case
		p       *care.Person
		reached bool
		want    string
	}{
		{"resolved and answered", finished(), somebody(), false, ""},
		{"taken up again", finished(care.Reopened{}), somebody(), false, "not_resolved"},
		{"spam", finished(care.Reopened{}, care.Dismissed{Reason: "spam"}), somebody(), false, "not_resolved"},
		{"merged", finished(care.Merged{Into: "c2"}), somebody(), false, "not_resolved"},
		{"kept for a court", finished(care.LegalHold{Note: 9}), somebody(), false, "held"},
		{"no longer kept", finished(care.LegalHold{Note: 9}, care.LegalHoldLifted{}), somebody(), false, ""},
		{"an open promise", finished(care.PromiseMade{Promise: 9, DueAt: now}), somebody(), false, "promise"},
		{"a promise that slipped", finished(care.PromiseMade{Promise: 9, DueAt: day0}, care.PromiseSlipped{Promise: 9, At: day0}), somebody(), false, "promise"},
		{"a promise that was kept", finished(care.PromiseMade{Promise: 9, DueAt: now}, care.PromiseKept{Promise: 9}), somebody(), false, ""},
		{"an answer on its way", finished(care.ReplyRequested{Reply: 9, To: "m1", Key: "k9"}), somebody(), false, "reply"},
		{"an answer that may have been sent", finished(care.ReplyRequested{Reply: 9, To: "m1", Key: "k9"}, care.ReplyUnknown{Reply: 9}), somebody(), false, "reply"},
		{"opted out", finished(), somebody(care.OptedOut{Why: "asked"}), false, "opted_out"},
		{"opted out and in again", finished(), somebody(care.OptedOut{Why: "asked"}, care.OptOutLifted{Why: "mistake"}), false, ""},
		{"about to hear of a known issue", finished(), somebody(), true, "issue"},
		{"all taken back", finished(care.MentionDeleted{Mention: "m1"}), somebody(), false, "withdrawn"},
		{"asked yesterday", finished(), somebody(care.ContactAsked{Case: "c0"}), false, "throttled"},
	} {
		if got := v.c.MayAsk(v.p, now, 30*24*time.Hour, v.reached); got != v.want {
			t.Errorf("%s: %q, want %q", v.name, got, v.want)
		} else if got != "" && !strings.HasSuffix(string(care.Unasked(got)), ".") {
			t.Errorf("%s has no sentence", got)
		}
	}
	if why := finished().MayAsk(somebody(care.ContactAsked{Case: "c0"}), day0.Add(-time.Hour+30*24*time.Hour), 30*24*time.Hour, false); why != "" {
		t.Errorf("after thirty days they are still let alone: %s", why)
	}
}

func TestPlanSurvey(t *testing.T) {
	rule := care.SurveyRule{Ask: care.CSAT, After: 48 * time.Hour, Share: 1}
	open, done := finished(care.Reopened{}), finished()
	unanswered := finished()
	unanswered.FirstReplyAt = time.Time{}
	late := finished()
	late.Late = true
	for _, v := range []struct {
		name          string
		before, after *care.Case
		rule          care.SurveyRule
		plans         bool
	}{
		{"resolved", open, done, rule, true},
		{"it was before", done, done, rule, false},
		{"taken up again", done, open, rule, false},
		{"nobody answered", open, unanswered, rule, false},
		{"late", open, late, rule, false},
		{"no rule", open, done, care.SurveyRule{}, false},
		{"none drawn", open, done, care.SurveyRule{Ask: care.CSAT}, false},
	} {
		got := v.after.PlanSurvey(v.before, v.rule)
		if (len(got) == 1) != v.plans {
			t.Errorf("%s: %v", v.name, got)
		} else if v.plans && !got[0].(care.SurveyPlanned).At.Equal(day0.Add(48*time.Hour)) {
			t.Errorf("%s: at %v", v.name, got[0])
		}
	}
	c := finished(care.SurveyPlanned{Ask: care.CSAT, At: day0})
	if c.Row().AskAt.IsZero() {
		t.Error("a planned survey is in no list")
	}
	c.Apply(9, care.Record{At: day0, Events: []care.Event{care.Reopened{}}})
	if !c.Row().AskAt.IsZero() {
		t.Error("it is still planned after the case was taken up again")
	}
}

func TestASampleIsAShare(t *testing.T) {
	n := 0
	for i := range 10_000 {
		c := finished()
		c.ID = care.CaseID(fmt.Sprintf("case-%d", i))
		n += len(c.PlanSurvey(finished(care.Reopened{}), care.SurveyRule{Ask: care.NPS, Share: 0.3}))
	}
	if n < 2_850 || n > 3_150 { // more than three standard deviations
		t.Errorf("%d of 10000 are drawn for a share of 0.3", n)
	}
}

func TestAnswerSurvey(t *testing.T) {
	words, none := "Could be quicker.", ""
	low := care.LowScore{AtMost: 2, Notify: []string{"leads"}, Raise: true, Reopen: true}
	was := care.SurveyAsked{Survey: 1, Ask: care.CSAT, Reply: 2, Until: day0.Add(14 * 24 * time.Hour)}
	bad := []care.Event{care.Escalated{Queue: "care", Why: care.BadScore, Step: "survey/1", Level: 1}}
	for _, v := range []struct {
		name    string
		events  []care.Event
		n       int
		score   int
		comment *string
		after   time.Duration
		low     care.LowScore
		want    []care.Event
		texts   int
		code    care.Code
	}{
		{"good", nil, 1, 5, nil, 0, low, []care.Event{care.SurveyAnswered{Survey: 1, Score: 5}}, 0, ""},
		{"with words", nil, 1, 5, &words, 0, low, []care.Event{care.SurveyAnswered{Survey: 1, Score: 5, Comment: 2}}, 1, ""},
		{"without words", nil, 1, 5, &none, 0, low, []care.Event{care.SurveyAnswered{Survey: 1, Score: 5}}, 0, ""},
		{"words taken back", []care.Event{care.SurveyAnswered{Survey: 1, Score: 5, Comment: 7}}, 1, 5, &none, 0, low, []care.Event{care.SurveyAnswered{Survey: 1, Score: 5, Comment: 7}}, 1, ""},
		{"the same again", []care.Event{care.SurveyAnswered{Survey: 1, Score: 5}}, 1, 5, nil, 0, low, nil, 0, ""},
		{"changed", []care.Event{care.SurveyAnswered{Survey: 1, Score: 5}}, 1, 4, nil, 0, low, []care.Event{care.SurveyAnswered{Survey: 1, Score: 4}}, 0, ""},
		{"bad", nil, 1, 2, nil, 0, low, append([]care.Event{care.SurveyAnswered{Survey: 1, Score: 2}}, append(bad, care.NoticeRequested{Key: "survey/1/leads", Channel: "leads", Why: care.BadScore}, care.Reopened{})...), 0, ""},
		{"bad, and nobody asked to hear", nil, 1, 1, nil, 0, care.LowScore{AtMost: 2}, []care.Event{care.SurveyAnswered{Survey: 1, Score: 1}}, 0, ""},
		{"worse still", append([]care.Event{care.SurveyAnswered{Survey: 1, Score: 2}}, bad...), 1, 1, nil, 0, low, []care.Event{care.SurveyAnswered{Survey: 1, Score: 1}}, 0, ""},
		{"too high", nil, 1, 6, nil, 0, low, nil, 0, care.Invalid},
		{"too low", nil, 1, 0, nil, 0, low, nil, 0, care.Invalid},
		{"closed", nil, 1, 5, nil, 15 * 24 * time.Hour, low, nil, 0, care.Conflict},
		{"another", nil, 2, 5, nil, 0, low, nil, 0, care.NotFound},
	} {
		c := finished(append([]care.Event{was}, v.events...)...)
		if v.name == "with words" || v.name == "without words" {
			c.Texts = 1
		}
		got, texts, err := c.AnswerSurvey(v.n, v.score, v.comment, day0.Add(v.after), v.low)
		if fmt.Sprint(got) != fmt.Sprint(v.want) || len(texts) != v.texts || codeOf(err) != v.code {
			t.Errorf("%s: %v, %d texts, %v\nwant %v", v.name, got, len(texts), err, v.want)
		}
	}
}

func TestAnAnswerIsNotChangedForEver(t *testing.T) {
	c := finished(care.SurveyAsked{Survey: 1, Ask: care.NPS, Until: day0.Add(time.Hour)})
	for i := range care.MaxAnswers {
		events, _, err := c.AnswerSurvey(1, i%2, nil, day0, care.LowScore{})
		if err != nil {
			t.Fatal(err)
		}
		c.Apply(uint64(10+i), care.Record{At: day0, Events: events})
	}
	if _, _, err := c.AnswerSurvey(1, 9, nil, day0, care.LowScore{}); codeOf(err) != care.Conflict {
		t.Errorf("after %d changes: %v", care.MaxAnswers, err)
	}
	if s := c.SurveyN(1); s.Answers != care.MaxAnswers {
		t.Errorf("%d answers are recorded", s.Answers)
	}
}

// Nobody is asked twice within the time they are to be let alone, whichever
// accounts and cases it is by, and however these are linked meanwhile.
func TestNobodyIsAskedTwice(t *testing.T) {
	const every = 20 * 24 * time.Hour
	authors := []care.AuthorKey{"ana", "ana-too", "ben", "cem"}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		contacts := map[care.AuthorKey]*care.Contact{}
		for _, a := range authors {
			contacts[a] = &care.Contact{Author: a}
		}
		now, seq := day0, uint64(1)
		told := func(list []care.ContactEvents) {
			for _, ce := range list {
				seq++
				contacts[ce.Author].Apply(seq, care.Record{At: now, Events: ce.Events})
			}
		}
		person := func(a care.AuthorKey) *care.Person {
			p, err := care.PersonOf(a, func(a care.AuthorKey) (*care.Contact, error) { return contacts[a], nil })
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		last, questions := map[care.AuthorKey]time.Time{}, 0
		for range 120 {
			now = now.Add(time.Duration(r.IntN(5*24)) * time.Hour)
			a := authors[r.IntN(len(authors))]
			if r.IntN(15) == 0 { // linked; never unlinked, else they were two people
				if es, err := care.LinkPeople(person(a), person(authors[r.IntN(len(authors))]), []care.Evidence{{Kind: care.Seen, Weight: 0.7}}); err == nil {
					told(es)
				}
			}
			c, p := finished(), person(a)
			if c.MayAsk(p, now, every, false) != "" {
				continue
			}
			for _, k := range p.All {
				if at, ok := last[k.Author]; ok && now.Sub(at) < every {
					t.Fatalf("seed %d: %s was asked %v after the last time", seed, a, now.Sub(at))
				}
			}
			change := care.Question{Ask: care.CSAT, Body: "?", Until: now.Add(time.Hour)}.Put(c, p)
			told(change.Contacts)
			questions++
			for _, k := range p.All {
				last[k.Author] = now
			}
		}
		if questions == 0 {
			t.Fatalf("seed %d: nobody was ever asked", seed)
		}
	}
}

func codeOf(err error) care.Code {
	if e, ok := errors.AsType[*care.Error](err); ok {
		return e.Code
	}
	return ""
}
