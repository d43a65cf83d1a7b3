package learn

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A step is one record: by whom, to which stream, what.
type step struct {
	by     care.Actor
	kind   string
	name   string
	events []care.Event
}

func in(by care.Actor, events ...care.Event) step { return step{by, "case", "c1", events} }

func opened(m care.MentionID) step {
	return in(care.ByIntake, care.Opened{MentionRef: care.MentionRef{Mention: m, Flagged: true}})
}

func fold(steps ...step) *Labels {
	l := &Labels{}
	for i, s := range steps {
		l.Apply(s.kind, s.name, care.Record{At: start.Add(time.Duration(i) * time.Minute), By: s.by, Events: s.events})
	}
	return l
}

func TestWhatIsALabel(t *testing.T) {
	ada, lea := care.ByAgent("ada"), care.ByAgent("lea")
	claim := in(ada, care.Assigned{To: "ada"})
	notOne := in(ada, care.Dismissed{Reason: care.NotAComplaint}, care.Reviewed{Mention: "m1", Why: care.NotAComplaint})
	for _, c := range []struct {
		name    string
		history []step
		want    []string // mention, person, complaint
	}{
		{"nothing happened", []step{opened("m1")}, nil},
		{"dismissed as no complaint", []step{opened("m1"), claim, notOne}, []string{"m1 ada false"}},
		{"dismissed as spam", []step{opened("m1"), claim, in(ada, care.Dismissed{Reason: "spam"})}, nil},
		{"dismissed as not about us", []step{opened("m1"), claim, in(ada, care.Dismissed{Reason: "not_about_us"})}, nil},
		{"dismissed as a duplicate", []step{opened("m1"), claim, in(ada, care.Dismissed{Reason: "duplicate"})}, nil},
		{"the dismissal is undone", []step{opened("m1"), claim, notOne, in(lea, care.Reopened{})}, nil},
		{"and done again by another", []step{opened("m1"), claim, notOne, in(lea, care.Reopened{}),
			in(lea, care.Dismissed{Reason: care.NotAComplaint}, care.Reviewed{Mention: "m1", Why: care.NotAComplaint})}, []string{"m1 lea false"}},
		{"claimed only", []step{opened("m1"), claim}, nil},
		{"claimed and resolved", []step{opened("m1"), claim, in(ada, care.Resolved{Disposition: "refunded"})}, []string{"m1 ada true"}},
		{"claimed, and there was nothing to answer", []step{opened("m1"), claim, in(ada, care.Resolved{Disposition: "no_answer_needed"})}, nil},
		{"claimed and answered", []step{opened("m1"), claim, in(ada, care.ReplyRequested{Reply: 1}), in(care.ByOutbox, care.ReplySent{Reply: 1})}, []string{"m1 ada true"}},
		{"an answer that was taken back", []step{opened("m1"), claim, in(ada, care.ReplyRequested{Reply: 1}), in(ada, care.ReplyUndone{Reply: 1})}, nil},
		{"answered, then dismissed as spam", []step{opened("m1"), claim, in(ada, care.ReplyRequested{Reply: 1}), in(care.ByOutbox, care.ReplySent{Reply: 1}),
			in(ada, care.Dismissed{Reason: "spam"})}, nil},
		{"agreed with", []step{opened("m1"), in(lea, care.Reviewed{Mention: "m1", Complaint: true})}, []string{"m1 lea true"}},
		{"agreed with, and resolved by another", []step{opened("m1"), claim, in(lea, care.Reviewed{Mention: "m1", Complaint: true}),
			in(ada, care.Resolved{Disposition: "refunded"})}, []string{"m1 lea true", "m1 ada true"}},
		{"said outright, work does not change it", []step{opened("m1"), claim, in(ada, care.Reviewed{Mention: "m1"}), in(ada, care.Resolved{Disposition: "explained"})},
			[]string{"m1 ada false"}},
		{"said twice, the last counts", []step{{ada, "review", "", []care.Event{care.Reviewed{Mention: "m7"}}},
			{ada, "review", "", []care.Event{care.Reviewed{Mention: "m7", Complaint: true}}}}, []string{"m7 ada true"}},
		{"by no person", []step{opened("m1"), in(care.ByClock, care.Reviewed{Mention: "m1", Complaint: true}), in("cli/root", care.Reviewed{Mention: "m1"})}, nil},
		{"the person was erased", []step{opened("m1"), claim, in(ada, care.Resolved{Disposition: "refunded"}),
			{"cli/root", "author", "a", []care.Event{care.Erased{Mentions: []care.MentionID{"m1"}}}}}, nil},
		{"past its term", []step{{ada, "review", "", []care.Event{care.Reviewed{Mention: "m7"}}},
			{care.ByClock, "retention", "", []care.Event{care.Expired{Mentions: []care.MentionID{"m7"}}}}}, nil},
	} {
		var got []string
		for _, v := range fold(c.history...).All() {
			got = append(got, string(v.Mention)+" "+string(v.By)+" "+strconv.FormatBool(v.Complaint))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestVolume(t *testing.T) {
	l := &Labels{}
	for day, n := range []int{1000, 10, 20, 30} {
		l.Apply("source", "s", care.Record{At: start.AddDate(0, 0, 7*day), Events: []care.Event{care.SourceRead{New: n + 2, Own: 2, Flagged: n / 10}}})
	}
	v := l.Volume(start.AddDate(0, 0, 29))
	if v.Mentions != 60 || v.Flagged != 6 || v.Days != 23 {
		t.Errorf("%+v: the first day is past, the others are not", v)
	}
	if got := (&Labels{}).Volume(start); got.PerDay() != 0 {
		t.Errorf("of nothing: %v", got.PerDay())
	}
}

func TestLabelsAreBounded(t *testing.T) {
	l := &Labels{}
	for i := range maxLabels + maxLabels/2 {
		l.Apply("review", "", care.Record{At: start.Add(time.Duration(i) * time.Second), By: "agent/ada",
			Events: []care.Event{care.Reviewed{Mention: care.MentionID(strconv.Itoa(i))}}})
	}
	if l.Len() > maxLabels+maxLabels/4 || len(l.All()) != l.Len() {
		t.Errorf("%d labels", l.Len())
	}
	if l.Of("0") != nil || l.Of(care.MentionID(strconv.Itoa(maxLabels+maxLabels/2-1))) == nil {
		t.Error("the newest must stay, and the oldest go")
	}
}
