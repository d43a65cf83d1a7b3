package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/report"
)

// hostile is a story whose names want to be formulas, markup and control codes.
func hostile(t *testing.T) *story {
	s := newStory(t, office(), standard())
	for i, topic := range []string{"=HYPERLINK(1)", "+1", "-1", "@cmd", "\tx", "\rx", "\nx", `<script>alert("1")</script>`, "\x1b[31mred\x07", "\xff\xfe", strings.Repeat("long", 400), "\u202egnp.exe"} {
		id := caseID(i + 1)
		p := ana()
		p.author, p.topic = string(id), topic
		at := march(t, 2, 9, i)
		s.opens(id, at, p)
		if i%2 == 0 {
			s.replies(id, "ada", at.Add(time.Duration(i+1)*time.Minute))
		}
	}
	s.run(march(t, 2, 12, 0))
	return s
}

func formsOf(t *testing.T, f *report.Fold, q report.Query, form string) (all []string) {
	t.Helper()
	for _, name := range report.Names() {
		var b bytes.Buffer
		r := made(t, f, name, q)
		if err := r.Write(&b, form); err != nil {
			t.Fatal(err)
		}
		all = append(all, b.String())
	}
	return all
}

func TestCSVHoldsNoFormula(t *testing.T) {
	for _, text := range formsOf(t, hostile(t).fold(), report.Query{By: report.ByTopic, From: march(t, 1, 0, 0)}, "csv") {
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[1:] {
			for i, cell := range line {
				negative := lines[0][i] == "value" || lines[0][i] == "low" || lines[0][i] == "high" || lines[0][i] == "before"
				if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) && !negative {
					t.Errorf("%s begins as a formula: %q", lines[0][i], cell)
				}
			}
		}
	}
}

func TestTextControlsNoTerminal(t *testing.T) {
	for _, text := range formsOf(t, hostile(t).fold(), report.Query{By: report.ByTopic, From: march(t, 1, 0, 0)}, "table") {
		if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x202e }); i >= 0 {
			t.Errorf("control code %q", text[i])
		}
	}
}

func TestJSONIsWhole(t *testing.T) {
	for _, text := range formsOf(t, hostile(t).fold(), report.Query{By: report.ByTopic, From: march(t, 1, 0, 0)}, "json") {
		var r report.Report
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		if r.Position == 0 || r.AsOf.IsZero() || len(r.Tables) == 0 {
			t.Errorf("%s says too little", r.Name)
		}
		for _, table := range r.Tables {
			if table.Definition == "" || table.Dates == "" {
				t.Errorf("%s has no definition", table.Name)
			}
		}
	}
}

// Charts are well-formed, tell what they show, and hold neither script nor
// style, whatever the names are.
func TestCharts(t *testing.T) {
	drawn := 0
	for _, s := range []*story{hostile(t), sixty(t)} {
		f := s.fold()
		for _, by := range []report.Dimension{"", report.ByTopic, report.ByDay, report.ByWeekday} {
			for _, name := range report.Names() {
				r := made(t, f, name, report.Query{By: by, From: march(t, 1, 0, 0), Zone: berlin(t)})
				for i := range r.Tables {
					for _, c := range r.Charts(&r.Tables[i]) {
						for _, width := range []int{report.Wide, report.Narrow} {
							wellFormed(t, c.SVG(width, c.Name), true)
							drawn++
						}
						if len(c.Data) < 2 {
							t.Errorf("%s has no data", c.Name)
						}
					}
				}
				var whole bytes.Buffer
				if err := r.Write(&whole, "svg"); err != nil {
					t.Fatal(err)
				}
				wellFormed(t, whole.String(), false)
			}
		}
	}
	if drawn < 100 {
		t.Errorf("only %d charts were drawn", drawn)
	}
}

func wellFormed(t *testing.T, svg string, strict bool) {
	t.Helper()
	titles := 0
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %.300s", err, svg)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if e.Name.Local == "title" || e.Name.Local == "desc" {
			titles++
		}
		if e.Name.Local == "script" || strict && e.Name.Local == "style" {
			t.Errorf("a %s in a chart", e.Name.Local)
		}
		for _, a := range e.Attr {
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
				t.Errorf("%s=%q", a.Name.Local, a.Value)
			}
		}
	}
	if strict && titles < 2 {
		t.Error("a chart without title and description")
	}
}
