package report_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

var updateDigest = flag.Bool("update-digest", false, "write the golden digests anew")

// aWeek is a digest of the week of the sixty cases. What happens beside them is
// added to their log.
func aWeek(t *testing.T, f *report.Fold, queue string) report.Digest {
	t.Helper()
	d, err := f.Digest(report.DigestQuery{
		Was: march(t, -5, 0, 0), From: march(t, 2, 0, 0), To: march(t, 9, 0, 0), Zone: berlin(t), Queue: queue,
		Link: func(path string) string { return "https://care.example.org" + path },
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDigestForms(t *testing.T) {
	f := sixty(t).fold()
	seq := f.Position()
	add := func(stream string, at time.Time, events ...care.Event) {
		seq++
		f.Apply(seq, stream, care.Record{At: at, Events: events})
	}
	add("source/bluesky <b>", march(t, 3, 9, 0), care.SourceStopped{Fault: "refused"})
	add("source/bluesky <b>", march(t, 3, 11, 30), care.SourceRecovered{Since: march(t, 3, 9, 0), Came: 3})
	add("issue/i1", march(t, 4, 9, 0), care.IssueOpened{Topic: "delivery"})
	for k := range 7 {
		add("issue/i1", march(t, 4, 10, k), care.IssueLinked{Case: caseID(k + 1), Why: "alike"})
	}
	add("issue/i1", march(t, 4, 11, 0), care.IssueUnlinked{Case: caseID(1)})
	d := aWeek(t, f, "")
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	js, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{"digest.txt": d.Text(), "digest.html": html, "digest.json": string(js) + "\n"} {
		path := "testdata/" + file
		if *updateDigest {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is otherwise; run the test with -update-digest and look at it:\n%s", path, got)
		}
	}
	if strings.Contains(html, "<b>") || !strings.Contains(html, "bluesky &lt;b&gt;") {
		t.Error("a name is not escaped")
	}
	for _, sink := range []string{"<script", "<img", "<link", "src=", "url("} {
		if strings.Contains(html, sink) {
			t.Errorf("the mail has %q in it", sink)
		}
	}
}

func TestADigestOfNothingSaysSo(t *testing.T) {
	f := sixty(t).fold()
	d, err := f.Digest(report.DigestQuery{Was: march(t, -60, 0, 0), From: march(t, -53, 0, 0), To: march(t, -46, 0, 0), Zone: berlin(t)})
	if err != nil {
		t.Fatal(err)
	}
	if !d.Empty || !strings.Contains(d.Text(), "Nothing fell into this span.") || len(d.Changes) > 0 {
		t.Errorf("%+v\n%s", d, d.Text())
	}
}

// The figures of a digest are those of the reports that it names.
func TestADigestTellsTheReports(t *testing.T) {
	f := sixty(t).fold()
	d := aWeek(t, f, "billing")
	if len(d.Figures) < 8 {
		t.Fatalf("%d figures", len(d.Figures))
	}
	for _, h := range d.Figures {
		parts := strings.Split(h.Figure, "/")
		r := made(t, f, parts[0], report.Query{
			From: march(t, 2, 0, 0), To: march(t, 9, 0, 0), Zone: berlin(t), Only: map[report.Dimension]string{report.ByQueue: "billing"},
		})
		c, unit := cellOf(&r, report.Ref{Table: parts[1], Row: parts[2], Column: parts[3]})
		if got, want := h.Now.Text(h.Unit), c.Text(unit); got != want || h.Now.N != c.N {
			t.Errorf("%s: the digest says %s of %d, the report %s of %d", h.Figure, got, h.Now.N, want, c.N)
		}
		if !strings.Contains(h.Command, "--only queue=billing") || !strings.Contains(h.Link, "only=queue%3Dbilling") {
			t.Errorf("%s: %s, %s", h.Figure, h.Command, h.Link)
		}
	}
}

func TestWatched(t *testing.T) {
	f := sixty(t).fold()
	figures := report.Figures()
	for _, v := range []struct {
		name, figure, queue string
		at                  time.Time
		over                time.Duration
		want                string
	}{
		{"a p90 of a day", "response/first/p90", "billing", march(t, 5, 0, 0), 24 * time.Hour, "24 min (21 min or more)"},
		{"what is open needs no span", "now/open/unanswered", "", march(t, 31, 0, 0), time.Hour, "4"},
		{"a share", "response/first/within", "", march(t, 7, 0, 0), 7 * 24 * time.Hour, "69.8 % (54.9 % to 81.4 %)"},
		{"surveys that nobody sent", "voice/csat/csat", "", march(t, 7, 0, 0), 24 * time.Hour, "–"},
	} {
		c, unit, err := f.Watched(report.WatchQuery{Figure: v.figure, Queue: v.queue, At: v.at, Over: v.over})
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if got := c.Text(unit); got != v.want {
			t.Errorf("%s: %s, not %s", v.name, got, v.want)
		}
		if unit != "" && figures[v.figure] != string(unit) {
			t.Errorf("%s is listed in %q, not %q", v.figure, figures[v.figure], unit)
		}
	}
	// Four of four have no answer: nobody can tell a median, but it is above the
	// longest wait, which goes on though nothing is recorded.
	c, _, err := f.Watched(report.WatchQuery{Figure: "response/first/median", At: march(t, 30, 0, 0).AddDate(0, 0, 22), Over: 40 * time.Hour})
	if err != nil || c.Value != nil || c.Low == nil || *c.Low < 12*3600 {
		t.Errorf("who waits for ever rings no bell: %+v, %v", c, err)
	}
	if figures["voice/csat/csat"] != string(report.Share) || figures["response/first/p90"] != string(report.Seconds) || len(figures) < 60 {
		t.Errorf("%d figures: %v", len(figures), figures)
	}
	if _, _, err := f.Watched(report.WatchQuery{Figure: "nothing/at/all", At: march(t, 7, 0, 0)}); err == nil {
		t.Error("there is no such page, and nobody says so")
	}
}
