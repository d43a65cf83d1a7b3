package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/store"
)

// figures make reports of a bench's log.
type figures struct{ st store.Store }

func (f *figures) fold(ctx context.Context, at uint64) (*report.Fold, error) {
	last, err := store.Last(ctx, f.st)
	if err != nil {
		return nil, err
	}
	if at == 0 {
		at = uint64(last)
	}
	fold := report.New(nil)
	for r, err := range f.st.Tail(ctx, 0) {
		if err != nil || uint64(r.Seq) > at {
			return fold, err
		}
		if err := fold.Add(uint64(r.Seq), r.Stream, r.Data); err != nil || uint64(r.Seq) == at {
			return fold, err
		}
	}
	return fold, nil
}

func (f *figures) Report(ctx context.Context, name string, q report.Query, at uint64) (report.Report, error) {
	fold, err := f.fold(ctx, at)
	if err != nil {
		return report.Report{}, err
	}
	return fold.Report(name, q)
}

func (f *figures) Open(ctx context.Context, name string, q report.Query, ref report.Ref, at uint64) (report.Opened, uint64, error) {
	fold, err := f.fold(ctx, at)
	if err != nil {
		return report.Opened{}, 0, err
	}
	o, err := fold.Open(name, q, ref)
	return o, fold.Position(), err
}

func (f *figures) Since(ctx context.Context, name string, q report.Query, since, at uint64) (report.Changes, error) {
	was, err := f.fold(ctx, since)
	if err != nil {
		return report.Changes{}, err
	}
	now, err := f.fold(ctx, at)
	if err != nil {
		return report.Changes{}, err
	}
	return now.Since(was, name, q)
}

func (f *figures) Digest(ctx context.Context, w io.Writer, form string, _ *report.Ask, at uint64) error {
	_, err := fmt.Fprintf(w, "digest as %s at %d", form, at)
	return err
}

func (*figures) Zone() *time.Location { return time.UTC }

// sixtyCases is a bench with the history of docs/metrics.md in its log; renamed
// are words of it, each with another in its place.
func sixtyCases(t *testing.T, renamed ...string) *bench {
	t.Helper()
	f := &figures{}
	b := staffed(t, func(d *Deps) { d.Reports = f })
	f.st = b.st
	file, err := os.Open("../report/testdata/sixty.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	after := map[string]store.Seq{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e struct {
			Stream string
			Record care.Record
		}
		if err := json.Unmarshal([]byte(strings.NewReplacer(renamed...).Replace(lines.Text())), &e); err != nil {
			t.Fatal(err)
		}
		seq, err := b.st.Commit(t.Context(), store.Batch{Appends: []store.Append{{Stream: e.Stream, After: after[e.Stream], Data: e.Record.Encode()}}})
		if err != nil {
			t.Fatal(err)
		}
		after[e.Stream] = seq
		b.now = e.Record.At
	}
	last, err := store.Last(t.Context(), b.st)
	if err != nil {
		t.Fatal(err)
	}
	b.shown(last)
	return b
}

const march = "from=2026-03-01&zone=Europe/Berlin&beyond=unreachable"

// number is a link that opens one, with what it shows.
var (
	number    = regexp.MustCompile(`(?s)<a (?:class="fig[^"]*" )?href="(/reports/[^"]*open=[^"]*)">(?:<b class="num">)?([^<]*)<`)
	openValue = regexp.MustCompile(`<b class="num" data-value>([^<]*)</b>`)
	openCount = regexp.MustCompile(`data-n="(\d+)" data-cases="(\d+)"`)
	openCase  = regexp.MustCompile(`data-case="([^"]*)"`)
)

