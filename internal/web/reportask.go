package web

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
)

// A reportAsk is what an address asks of a report.
type reportAsk struct {
	report.Ask
	At    uint64 // record that the figures stand at; 0: the log's end
	Since uint64 // record since which changes are wanted; 0: the figures are
	Open  string // the number whose cases are wanted
	As    string // the file that is wanted
	Page  int    // of those cases, counted from 0
}

// reportAsk reads an address. What it leaves empty is as ever; where there is
// nothing but the demo, its cases are always taken in.
func (s *Server) reportAsk(v url.Values) (a reportAsk, err error) {
	if s.Setup().Demo && !slices.Contains(v["with"], "demo") {
		v["with"] = append(slices.Clone(v["with"]), "demo")
	}
	wrong := func(field string, msg care.Phrase) (reportAsk, error) {
		return a, &care.Error{Code: care.Invalid, Field: field, Msg: msg}
	}
	a.From, a.To, a.Zone, a.By, a.Clock = v.Get("from"), v.Get("to"), v.Get("zone"), v.Get("by"), v.Get("clock")
	a.Working, a.With, a.Beyond = v.Get("time") == "working", v["with"], v["beyond"]
	a.Against, a.AsOf, a.Open, a.As = v.Get("against"), v.Get("as_of"), v.Get("open"), v.Get("as")
	for _, only := range v["only"] {
		if only == "" {
			continue // a form's empty field
		}
		d, value, ok := strings.Cut(only, "=")
		if !ok {
			return wrong("only", "Write what to keep as queue=billing.")
		}
		if a.Only == nil {
			a.Only = map[string]string{}
		}
		a.Only[d] = value
	}
	for name, to := range map[string]*uint64{"at": &a.At, "since": &a.Since} {
		if text := v.Get(name); text != "" {
			if *to, err = strconv.ParseUint(text, 10, 64); err != nil {
				return wrong(name, "A record has a number.")
			}
		}
	}
	for _, n := range []struct {
		name string
		to   *int
	}{{"days", &a.Days}, {"page", &a.Page}} {
		if text := v.Get(n.name); text != "" {
			if *n.to, err = strconv.Atoi(text); err != nil || *n.to < 0 {
				return wrong(n.name, "Write a whole number.")
			}
		}
	}
	return a, nil
}

// address is where a report answers this.
func (a *reportAsk) address(name string) string {
	v := queryOf(map[string]string{
		"from": a.From, "to": a.To, "days": strconv.Itoa(a.Days), "zone": a.Zone, "by": a.By, "clock": a.Clock, "against": a.Against,
		"as_of": a.AsOf, "at": strconv.FormatUint(a.At, 10), "since": strconv.FormatUint(a.Since, 10), "open": a.Open, "as": a.As, "page": strconv.Itoa(a.Page),
	})
	if a.Working {
		v.Set("time", "working")
	}
	for d, value := range a.Only {
		v.Add("only", d+"="+value)
	}
	slices.Sort(v["only"])
	for name, list := range map[string][]string{"with": a.With, "beyond": a.Beyond} {
		if len(list) > 0 {
			v[name] = list
		}
	}
	if len(v) == 0 {
		return reportsPath + name
	}
	return reportsPath + name + "?" + v.Encode()
}

// fixed asks for the very report that was made, also when the log has gone on.
func (a *reportAsk) fixed(r *report.Report) reportAsk {
	f := a.over(report.Span{From: r.From, To: r.To})
	f.At, f.Zone, f.AsOf = r.Position, r.Zone, r.AsOf.Format(time.RFC3339Nano)
	return f
}

// over asks the same of another span.
func (a *reportAsk) over(s report.Span) reportAsk {
	f := *a
	f.From, f.To, f.Days = s.From.Format(time.RFC3339Nano), s.To.Format(time.RFC3339Nano), 0
	return f
}

// opening is where the cases behind a number are listed.
func (a *reportAsk) opening(name, ref string) string {
	o := *a
	o.Open = ref
	return o.address(name)
}

// A ReportQuery asks for a report over the API.
type ReportQuery struct {
	Reading
	Name    string   `path:"name" maxLength:"40" doc:"now, response, promises, volume, topics, quality, voice or people."`
	From    string   `query:"from" maxLength:"40" doc:"The first day, as 2026-03-01, or an instant."`
	To      string   `query:"to" maxLength:"40" doc:"The day after the last, or an instant."`
	Days    int      `query:"days" minimum:"0" maximum:"3660" doc:"Length of a span without a first day; 28 if nothing is said."`
	Zone    string   `query:"zone" maxLength:"60" doc:"Whose days and hours, as Europe/Berlin."`
	By      string   `query:"by" maxLength:"20" doc:"Dimension by which tables are divided."`
	Only    []string `query:"only,explode" maxItems:"20" doc:"dimension=value: keep only that."`
	Clock   string   `query:"clock" enum:"customer,desk" doc:"From when waits count."`
	Time    string   `query:"time" enum:"wall,working"`
	With    []string `query:"with,explode" maxItems:"3" doc:"late, imported or demo: take in what is left out otherwise."`
	Beyond  []string `query:"beyond,explode" maxItems:"50" doc:"Dispositions of what could not be resolved."`
	Against string   `query:"against" enum:"before,year,none" doc:"With what the span is compared."`
	AsOf    string   `query:"as_of" maxLength:"40" doc:"Instant at which what is open is measured; never before the last record."`
	At      uint64   `query:"at" doc:"As the log stood after this record: the same bytes for ever."`
}

