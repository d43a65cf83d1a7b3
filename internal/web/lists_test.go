package web

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

func (b *bench) list(query string) (l CaseList) {
	b.t.Helper()
	b.get(auth.Agent, "/cases"+query).want(200).into(&l)
	return l
}

func TestPagesMeetEveryCaseOnce(t *testing.T) {
	b := staffed(t)
	for i := range 25 {
		b.says(fmt.Sprintf("author%d", i), fmt.Sprint(i), "it is broken")
		b.advance(time.Second)
	}
	for _, state := range []string{"needs", "all"} {
		var ids []care.CaseID
		after := ""
		for pages := 0; ; pages++ {
			l := b.list("?state=" + state + "&limit=10&after=" + after)
			for _, c := range l.Cases {
				ids = append(ids, c.ID)
			}
			if after = l.Next; after == "" || pages > 5 {
				break
			}
		}
		distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
		if len(ids) != 25 || len(distinct) != 25 {
			t.Errorf("%s: %d cases, %d different ones", state, len(ids), len(distinct))
		}
	}
}

func TestFilters(t *testing.T) {
	b := staffed(t)
	for i := range 12 {
		b.says(fmt.Sprintf("author%d", i), fmt.Sprint(i), []string{"it is broken", "my bill is broken"}[i%2])
	}
	all := b.cases()
	slices.Reverse(all) // oldest first
	claim := func(i int, by auth.Role) {
		b.post(by, "/cases/"+string(all[i].ID)+"/claim", nil).want(200)
	}
	claim(0, auth.Agent)
	claim(1, auth.Agent)
	claim(2, auth.Lead)
	b.post(auth.Agent, "/cases/"+string(all[0].ID)+"/await", nil).want(200)
	b.post(auth.Agent, "/cases/"+string(all[3].ID)+"/resolve", Resolution{Disposition: "solved"}).want(200)
	b.post(auth.Lead, "/cases/"+string(all[4].ID)+"/resolve", Resolution{Disposition: "solved"}).want(200)
	b.post(auth.Lead, "/cases/"+string(all[5].ID)+"/dismiss", Dismissal{Reason: "spam"}).want(200)
	b.post(auth.Lead, "/cases/"+string(all[6].ID)+"/snooze", Sleep{Until: start.Add(time.Hour)}).want(200)
	b.post(auth.Lead, "/cases/"+string(all[7].ID)+"/promises", NewPromise{Text: "x", Due: start.Add(time.Hour)}).want(200)
	b.post(auth.Lead, "/cases/"+string(all[8].ID)+"/tag", TagChange{Add: []string{"vip"}}).want(200)
	for query, want := range map[string][]int{
		"":                              {1, 2, 7, 8, 9, 10, 11},
		"?state=needs&queue=billing":    {1, 7, 9, 11},
		"?state=waiting":                {7, 8, 9, 10, 11},
		"?state=claimed":                {1, 2},
		"?state=claimed&assignee=lead":  {2},
		"?assignee=me":                  {0, 1},
		"?assignee=agent&state=needs":   {1},
		"?assignee=nobody":              {7, 8, 9, 10, 11},
		"?unassigned=true":              {7, 8, 9, 10, 11},
		"?state=awaiting":               {0},
		"?state=awaiting&assignee=lead": {},
		"?state=resolved":               {3, 4},
		"?state=resolved&queue=billing": {3},
		"?state=dismissed":              {5},
		"?state=snoozed":                {6},
		"?state=promised":               {7},
		"?state=all&tag=vip":            {8},
		"?state=all&topic=billing":      {1, 3, 5, 7, 9, 11},
		"?state=all&language=de":        {},
		"?state=all&network=file":       {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
		"?state=all&lane=critical":      {},
		"?author=" + url.QueryEscape(string(all[9].Author.Key)):                    {9},
		"?thread=" + url.QueryEscape(string(all[9].Thread)):                        {9},
		"?state=resolved&author=" + url.QueryEscape(string(all[9].Author.Key)):     {},
		"?state=all&limit=2&assignee=lead":                                         {2},
		"?state=all&limit=200&assignee=me&author=" + string(all[0].Author.Key):     {0},
		"?state=snoozed&limit=1&thread=" + url.QueryEscape(string(all[6].Thread)):  {6},
		"?state=promised&limit=1&thread=" + url.QueryEscape(string(all[7].Thread)): {7},
	} {
		var got []int
		for _, c := range b.list(query).Cases {
			got = append(got, slices.IndexFunc(all, func(a CaseRow) bool { return a.ID == c.ID }))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: cases %v, want %v", query, got, want)
		}
	}
}

func TestMentionsAndOpeningByHand(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "it is broken")
	b.says("bo", "2", "lovely day")
	b.says("us", "3", "We have a new shop")
	kinds := func(query string) (out []string) {
		var l MentionList
		b.get(auth.Viewer, "/mentions"+query).want(200).into(&l)
		for _, m := range l.Mentions {
			out = append(out, m.Author.Handle)
		}
		return out
	}
	for query, want := range map[string][]string{
		"": {"us", "bo", "ana"}, "?is=flagged": {"ana"}, "?is=unflagged": {"bo"}, "?is=own": {"us"}, "?is=loose": {"bo"}, "?limit=2": {"us", "bo"}, "?source=none": nil,
	} {
		if got := kinds(query); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	var l MentionList
	b.get(auth.Viewer, "/mentions?limit=2").want(200).into(&l)
	if got := kinds("?after=" + string(l.Next)); !slices.Equal(got, []string{"ana"}) {
		t.Errorf("second page: %q", got)
	}
	b.get(auth.Viewer, "/mentions?after=nonsense").wantProblem(422, "invalid")
	bo := l.Mentions[1]
	var w Written
	b.post(auth.Agent, "/mentions/"+string(bo.ID)+"/open", nil).want(200).into(&w)
	f := b.full(w.Case)
	if !f.ByHand || f.Author.Handle != "bo" || f.State != "waiting" {
		t.Fatalf("opened %+v", f)
	}
	var again Written
	b.post(auth.Agent, "/mentions/"+string(bo.ID)+"/open", nil).want(200).into(&again)
	if again.Case != w.Case {
		t.Fatalf("opened twice: %s and %s", w.Case, again.Case)
	}
	b.post(auth.Agent, "/mentions/"+string(l.Mentions[0].ID)+"/open", nil).wantProblem(422, "invalid")
	b.post(auth.Agent, "/mentions/nonsense/open", nil).wantProblem(404, "not_found")
	if got := kinds("?is=loose"); got != nil {
		t.Errorf("still loose: %q", got)
	}
}

// A read that names a write waits for it, and says so when it takes too long.
func TestAReadWaitsForAWrite(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.says("ana", "1", "it is broken")
		at := "/cases/" + string(b.cases()[0].ID)
		a := b.as(auth.Agent, "POST", at+"/claim", nil).want(200) // without waiting
		seq := a.Header.Get("Amends-Seq")
		if b.as(auth.Agent, "GET", "/cases?assignee=me", nil, "Amends-Seq", seq).want(200).contains(`"assignee":"agent"`); seq == "" {
			t.Fatal("no Amends-Seq")
		}
		far := fmt.Sprint(uint64(b.view.Position()) + 1000)
		began := time.Now()
		late := b.as(auth.Agent, "GET", "/cases", nil, "Amends-Seq", far).wantProblem(503, "behind")
		if late.Header.Get("Retry-After") != "1" || time.Since(began) != 2*time.Second {
			t.Errorf("after %v, Retry-After: %q", time.Since(began), late.Header.Get("Retry-After"))
		}
		b.as(auth.Agent, "GET", "/cases", nil, "Amends-Seq", "soon").wantProblem(422, "invalid")
		if b.list("").Position != b.view.Position() {
			t.Error("a list does not tell its position")
		}
		b.browse(b.in(auth.Agent), "GET", "/queue?seq="+far, nil).want(503).contains("has not caught up")
	})
}