// Every number of every page opens the cases that it is made of: as many as it
// says, and the same number stands over them.
func TestEveryNumberOpensItsCases(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	b := sixtyCases(t)
	cookie := b.in(auth.Lead)
	walked := map[string]bool{}
	for _, name := range report.Names() {
		for _, more := range []string{"", "&by=queue", "&with=late&with=imported&against=year&clock=desk", "&to=2026-03-09&from=2026-03-05"} {
			page := b.browse(cookie, "GET", "/reports/"+name+"?"+march+more, nil).want(200)
			links := number.FindAllStringSubmatch(string(page.body), -1)
			if len(links) == 0 && more == "" {
				t.Errorf("%s shows no number that opens", name)
			}
			for _, l := range links {
				if walked[l[1]] {
					continue
				}
				walked[l[1]] = true
				opensAs(t, b, cookie, html.UnescapeString(l[1]), html.UnescapeString(l[2]))
			}
		}
	}
	if len(walked) < 300 {
		t.Errorf("only %d numbers were opened", len(walked))
	}
}

func opensAs(t *testing.T, b *bench, cookie, href, shows string) {
	t.Helper()
	body := string(b.browse(cookie, "GET", href, nil).want(200).body)
	counts := openCount.FindStringSubmatch(body)
	if counts == nil {
		t.Fatalf("%s says not how many cases it is made of", href)
	}
	if cases := strconv.Itoa(len(openCase.FindAllString(body, -1))); cases != counts[2] {
		t.Errorf("%s lists %s cases and says %s", href, cases, counts[2])
	}
	stands := counts[1]
	if v := openValue.FindStringSubmatch(body); v != nil {
		stands = html.UnescapeString(v[1])
	}
	if stands != shows {
		t.Errorf("%s is shown as %q and opens as %q", href, shows, stands)
	}
	u, err := url.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	if _, whole := strconv.Atoi(shows); whole == nil && !strings.HasSuffix(u.Query().Get("open"), "customers") && shows != counts[1] {
		t.Errorf("%s is shown as %q and made of %s", href, shows, counts[1])
	}
}

// Viewers see what waits and what is promised; agents their own work besides;
// leads all.
func TestReportRights(t *testing.T) {
	b := sixtyCases(t)
	if _, err := b.People.Add(t.Context(), "cli/test", auth.NewAccount{Name: "ada", Display: "Ada", Role: auth.Agent}); err != nil {
		t.Fatal(err)
	}
	ada := b.in("ada")
	page := b.browse(ada, "GET", "/reports/people?"+march, nil).want(200)

	page.contains("<bdi>ada</bdi>").lacks("<bdi>bob</bdi>", "<bdi>cara</bdi>")
	b.browse(ada, "GET", "/reports/people?"+march+"&open=people/ada/worked", nil).want(200)
	b.browse(ada, "GET", "/reports/people?"+march+"&open=people/bob/worked", nil).want(403)
	b.browse(ada, "GET", "/reports/people?"+march+"&as=csv", nil).want(200).contains(",ada,").lacks(",bob,")
	page.contains(`href="/reports/now"`).lacks(`href="/reports/response"`)
	for path, status := range map[string]int{"response": 403, "volume": 403, "people": 403, "now": 200, "promises": 200, "nothing": 404} {
		b.get(auth.Viewer, "/reports/"+path).want(status)
	}
	b.get(auth.Viewer, "/reports/people/cases?open=people/ada/worked").want(403)
	b.get(auth.Lead, "/reports/people/cases?"+march+"&open=people/ada/worked").want(200)
	b.browse(b.in(auth.Lead), "GET", "/reports/people?"+march, nil).want(200).contains("<bdi>ada</bdi>", "<bdi>bob</bdi>", "<bdi>cara</bdi>")
}