func (s *Server) askedReport(in *ReportQuery) (reportAsk, error) {
	return s.reportAsk(url.Values{
		"from": {in.From}, "to": {in.To}, "days": {strconv.Itoa(in.Days)}, "zone": {in.Zone}, "by": {in.By}, "only": in.Only, "clock": {in.Clock},
		"time": {in.Time}, "with": in.With, "beyond": in.Beyond, "against": {in.Against}, "as_of": {in.AsOf}, "at": {strconv.FormatUint(in.At, 10)},
	})
}

// ReportPath is where the API gives a report in a form, or lists the cases
// behind the number that open names, if it names one.
func ReportPath(name string, ask report.Ask, at, since uint64, open, form string) string {
	if open != "" {
		return (&reportAsk{Ask: ask, At: at, Open: open}).address(name + "/cases")
	}
	return (&reportAsk{Ask: ask, At: at, Since: since, As: form}).address(name + "/file")
}

type reportOutput struct{ Body report.Report }

// oneReport is a report as the command line writes it.
func (s *Server) oneReport(ctx context.Context, in *ReportQuery) (*reportOutput, error) {
	a, err := s.askedReport(in)
	if err != nil {
		return nil, err
	}
	r, err := s.madeReport(ctx, in.Name, &a)
	return &reportOutput{r}, err
}

type fileInput struct {
	ReportQuery
	Since uint64 `query:"since" doc:"In place of the figures, what they say otherwise than they did at this record, and why: as table, csv or json."`
	As    string `query:"as" required:"true" enum:"table,csv,json,svg,html" doc:"The form; html is for the digest alone, which has no csv and no svg."`
}

type fileOutput struct {
	Type string `header:"Content-Type"`
	Body []byte
}

// reportForms are the forms of a report, and their media types.
func reportForms() map[string]string {
	return map[string]string{
		"table": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json",
		"svg": "image/svg+xml", "html": "text/html; charset=utf-8",
	}
}

// oneFile is a report as the command line prints it, digests too.
func (s *Server) oneFile(ctx context.Context, in *fileInput) (*fileOutput, error) {
	a, err := s.askedReport(&in.ReportQuery)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	a.Since = in.Since
	switch {
	case in.Name == "digest":
		if !askedOf(ctx).who.May(auth.Report) {
			return nil, errMayNot
		}
		err = s.Reports.Digest(ctx, &b, in.As, &a.Ask, a.At)
	case a.Since > 0:
		var c report.Changes
		if c, err = s.reportChanges(ctx, in.Name, &a); err == nil {
			err = c.Write(&b, in.As)
		}
	default:
		var r report.Report
		if r, err = s.madeReport(ctx, in.Name, &a); err == nil {
			err = r.Write(&b, in.As)
		}
	}
	return &fileOutput{reportForms()[in.As], b.Bytes()}, err
}

type numberInput struct {
	ReportQuery
	Open string `query:"open" required:"true" maxLength:"400" doc:"table/row/column, as first/all/median."`
}

// A Number is what a figure of a report is made of.
type Number struct {
	Position uint64        `json:"position"`
	N        int           `json:"n" doc:"More than cases where one case counts several times."`
	Cases    []care.CaseID `json:"cases" doc:"Each once, oldest first."`

	Unit   report.Unit    `json:"unit,omitempty" enum:"count,seconds,share,score" doc:"Of what each case gives: how often it counts, its waits, 1 where it is one of those that a share is of, its answers. Empty where each is only one of them."`
	Pieces []report.Piece `json:"pieces" doc:"The same cases with what each gives to the number: the longest wait first, the worst answer first, and else the oldest."`
}

type numberOutput struct{ Body Number }

func (s *Server) oneNumber(ctx context.Context, in *numberInput) (*numberOutput, error) {
	a, err := s.askedReport(&in.ReportQuery)
	if err != nil {
		return nil, err
	}
	a.Open = in.Open
	o, _, at, err := s.opened(ctx, in.Name, &a)
	return &numberOutput{Number{Position: at, N: o.N, Cases: list(o.Cases), Unit: o.Unit, Pieces: list(o.Pieces)}}, err
}
