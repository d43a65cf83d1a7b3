package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/linear"
)

// ownData writes a brand's labelled mentions, about parcels and about bikes,
// with a word of its own ("gremlin") that only its complaints have.
func ownData(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("text,complaint,domain\n")
	things := []string{"parcel", "bike", "helmet", "lamp", "wheel", "saddle"}
	for i := range 120 {
		thing := things[i%len(things)]
		domain := "parcels"
		if i%2 == 1 {
			domain = "bikes"
		}
		fmt.Fprintf(&b, "the %s I ordered has a gremlin number %d,1,%s\n", thing, i, domain)
		fmt.Fprintf(&b, "riding my %s along the river on day %d,0,%s\n", thing, i, domain)
	}
	path := filepath.Join(t.TempDir(), "own.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTrainingLearnsABrandsOwnWordsAndRepeats(t *testing.T) {
	o := Options{Data: []string{ownData(t)}, Name: "bikes", Seed: 3}
	var first, second bytes.Buffer
	m, err := Run(t.Context(), o, nil, &first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), o, nil, &second); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same data and seed gave another model")
	}
	again, err := linear.Read(&first)
	if err != nil {
		t.Fatal(err)
	}
	if again.ID() != m.ID() || !strings.HasPrefix(m.ID(), "bikes@") {
		t.Errorf("wrote %s, read %s", m.ID(), again.ID())
	}
	text := classifiers.Text{Body: "this lamp has a gremlin", Lang: "en"}
	before, _ := shipped(t).Score(text)
	after, _ := m.Score(text)
	if after < 0.5 || after <= before {
		t.Errorf("a word of the brand's own complaints: %.2f before, %.2f after", before, after)
	}
}

func TestEvaluationTellsTheWholeStory(t *testing.T) {
	path := ownData(t)
	for _, o := range []EvalOptions{{}, {Folds: 5, Curve: true}, {By: "domain"}} {
		o.Data = []string{path}
		var said []string
		r, err := Evaluate(t.Context(), o, func(what string, done, total int) { said = append(said, what) })
		if err != nil {
			t.Fatal(err)
		}
		if r.N != 240 || r.Complaints != 120 || len(r.Points) != 240 || len(said) == 0 {
			t.Errorf("%d texts, %d complaints, %d points, progress %q", r.N, r.Complaints, len(r.Points), said)
		}
		var text, page bytes.Buffer
		if err := errors.Join(r.WriteText(&text), r.WriteHTML(&page)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"macro-F1", "bikes", "parcels"} {
			if !strings.Contains(text.String(), want) || !strings.Contains(page.String(), want) {
				t.Errorf("%s: the report does not speak of %s", r.How, want)
			}
		}
		if n := strings.Count(page.String(), "<svg"); n < 3 || o.Curve && n < 4 {
			t.Errorf("%s: %d plots", r.How, n)
		}
		if strings.Contains(page.String(), "gremlin") {
			t.Error("the report repeats a text")
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
		if o.Folds > 0 && r.Figures[0].Value < 0.95 {
			t.Errorf("macro-F1 %.3f on data that one word decides", r.Figures[0].Value)
		}
	}
}

func TestBadDataIsRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, o := range map[string]Options{
		"no file":       {},
		"absent":        {Data: []string{filepath.Join(dir, "nonesuch.csv")}},
		"few":           {Data: []string{write("few.csv", "text,complaint\nhi,0\n")}},
		"bad label":     {Data: []string{write("bad.csv", "text,complaint\nhi,maybe\n")}},
		"other headers": {Data: []string{write("other.csv", "a,b\nhi,0\n")}},
	} {
		if _, err := Run(t.Context(), o, nil, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Options{Data: []string{ownData(t)}}, nil, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
}