// The same position and question give the same bytes, also when the log has
// gone on.
func TestReportsStandStill(t *testing.T) {
	b := sixtyCases(t)
	var r report.Report
	first := b.get(auth.Lead, "/reports/response?"+march).want(200)
	first.into(&r)
	at := "&at=" + strconv.FormatUint(r.Position, 10)
	asked := b.get(auth.Lead, "/reports/response?"+march+at).want(200)
	b.says("ana", "1", "my bill is broken")
	again := b.get(auth.Lead, "/reports/response?"+march+at).want(200)
	if string(first.body) != string(asked.body) || string(asked.body) != string(again.body) {
		t.Error("other bytes at the same position")
	}
	b.get(auth.Lead, "/reports/response?clock=church").want(422)
	b.browse(b.in(auth.Lead), "GET", "/reports/volume?days=1&to=2020-01-01", nil).want(200).contains("Nothing fell into this span.")
}

// Where there is nothing but the demo, it is not left out, and what an address
// says of it holds elsewhere too.
func TestTheDemoTellsOfItself(t *testing.T) {
	b := sixtyCases(t)
	cookie := b.in(auth.Lead)
	at := "/reports/response?" + march
	b.browse(cookie, "GET", at, nil).want(200).contains("of the demo", `name="with" value="demo"`)
	b.setup.Demo = true
	b.browse(cookie, "GET", at, nil).want(200).contains("with=demo").lacks("of the demo", `name="with" value="demo"`)
}

// What was printed is compared with what holds now, and every number that is
// another opens the cases of then and of now.
func TestWhatChangedSinceItWasPrinted(t *testing.T) {
	b := sixtyCases(t)
	cookie := b.in(auth.Lead)
	last, err := store.Last(t.Context(), b.st)
	if err != nil {
		t.Fatal(err)
	}
	early := fmt.Sprint(last - 40)
	page := b.browse(cookie, "GET", "/reports/response?"+march+"&at="+early, nil).want(200).contains("as they were", "What changed since")
	fixed := html.UnescapeString(regexp.MustCompile(`name="fixed" value="([^"]*)"`).FindStringSubmatch(string(page.body))[1])
	question := html.UnescapeString(regexp.MustCompile(`name="question" value="([^"]*)"`).FindStringSubmatch(string(page.body))[1])
	b.browse(cookie, "POST", "/reports/kept", url.Values{"question": {question}, "fixed": {fixed}, "printed": {"yes"}}).want(303)
	b.browse(cookie, "GET", question, nil).want(200).contains("You printed", "at record "+early, "since="+early)
	b.browse(b.in(auth.Admin), "GET", question, nil).want(200).lacks("You printed") // it is one's own
	b.browse(b.in(auth.Agent), "POST", "/reports/kept", url.Values{"question": {question}, "fixed": {fixed}}).want(403)
	b.browse(cookie, "POST", "/reports/kept", url.Values{"question": {"/cases/1"}, "fixed": {fixed}}).want(422)

	changed := b.browse(cookie, "GET", "/reports/response?"+march+"&since="+early, nil).want(200).contains("numbers are others", "since")
	links := 0
	for _, m := range regexp.MustCompile(`<a class="fig" href="([^"]*)"><b class="num">([^<]*)</b>`).FindAllStringSubmatch(string(changed.body), 12) {
		links++
		b.browse(cookie, "GET", html.UnescapeString(m[1]), nil).want(200).contains("data-value>")
	}
	if links == 0 {
		t.Error("no number of what changed opens anything")
	}
	for _, file := range []string{"?as=csv&", "?as=json&", "?as=table&", "?as=svg&"} {
		at := "/api/v1/reports/response/file" + file + march
		b.browse(cookie, "GET", at, nil).want(200)
		if file != "?as=svg&" { // what changed has no chart
			b.browse(cookie, "GET", at+"&since="+early, nil).want(200).contains(early)
		}
	}
	b.browse(b.in(auth.Lead), "GET", "/api/v1/reports/response/file?as=svg&since="+early+"&"+march, nil).want(422)
	b.browse(b.in(auth.Agent), "GET", "/api/v1/reports/response/file?as=csv&since="+early, nil).want(403)
	b.browse(b.in(auth.Agent), "GET", "/reports/people?since=1&"+march, nil).want(200).lacks("<bdi>ada</bdi>") // one's own row alone
}
