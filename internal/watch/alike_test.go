package watch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/watch"
)

// A street is complaints in their order.
type street struct {
	crowd *watch.Crowd
	n     int
	now   time.Time
}

func (s *street) says(lang, topic, text string) care.CaseID {
	s.n++
	id := care.TimeID(s.now, uint32(s.n), [5]byte{})
	m := care.Mention{ID: care.MentionID(id), Case: care.CaseID(id), Thread: care.ThreadKey(id), Post: care.Post{Text: text, PostedAt: s.now}}
	m.Verdict = care.Verdict{Complaint: true, Labels: care.Labels{Language: lang, Topic: topic, Brand: "acme"}}
	s.crowd.Add(&m)
	return m.Case
}

// ordinary is two weeks of complaints about everything.
func ordinary() *street {
	s, r := &street{crowd: watch.NewCrowd(nil), now: monday.AddDate(0, 0, -14)}, rand.New(rand.NewPCG(1, 2))
	nouns := strings.Fields("bill refund router parcel engineer contract password invoice app shop delivery sim card tariff line speed")
	verbs := strings.Fields("late wrong missing broken lost slow cancelled expensive rude useless")
	for s.now.Before(monday) {
		s.says("en", "", fmt.Sprintf("my %s is %s again and nobody at your %s answers the %s", nouns[r.IntN(len(nouns))], verbs[r.IntN(len(verbs))], nouns[r.IntN(len(nouns))], nouns[r.IntN(len(nouns))]))
		s.now = s.now.Add(time.Duration(20+r.IntN(80)) * time.Minute)
	}
	return s
}

func TestTheSameTroubleInManyTongues(t *testing.T) {
	for lang, texts := range map[string][]string{
		"en": {"No internet in Leeds since six", "leeds: internet is down again", "Is the internet down in Leeds? Nothing works", "My internet died, Leeds, router red", "Whole of Leeds without internet", "internet gone in leeds!!"},
		"de": {"Kein Internet in Leipzig seit heute früh", "Leipzig: Internet tot", "Internet in Leipzig weg, wann kommt das wieder?", "Ganz Leipzig ohne Internet?", "seit Stunden kein internet in leipzig", "Störung in Leipzig, Internet geht nicht"},
		"zh": {"利兹的网络断了", "利兹没有网络，怎么回事", "网络又断了，我在利兹", "利兹整个区网络都断了", "请问利兹网络什么时候恢复", "利兹网络断了三个小时"},
		"ar": {"الانترنت مقطوع في ليدز منذ الصباح", "ليدز بدون الانترنت", "متى يعود الانترنت في ليدز", "الانترنت لا يعمل في ليدز", "انقطاع الانترنت في ليدز مرة أخرى", "لا يوجد الانترنت في ليدز"},
	} {
		s := ordinary()
		want := map[care.CaseID]bool{}
		for i, text := range texts {
			s.now = monday.Add(time.Duration(2*i) * time.Minute)
			want[s.says(lang, "outage", text)] = true
			s.says("en", "", "my parcel is late and nobody at your shop answers the line")
		}
		var hit *care.Alike
		for _, g := range s.crowd.Groups(s.now, nil) {
			if g.Language == lang && want[g.Cases[0]] {
				hit = &g
			}
		}
		if hit == nil || len(hit.Cases) < 5 || len(hit.Phrases) == 0 || hit.Topic != "outage" {
			t.Errorf("%s: %+v", lang, hit)
			continue
		}
		for _, id := range hit.Cases {
			if !want[id] {
				t.Errorf("%s: a case that does not belong", lang)
			}
		}
	}
}

func TestAGroupKeepsItsNameWhileItGrows(t *testing.T) {
	s := ordinary()
	names := map[string]bool{}
	size := 0
	for i := range 30 {
		s.now = monday.Add(time.Duration(7*i) * time.Minute)
		s.says("en", "outage", fmt.Sprintf("internet is down in Leeds, street %c", 'a'+i))
		for _, g := range s.crowd.Groups(s.now, nil) {
			names[g.ID], size = true, len(g.Cases)
		}
	}
	if len(names) != 1 || size < 28 {
		t.Errorf("names %v, %d cases", names, size)
	}
	s.now = s.now.Add(5 * time.Hour)
	if g := s.crowd.Groups(s.now, nil); len(g) != 0 {
		t.Errorf("hours later: %+v", g)
	}
}

func TestAQuarrelUnderOnePostIsNoGroup(t *testing.T) {
	s := ordinary()
	for i := range 12 {
		s.n++
		s.now = monday.Add(time.Duration(i) * time.Minute)
		id := care.TimeID(s.now, uint32(s.n), [5]byte{})
		m := care.Mention{ID: care.MentionID(id), Case: care.CaseID(id), Thread: "one", Post: care.Post{Text: "internet is down in Leeds for me too", PostedAt: s.now}}
		m.Verdict = care.Verdict{Complaint: true, Labels: care.Labels{Language: "en", Brand: "acme"}}
		s.crowd.Add(&m)
	}
	if g := s.crowd.Groups(s.now, nil); len(g) != 0 {
		t.Errorf("%+v", g)
	}
}

func TestCasesOfAnIssueAreNotProposedAgain(t *testing.T) {
	s := ordinary()
	taken := map[care.CaseID]bool{}
	for i := range 10 {
		s.now = monday.Add(time.Duration(i) * time.Minute)
		taken[s.says("en", "outage", fmt.Sprintf("internet is down in Leeds, street %c", 'a'+i))] = true
	}
	if g := s.crowd.Groups(s.now, taken); len(g) != 0 {
		t.Errorf("%+v", g)
	}
}

func TestAnyBytesAndBoundedMemory(t *testing.T) {
	s := &street{crowd: watch.NewCrowd(nil), now: monday}
	for i := range 6500 {
		s.now = monday.Add(time.Duration(i) * time.Second)
		s.says("", "", strings.Repeat("\xff\x00z\u0301\u202e ", 1+i%40))
	}
	s.crowd.Groups(s.now, nil)
	if n := s.crowd.Held(); n > 6000 {
		t.Errorf("%d posts are held", n)
	}
}

func BenchmarkGroups(b *testing.B) {
	s := ordinary()
	for i := range 2000 {
		s.now = monday.Add(time.Duration(i) * 5 * time.Second)
		s.says("en", "", fmt.Sprintf("my bill %d is wrong again and nobody at your shop answers line %c", i, 'a'+i%26))
	}
	b.ReportAllocs()
	for b.Loop() {
		s.crowd.Groups(s.now, nil)
	}
}
