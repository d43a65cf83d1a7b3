package learn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/classifiers/eval"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/store/boltstore"
)

// general is a model that takes everything broken for a complaint.
type general struct{}

func (general) Classify(_ context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	out := make([]classifiers.Verdict, len(texts))
	for i, t := range texts {
		p := 0.25
		if strings.Contains(t.Body, "broken") {
			p = 0.75
		}
		out[i] = classifiers.Verdict{Probability: p, Complaint: p >= 0.5, Model: "general@1", Rest: eval.Logit(p)}
	}
	return out, nil
}

// A bench is a learner on a real store, with mentions and reviews made by hand.
// The brand sells records.
type bench struct {
	*Learner
	t   *testing.T
	st  store.Store
	now time.Time
	o   Options
	n   int
}

func newBench(t *testing.T, s Settings, change ...func(*Options)) *bench {
	t.Helper()
	st, err := boltstore.Open(filepath.Join(t.TempDir(), "log.db"), boltstore.Options{Unsynced: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b := &bench{t: t, st: st, now: start}
	b.o = Options{
		Store: st, Sampler: Sampler{Key: []byte("a key"), Unflagged: 0.5, Dismissed: 1},
		NoTraining: func(network string) bool { return network == "x" },
		Agents:     func(context.Context) (int, error) { return 2, nil },
		Log:        slog.New(slog.DiscardHandler), Now: func() time.Time { return b.now },
	}
	for _, c := range change {
		c(&b.o)
	}
	b.open(s)
	return b
}

func base(id string) Base { return Base{Classifier: general{}, ID: id, Threshold: 0.5} }

func (b *bench) open(s Settings) {
	b.t.Helper()
	var err error
	if b.Learner, err = Open(b.t.Context(), b.o, base("general@1"), s); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) commit(batch store.Batch) {
	b.t.Helper()
	if _, err := b.st.Commit(b.t.Context(), batch); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) record(by care.Actor, stream string, events ...care.Event) store.Append {
	r := care.Record{At: b.now, By: by, Events: events}
	return store.Append{Stream: stream, After: store.Any, Data: r.Encode()}
}

// arrives keeps a mention as the model in force judges it.
func (b *bench) arrives(network, text string) care.MentionID {
	b.t.Helper()
	b.n++
	b.now = b.now.Add(time.Minute)
	vs, err := b.Judge().Classify(b.t.Context(), []classifiers.Text{{Body: text}})
	if err != nil {
		b.t.Fatal(err)
	}
	m := care.Mention{ID: care.MentionID(care.TimeID(b.now, uint32(b.n), [5]byte{})), SeenAt: b.now,
		Post: care.Post{Network: network, Text: text, PostedAt: b.now}, Verdict: care.Verdict{Complaint: vs[0].Complaint, Probability: vs[0].Probability}}
	flagged := 0
	if m.Verdict.Complaint {
		flagged = 1
	}
	b.commit(store.Batch{Puts: []store.Put{{Key: "mention/" + string(m.ID), Data: m.Encode()}},
		Appends: []store.Append{b.record(care.ByIntake, "source/s", care.SourceRead{New: 1, Flagged: flagged})}})
	return m.ID
}

func (b *bench) review(by care.AgentID, id care.MentionID, complaint bool) {
	b.t.Helper()
	b.now = b.now.Add(time.Second)
	b.commit(store.Batch{Appends: []store.Append{b.record(care.ByAgent(by), "review", care.Reviewed{Mention: id, Complaint: complaint})}})
}

// week is what comes in: of every four, two are about broken things, one sings
// of a broken heart, and one is about nothing. All are reviewed, by turns.
func (b *bench) week(network string, n int) {
	b.t.Helper()
	for i := range n {
		text, complaint := [...]string{
			"my turntable arrived broken number %d", "the box was broken again, order %d",
			"broken hearts club, best record of the year %d", "listening to side B at %d",
		}[i%4], i%4 < 2
		id := b.arrives(network, fmt.Sprintf(text, b.n))
		b.review([]care.AgentID{"ada", "bo", "cy"}[i%3], id, complaint)
	}
}

func (b *bench) round() {
	b.t.Helper()
	if err := b.CatchUp(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Round(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) status() *Status {
	b.t.Helper()
	s, err := b.Status(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) verdicts() []classifiers.Verdict {
	b.t.Helper()
	vs, err := b.Judge().Classify(b.t.Context(), []classifiers.Text{{Body: "broken on arrival"}, {Body: "broken hearts club, the record of the year"}, {Body: "hello"}})
	if err != nil {
		b.t.Fatal(err)
	}
	return vs
}

func (b *bench) whys() (all []string) {
	for _, c := range b.status().History {
		all = append(all, c.Why)
	}
	return all
}

func TestNothingMovesBeforeFiftyReviews(t *testing.T) {
	b := newBench(t, Settings{})
	before := b.verdicts()
	b.week("bluesky", LeastReviews-1)
	b.round()
	if s := b.status(); s.Version != "" || len(s.History) != 0 || !reflect.DeepEqual(before, b.verdicts()) {
		t.Fatalf("%+v", s.State)
	}
	b.week("bluesky", 11)
	b.round()
	s := b.status()
	if s.Version == "" || s.Shift == 0 || math.Abs(s.Shift) > stepShift || s.History[0].Why != "recalibrated" || s.History[0].By != care.ByClock {
		t.Errorf("after 60: %+v, history %v", s.State, s.History)
	}
	if vs := b.verdicts(); vs[0].Probability == before[0].Probability || !strings.HasPrefix(vs[0].Model, "brand@"+s.Version+"+general@1") {
		t.Errorf("the verdict is still %v by %s", vs[0].Probability, vs[0].Model)
	}
	version := s.Version
	b.round()
	if s := b.status(); s.Version != version {
		t.Error("the same reviews moved it again")
	}
}

// promoted brings a brand to the day after its first promotion.
func promoted(t *testing.T) (b *bench, before State, then []classifiers.Verdict) {
	t.Helper()
	b = newBench(t, Settings{})
	b.week("bluesky", 160)
	b.round()
	if s := b.status(); s.Challenger == "" || s.NextLook != 50 || s.Held != 0 {
		t.Fatalf("no challenger: %+v", s.State)
	}
	before, then = b.state, b.verdicts()
	b.week("bluesky", 120)
	b.round()
	return b, before, then
}

func TestABetterChallengerIsPromoted(t *testing.T) {
	b, before, then := promoted(t)
	s := b.status()
	if s.Version != before.Challenger || s.Threshold != 0.5 || !s.Corrects {
		t.Fatalf("in force is %s, the challenger was %s: %+v", s.Version, before.Challenger, s.Seen)
	}
	c := s.History[0]
	if c.Why != "promoted" || c.From != before.Version || c.Held < 50 || c.Precision <= c.PrecisionWas || c.Recall < c.RecallWas {
		t.Errorf("the record says %+v", c)
	}
	docs, err := b.st.Get(t.Context(), evidenceKey+s.Version)
	if err != nil || docs[0].Rev == 0 || !bytes.Contains(docs[0].Data, []byte("precision_change")) {
		t.Errorf("no evidence is kept: %s %v", docs[0].Data, err)
	}
	now := b.verdicts()
	if !then[1].Complaint || now[1].Complaint || !now[0].Complaint {
		t.Errorf("praise was %v and is %v, a complaint is %v", then[1].Complaint, now[1].Complaint, now[0].Complaint)
	}
}

// The challenger's opinion is counted, and shows nowhere.
func TestTheShadowShowsNowhere(t *testing.T) {
	b := newBench(t, Settings{})
	b.week("bluesky", 160)
	b.round()
	champion := adapt.New(general{}, b.champion(), 0.5, nil)
	for _, text := range []string{"broken hearts club, the best record", "my needle is broken", "hello"} {
		texts := []classifiers.Text{{Body: text}}
		got, err := b.Judge().Classify(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		want, err := champion.Classify(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	if s := b.status().Shadow; s.Champion != 1 || s.Both != 1 || s.Neither != 1 || s.Challenger != 0 {
		t.Errorf("counted %+v", s)
	}
}

func TestRollBackIsExact(t *testing.T) {
	b, before, then := promoted(t)
	if _, err := b.RollBack(t.Context(), care.ByAgent("root"), ""); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		if got := b.verdicts(); !reflect.DeepEqual(got, then) {
			t.Errorf("%s: %+v\nwant %+v", when, got, then)
		}
		if b.state.Version != before.Version || b.state.Challenger != "" {
			t.Errorf("%s: %+v", when, b.state)
		}
	}
	check("at once")
	b.open(Settings{})
	check("after a restart")
	b.week("bluesky", 20)
	b.round()
	check("twenty reviews later")
	if s := b.status(); s.History[0].Why != "rolled_back" || s.History[0].By != care.ByAgent("root") {
		t.Errorf("the record says %+v", s.History[0])
	}
	for len(b.state.Past) > 0 {
		if _, err := b.RollBack(t.Context(), care.ByAgent("root"), ""); err != nil {
			t.Fatal(err)
		}
	}
	if vs := b.verdicts(); vs[0].Model != "general@1" {
		t.Errorf("all the way back, %s judges", vs[0].Model)
	}
	var e *care.Error
	if _, err := b.RollBack(t.Context(), care.ByAgent("root"), ""); !errors.As(err, &e) || e.Code != care.Conflict {
		t.Errorf("there is nothing before: %v", err)
	}
}

// What a network does not let us learn from moves the prior, and nothing else.
func TestTextsThatMustNotTeach(t *testing.T) {
	b := newBench(t, Settings{})
	b.week("x", 200)
	b.round()
	s := b.status()
	if s.Version == "" || s.Shift == 0 {
		t.Error("the prior did not move")
	}
	if s.Challenger != "" || s.Teaching != 0 {
		t.Errorf("a challenger was made: %+v", s)
	}
	for d, err := range b.st.List(t.Context(), "model/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Data) > 2000 || bytes.Contains(d.Data, []byte("broken")) {
			t.Errorf("%s holds %d bytes", d.Key, len(d.Data))
		}
	}
}

func TestErasedTextsTeachNothing(t *testing.T) {
	b := newBench(t, Settings{})
	b.week("bluesky", 120)
	var keys []string
	for d, err := range b.st.List(t.Context(), "mention/", "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, d.Key)
	}
	b.commit(store.Batch{Erases: keys[:40]})
	if s := b.status(); s.Labels != 80 {
		t.Errorf("%d of 120 count, 40 texts are gone", s.Labels)
	}
}

// A version made on another base would mean something else: it judges no more.
func TestAnotherBaseStartsAnew(t *testing.T) {
	b, _, _ := promoted(t)
	b.Use(base("general@2"), Settings{})
	if vs := b.verdicts(); vs[0].Model != "general@1" || !b.status().Outdated {
		t.Errorf("%s judges", vs[0].Model)
	}
	b.round()
	if s := b.status(); s.Outdated || s.Corrects {
		t.Errorf("still %+v", s.State)
	}
}

func TestOffers(t *testing.T) {
	b := newBench(t, Settings{})
	var flagged, quiet []care.MentionID
	for i := range 40 {
		flagged = append(flagged, b.arrives("bluesky", fmt.Sprint("broken ", i)))
		quiet = append(quiet, b.arrives("bluesky", fmt.Sprint("hello ", i)))
	}
	picked := 0
	for _, id := range quiet {
		if b.o.Sampler.Picks(id) {
			picked++
		}
	}
	offers := func(who care.AgentID) (out []care.MentionID) {
		all, err := b.Offers(t.Context(), who, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			out = append(out, o.Mention)
		}
		return out
	}
	first := offers("lea")
	if len(first) != picked || picked < 10 {
		t.Fatalf("%d offered, %d of the quiet ones are picked", len(first), picked)
	}
	for i, id := range first {
		if !b.o.Sampler.Picks(id) || i > 0 && id > first[i-1] {
			t.Errorf("%s was not picked, or is in the wrong place", id)
		}
	}
	b.review("bo", first[0], true)
	b.commit(store.Batch{Appends: []store.Append{b.record(care.ByAgent("bo"), "case/c", care.Dismissed{Reason: care.NotAComplaint},
		care.Reviewed{Mention: flagged[3], Why: care.NotAComplaint})}})
	if got := offers("lea"); len(got) != len(first) || got[len(got)-1] != flagged[3] && !slices.Contains(got, flagged[3]) || slices.Contains(got, first[0]) {
		t.Errorf("after a review and a dismissal: %v", got)
	}
	if slices.Contains(offers("bo"), flagged[3]) {
		t.Error("nobody gets their own dismissal to review")
	}
	id := b.arrives("bluesky", "late hello")
	for !b.o.Sampler.Picks(id) {
		id = b.arrives("bluesky", "late hello")
	}
	if !slices.Contains(offers("lea"), id) {
		t.Error("what came in later is not offered")
	}
	b.now = b.now.Add(offerFor + time.Hour)
	if got := offers("lea"); len(got) != 0 {
		t.Errorf("two weeks later still %v", got)
	}
}

func TestAims(t *testing.T) {
	b := newBench(t, Settings{})
	b.week("bluesky", 60)
	b.round()
	if _, err := b.Aim(t.Context(), care.ByAgent("root"), "", Aim{MissAtMost: 1}); err != nil {
		t.Fatal(err)
	}
	b.round()
	s := b.status()
	if s.Threshold == 0.5 || s.Aim.MissAtMost != 1 || s.Costs[0].MissedPer100.Value > 1 {
		t.Errorf("threshold %.2f for %+v", s.Threshold, s.Aim)
	}
	for what, set := range map[string]Settings{"a threshold": {Threshold: 0.3}, "another aim": {Aim: Aim{FalseAtMost: 3}}} {
		b.Use(b.base, set)
		var e *care.Error
		if _, err := b.Aim(t.Context(), care.ByAgent("root"), "", Aim{MissAtMost: 2}); !errors.As(err, &e) || e.Code != care.Conflict {
			t.Errorf("the file has %s: %v", what, err)
		}
	}
	b.Use(b.base, Settings{Threshold: 0.9})
	if vs := b.verdicts(); vs[0].Complaint || b.status().Threshold != 0.9 {
		t.Error("the file's threshold does not hold")
	}
	if got := b.whys(); got[len(got)-1] != "recalibrated" || !strings.Contains(strings.Join(got, " "), "aim") {
		t.Errorf("history %v", got)
	}
}

// What judges is what was kept: a restart changes nothing.
func TestARestartChangesNothing(t *testing.T) {
	b, _, _ := promoted(t)
	before := b.verdicts()
	b.open(Settings{})
	if !reflect.DeepEqual(before, b.verdicts()) {
		t.Error("another verdict after a restart")
	}
}
