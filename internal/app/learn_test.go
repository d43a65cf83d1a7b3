package app

import (
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/intake"
)

// A brand whose customers sing of trouble dismisses what is no complaint: what
// comes in afterwards is judged with that, and what is open stays as it was judged.
func TestWhatTheTeamDismissesIsLearned(t *testing.T) {
	ctx := t.Context()
	e, err := OpenEngine(ctx, t.TempDir(), EngineOptions{Config: config.Default(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	team := []care.AgentID{"ada", "bo", "cy"}
	for _, a := range team {
		if _, err := e.People.Add(ctx, "cli/test", auth.NewAccount{Name: string(a), Role: auth.Agent}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	says := func(text string) care.CaseID {
		t.Helper()
		n++
		p := care.Post{Network: "file", Remote: care.Remote(fmt.Sprint(n)), Text: text, Language: "en", PostedAt: time.Now(), Author: care.Author{ID: fmt.Sprint("author", n)}}
		if _, err := e.Desk.Receive(ctx, desk.Arrivals{Source: "s", Items: []desk.Arrival{{What: desk.WasSeen, Post: p}}, Judge: intake.Judge(e.Classifier)}); err != nil {
			t.Fatal(err)
		}
		var last care.Mention
		for d, err := range e.Store.List(ctx, "mention/", "") {
			if err != nil {
				t.Fatal(err)
			}
			if last, err = care.DecodeMention(d.Data); err != nil {
				t.Fatal(err)
			}
		}
		return last.Case
	}
	song := "My train is late again and nobody answers, worst day ever: track %d of the new album"
	ends := func(by care.AgentID, id care.CaseID, end func(c *care.Case) ([]care.Event, error)) {
		t.Helper()
		for _, step := range []func(c *care.Case) ([]care.Event, error){func(c *care.Case) ([]care.Event, error) { return c.Claim(by, "claim") }, end} {
			if _, err := e.Desk.One(ctx, care.ByAgent(by), "", id, func(_ time.Time, c *care.Case) ([]care.Event, error) { return step(c) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	probability := func() float64 {
		vs, err := e.Classifier.Classify(ctx, []classifiers.Text{{Body: fmt.Sprintf(song, 99), Lang: "en"}})
		if err != nil {
			t.Fatal(err)
		}
		return vs[0].Probability
	}
	open := says(fmt.Sprintf(song, 0))
	if open == "" {
		t.Fatal("the model that ships does not flag the song: choose another")
	}
	before := probability()
	for i := range 35 {
		by := team[i%len(team)]
		ends(by, says(fmt.Sprintf(song, i+1)), func(c *care.Case) ([]care.Event, error) { return c.Dismiss(by, care.NotAComplaint) })
		ends(by, says(fmt.Sprintf("My parcel %d is broken and nobody answers my mails, I want my money back", i)),
			func(c *care.Case) ([]care.Event, error) { return c.Resolve(by, "refunded") })
	}
	was, err := e.View.Case(ctx, open)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Learner.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if err := e.Learner.Round(ctx); err != nil {
		t.Fatal(err)
	}
	st, err := school{e.Learner}.Model(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if st.Reviews.Total != 70 || st.Reviews.Dismissed != 35 || st.Reviews.Worked != 35 || st.Agents != 3 {
		t.Errorf("reviews %+v of %d agents", st.Reviews, st.Agents)
	}
	if after := probability(); st.Version == "" || after >= before {
		t.Errorf("version %q, the song was at %.3f and is at %.3f", st.Version, before, after)
	}
	now, err := e.View.Case(ctx, open)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(was, now) {
		t.Error("an open case was judged anew")
	}
}

func TestNoTraining(t *testing.T) {
	forbidden := noTraining()
	for _, d := range Drivers() {
		if forbidden(d.Name) != d.NoTraining {
			t.Errorf("%s: the driver says %v", d.Name, d.NoTraining)
		}
	}
	if !forbidden("a network that was removed") {
		t.Error("of a network that we know nothing of, nothing is learned")
	}
}