func TestSourcesTellHowTheyDo(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "it is broken")
	b.setup.Sources = append(b.setup.Sources, care.SourceHealth{Name: "blue", Network: "bluesky", SucceededAt: start, Fault: "limited", Why: "The network asks us to slow down."}, care.SourceHealth{Name: "new", Network: "bluesky"})
	if _, err := b.desk.TellSource(t.Context(), care.ByIntake, "old", care.SourceGap{From: start, To: start.Add(time.Hour), Why: "beyond the network's memory"}); err != nil {
		t.Fatal(err)
	}
	seq, err := b.desk.TellSource(t.Context(), care.ByIntake, "blue", care.SourceStopped{Fault: "refused", Why: "The password was changed."})
	if err != nil {
		t.Fatal(err)
	}
	b.shown(seq)
	states := func() map[string]string {
		var l SourceList
		b.get(auth.Viewer, "/sources").want(200).into(&l)
		m := map[string]string{}
		for _, s := range l.Sources {
			m[s.Name] = fmt.Sprint(s.State, " ", s.New, " ", s.GapCount)
		}
		return m
	}
	want := map[string]string{"test": "reading 1 0", "blue": "stopped 0 0", "new": "starting 0 0", "old": "gone 0 1"}
	if got := states(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("sources %v, want %v", got, want)
	}
	b.setup.Held = "restored from a backup"
	if got := states(); got["test"] != "held 1 0" || got["blue"] != "held 0 0" {
		t.Fatalf("sources while held: %v", got)
	}
	b.as(auth.Admin, "POST", "/desk/release", nil).want(204)
	b.as(auth.Admin, "POST", "/desk/release", nil).want(204)
	if b.released != 1 {
		t.Fatalf("released %d times", b.released)
	}
}
