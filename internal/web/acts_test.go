package web

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// opened is a bench with one waiting case, and its address in the API.
func opened(t *testing.T) (*bench, string) {
	t.Helper()
	b := staffed(t)
	b.says("ana", "1", "my bill is broken, and has been for days")
	return b, "/cases/" + string(b.cases()[0].ID)
}

// sent plays the outbox: it attempts and sends the newest reply of a case.
func (b *bench) sent(path string) {
	b.t.Helper()
	id := care.CaseID(strings.TrimPrefix(path, "/cases/"))
	for _, step := range []func(now time.Time, c *care.Case) []care.Event{
		func(now time.Time, c *care.Case) []care.Event {
			return c.AttemptReply(c.Replies[len(c.Replies)-1].N, now, now.Add(time.Minute))
		},
		func(now time.Time, c *care.Case) []care.Event {
			return c.ReplyWasSent(c.Replies[len(c.Replies)-1].N, now, now, false)
		},
	} {
		seq, err := b.desk.One(b.t.Context(), care.ByOutbox, "", id, func(now time.Time, c *care.Case) ([]care.Event, error) { return step(now, c), nil })
		if err != nil {
			b.t.Fatal(err)
		}
		b.shown(seq)
	}
}

func TestFromComplaintToAnswer(t *testing.T) {
	b, at := opened(t)
	rows := b.cases()
	if r := rows[0]; r.State != "waiting" || r.Queue != "billing" || r.Author.Handle != "ana" || joined(r.Excerpt) != "my bill is broken, and has been for days" ||
		r.Due == nil || !r.Due.DueAt.Equal(start.Add(30*time.Minute)) {
		t.Fatalf("row %+v", r)
	}
	b.post(auth.Agent, at+"/claim", nil).want(200)
	b.post(auth.Agent, at+"/note", NewNote{Text: "She is right."}).want(200)
	var w Written
	b.post(auth.Agent, at+"/reply", NewReply{Text: "We are on it, Ana."}).want(200).into(&w)
	if w.N != 2 || w.Seq == 0 {
		t.Fatalf("written %+v", w)
	}
	f := b.only()
	if r := f.ReplyList[0]; r.State != care.ReplyIsRequested || r.Text != "We are on it, Ana." || !r.NotBefore.Equal(start.Add(10*time.Second)) || r.Then != "await" || r.By != "agent/agent" {
		t.Fatalf("reply %+v", r)
	}
	if f.Notes[0].Text != "She is right." || f.Notes[0].By != "agent/agent" {
		t.Fatalf("notes %+v", f.Notes)
	}
	b.advance(11 * time.Second)
	b.sent(at)
	f = b.only()
	if f.State != "awaiting" || f.ReplyList[0].State != care.ReplyIsSent || f.Replies != 1 || f.FirstReply.IsZero() {
		t.Fatalf("case %s, reply %+v", f.State, f.ReplyList[0])
	}
	if i := slices.IndexFunc(f.Targets, func(t Target) bool { return t.Target == care.FirstResponse }); i < 0 || f.Targets[i].State != care.TargetIsMet {
		t.Fatalf("targets %+v", f.Targets)
	}
	b.post(auth.Agent, at+"/resolve", Resolution{Disposition: "solved"}).want(200)
	f = b.only()
	if f.State != "resolved" || f.End != "solved" {
		t.Fatalf("case is %s, %s", f.State, f.End)
	}
	var said []string
	for _, e := range f.Story {
		for _, h := range e.Events {
			said = append(said, h.Says)
		}
	}
	story := strings.Join(said, "\n")
	for _, want := range []string{"Seen after 0 s; 90 % sure it is a complaint.", "Sent to billing.", "agent took it.", "agent left a note.", "agent wrote a public reply.",
		"Sending the reply, attempt 1.", "The reply is on the network.", "Promise met: first reply.", "Waiting for the customer.", "agent resolved it: solved."} {
		if !strings.Contains(story, want) {
			t.Errorf("the story lacks %q:\n%s", want, story)
		}
	}
	b.post(auth.Agent, at+"/reopen", nil).want(200)
	if b.only().State == "resolved" {
		t.Error("reopening did nothing")
	}
}

func TestLosingARaceNamesTheWinner(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Lead, at+"/claim", nil).want(200)
	a := b.post(auth.Agent, at+"/claim", nil).wantProblem(409, "conflict")
	a.contains("lead already has this case.")
	b.post(auth.Agent, at+"/resolve", Resolution{Disposition: "solved"}).wantProblem(409, "conflict")
	b.post(auth.Agent, at+"/requeue", Requeue{Queue: "care"}).wantProblem(409, "conflict")
}

// The same key has one effect, and answers as the first time.
func TestAWriteCanBeRepeated(t *testing.T) {
	b, at := opened(t)
	for _, c := range []struct {
		path string
		body any
	}{
		{at + "/claim", nil}, {at + "/note", NewNote{Text: "Once."}}, {at + "/promises", NewPromise{Text: "A call.", Due: start.Add(time.Hour), What: "call"}},
		{at + "/reply", NewReply{Text: "Hello."}},
	} {
		var first, again Written
		b.post(auth.Agent, c.path, c.body, "Idempotency-Key", "k1").want(200).into(&first)
		b.post(auth.Agent, c.path, c.body, "Idempotency-Key", "k1").want(200).into(&again)
		if first != again {
			t.Errorf("%s: %+v, then %+v", c.path, first, again)
		}
	}
	f := b.only()
	if len(f.Notes) != 1 || len(f.PromiseList) != 1 || len(f.ReplyList) != 1 {
		t.Fatalf("%d notes, %d promises, %d replies", len(f.Notes), len(f.PromiseList), len(f.ReplyList))
	}
	// Another person's key of the same name, and another key, are other writes.
	b.post(auth.Lead, at+"/note", NewNote{Text: "Twice."}, "Idempotency-Key", "k1").want(200)
	b.post(auth.Agent, at+"/note", NewNote{Text: "Thrice."}, "Idempotency-Key", "k2").want(200)
	if n := len(b.only().Notes); n != 3 {
		t.Fatalf("%d notes, want 3", n)
	}
}

func TestTakeNextGivesEachCaseToOne(t *testing.T) {
	b := staffed(t)
	for i := range 20 {
		b.says(fmt.Sprintf("author%d", i), fmt.Sprint(i), "it is broken")
	}
	var mu sync.Mutex
	got := map[care.CaseID]int{}
	none := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 8 {
				a := b.as(auth.Agent, "POST", "/queues/care/next", nil)
				mu.Lock()
				switch a.StatusCode {
				case 200:
					var w Written
					a.into(&w)
					got[w.Case]++
				case 204:
					none++
				default:
					t.Errorf("%d %s", a.StatusCode, a.body)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range got {
		if n != 1 {
			t.Errorf("%s was given %d times", id, n)
		}
	}
	if len(got) != 20 || none != 12 {
		t.Fatalf("%d cases given, %d times nobody waited", len(got), none)
	}
	b.as(auth.Agent, "POST", "/queues/nowhere/next", nil).wantProblem(404, "not_found")
}

func TestTakeNextFromAnyQueue(t *testing.T) {
	b := staffed(t)
	if a := b.as(auth.Agent, "POST", "/queues/any/next", nil); a.StatusCode != 204 || len(a.body) != 0 {
		t.Fatalf("%d %q", a.StatusCode, a.body)
	}
	b.says("ana", "1", "my bill is broken")
	b.advance(time.Minute)
	b.says("bo", "2", "it is broken")
	for _, queue := range []string{"billing", "care"} { // the earlier deadline first
		var w Written
		b.post(auth.Agent, "/queues/any/next", nil).want(200).into(&w)
		if got := b.full(w.Case).Queue; got != queue {
			t.Errorf("given one of %s, want %s", got, queue)
		}
	}
	var q Backlog
	b.get(auth.Agent, "/queues").want(200).into(&q)
	if q.Needs != 2 || q.Mine != 2 || len(q.Queues) != 2 || q.Queues[0] != (Queue{Name: "care", Title: "Customer care", Needs: 1}) {
		t.Fatalf("backlog %+v", q)
	}
}

func TestOtherActs(t *testing.T) {
	b, at := opened(t)
	type step struct {
		by    auth.Role
		path  string
		body  any
		check func(f CaseFull) bool
	}
	for i, s := range []step{
		{auth.Agent, "/tag", TagChange{Add: []string{"Refund", "vip"}}, func(f CaseFull) bool { return slices.Equal(f.Tags, []string{"refund", "vip"}) }},
		{auth.Agent, "/tag", TagChange{Remove: []string{"vip"}}, func(f CaseFull) bool { return slices.Equal(f.Tags, []string{"refund"}) }},
		{auth.Lead, "/assign", Assignment{To: "agent"}, func(f CaseFull) bool { return f.Assignee == "agent" }},
		{auth.Agent, "/handoff", Handoff{To: "lead", Note: "Please look."}, func(f CaseFull) bool { return f.Assignee == "lead" && f.Notes[0].Handed }},
		{auth.Lead, "/release", nil, func(f CaseFull) bool { return f.Assignee == "" && f.State == "waiting" }},
		{auth.Agent, "/claim", nil, func(f CaseFull) bool { return f.Assignee == "agent" }},
		{auth.Agent, "/snooze", Sleep{Until: start.Add(time.Hour)}, func(f CaseFull) bool { return f.Snoozed.Equal(start.Add(time.Hour)) }},
		{auth.Agent, "/wake", nil, func(f CaseFull) bool { return f.Snoozed.IsZero() }},
		{auth.Agent, "/await", nil, func(f CaseFull) bool { return f.State == "awaiting" }},
		{auth.Agent, "/escalate", Escalation{To: "lead"}, func(f CaseFull) bool { return f.Level == 1 }},
		{auth.Agent, "/promises", NewPromise{Text: "We call.", Due: start.Add(time.Hour), What: "call"}, func(f CaseFull) bool { return f.PromiseList[0].State == "open" && f.PromiseList[0].Text == "We call." }},
		{auth.Agent, "/promises/2/renegotiate", NewTime{Due: start.Add(3 * time.Hour), Told: true}, func(f CaseFull) bool { return f.PromiseList[0].DueAt.Equal(start.Add(3 * time.Hour)) }},
		{auth.Agent, "/promises/2/keep", nil, func(f CaseFull) bool { return f.PromiseList[0].State == care.PromiseWasToldOf }},
		{auth.Lead, "/review", Opinion{Complaint: false}, func(f CaseFull) bool { return !f.MentionList[0].Flagged }},
		{auth.Lead, "/review", Opinion{Complaint: true}, func(f CaseFull) bool { return f.MentionList[0].Flagged }},
		{auth.Lead, "/requeue", Requeue{Queue: "care"}, func(f CaseFull) bool { return f.Queue == "care" }},
		{auth.Agent, "/dismiss", Dismissal{Reason: "spam"}, func(f CaseFull) bool { return f.State == "dismissed" && f.End == "spam" }},
	} {
		if a := b.post(s.by, at+s.path, s.body); a.StatusCode != 200 || !s.check(b.only()) {
			t.Fatalf("step %d, %s: %d %s\n%+v", i, s.path, a.StatusCode, a.body, b.only())
		}
	}
}

func TestUndoAndSettle(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Oops."}).want(200)
	b.post(auth.Lead, at+"/replies/1/undo", nil).wantProblem(409, "conflict")
	b.post(auth.Agent, at+"/replies/1/undo", nil).want(200)
	if s := b.only().ReplyList[0].State; s != care.ReplyIsUndone {
		t.Fatalf("reply is %s", s)
	}
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Better."}).want(200)
	b.advance(11 * time.Second)
	id := b.cases()[0].ID
	for _, step := range []func(now time.Time, c *care.Case) []care.Event{
		func(now time.Time, c *care.Case) []care.Event { return c.AttemptReply(2, now, now.Add(time.Minute)) },
		func(_ time.Time, c *care.Case) []care.Event { return c.ReplyMayBeSent(2, "timeout") },
	} {
		if _, err := b.desk.One(t.Context(), care.ByOutbox, "", id, func(now time.Time, c *care.Case) ([]care.Event, error) { return step(now, c), nil }); err != nil {
			t.Fatal(err)
		}
	}
	b.post(auth.Agent, at+"/replies/9/settle", Settlement{Sent: true}).wantProblem(404, "not_found")
	b.post(auth.Lead, at+"/replies/2/settle", Settlement{Sent: true}).wantProblem(409, "conflict")
	b.post(auth.Agent, at+"/replies/2/settle", Settlement{Sent: false}).want(200)
	if s := b.only().ReplyList[1].State; s != care.ReplyIsFailed {
		t.Fatalf("reply is %s", s)
	}
}

func TestMergeSplitUnmerge(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "it is broken")
	b.says("bo", "2", "mine is broken too")
	cs := b.cases() // newest first
	winner, loser := cs[1].ID, cs[0].ID
	var issue IssueWritten
	b.post(auth.Agent, "/issues", NewIssue{Title: "No internet", NextAt: start.Add(time.Hour), Cases: []care.CaseID{loser}}).want(200).into(&issue)
	affected := func(want ...care.CaseID) {
		t.Helper()
		var got []care.CaseID
		for _, c := range b.issue(issue.Issue).Cases {
			got = append(got, c.Case)
		}
		if !slices.Equal(got, want) {
			t.Errorf("affected are %v, want %v", got, want)
		}
	}
	var w Written
	b.post(auth.Agent, fmt.Sprintf("/cases/%s/merge", loser), Merger{Into: fmt.Sprint(cs[1].Number)}).want(200).into(&w)
	if f := b.full(winner); w.Case != winner || len(f.MentionList) != 2 || !slices.Equal(f.Absorbed, []care.CaseID{loser}) || b.full(loser).MergedInto != winner {
		t.Fatalf("written %+v, winner %+v", w, f)
	}
	affected(loser, winner)
	b.post(auth.Agent, fmt.Sprintf("/cases/%s/unmerge", winner), nil).wantProblem(409, "conflict")
	b.post(auth.Agent, fmt.Sprintf("/cases/%s/unmerge", loser), nil).want(200)
	affected(loser)
	if f := b.full(winner); len(f.MentionList) != 1 || len(f.Absorbed) != 0 {
		t.Fatalf("winner after unmerging: %+v", f)
	}
	b.says("bo", "3", "and another broken thing")
	f := b.full(loser)
	part := Part{Mentions: []care.MentionID{f.MentionList[1].ID}}
	var first, again Written
	b.post(auth.Agent, fmt.Sprintf("/cases/%s/split", loser), part, "Idempotency-Key", "s").want(200).into(&first)
	b.post(auth.Agent, fmt.Sprintf("/cases/%s/split", loser), part, "Idempotency-Key", "s").want(200).into(&again)
	if first != again || first.Case == loser || len(b.full(first.Case).MentionList) != 1 || len(b.full(loser).MentionList) != 1 {
		t.Fatalf("split: %+v, again %+v", first, again)
	}
	affected(loser, first.Case)
}

// What is sent must be possible, and make sense.
func TestRepliesThatCantBeSent(t *testing.T) {
	b, at := opened(t)
	for name, c := range map[string]struct {
		in   NewReply
		may  *care.Permission
		code string
		says string
	}{
		"nothing":      {NewReply{Text: "  \n "}, nil, "invalid", "Write something"},
		"too long":     {NewReply{Text: strings.Repeat("👩‍👧", 301)}, nil, "invalid", "301 graphemes; the network takes 300"},
		"placeholder":  {NewReply{Text: "Hi {first_name}, sorry."}, nil, "invalid", "{first_name}"},
		"two braces":   {NewReply{Text: "Hi {{ name }}"}, nil, "invalid", "placeholder"},
		"no such post": {NewReply{Text: "Hi", To: care.MentionID(care.TimeFloor(start))}, nil, "not_found", "not part"},
		"no ending":    {NewReply{Text: "Hi", Then: "resolve"}, nil, "invalid", "Say how the case ended"},
		"free ending":  {NewReply{Text: "Hi", Then: "resolve", Disposition: "Ana was rude"}, nil, "invalid", "Say how"},
		"by hand":      {NewReply{Text: "Hi"}, &care.Permission{How: care.ByHand, Why: "This network wants a person."}, "conflict", "This network wants a person."},
		"not at all":   {NewReply{Text: "Hi"}, &care.Permission{How: care.ByNone, Why: "The window is over."}, "conflict", "The window is over."},
		"no message":   {NewReply{Text: "Hi", Direct: true}, &care.Permission{How: care.ByAPI}, "conflict", "direct message"},
	} {
		was := b.may
		if c.may != nil {
			b.may = *c.may
		}
		a := b.post(auth.Agent, at+"/reply", c.in)
		if b.may = was; a.problem() != c.code || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	if f := b.only(); len(f.ReplyList) != 0 || f.Assignee != "" {
		t.Fatalf("something was written: %+v", f.ReplyList)
	}
	b.post(auth.Agent, at+"/reply", NewReply{Text: strings.Repeat("👩‍👧", 300), Direct: true}).want(200)
}

// A handler that was cut off leaves a draft behind; sending drops it.
func TestADraftIsKeptUntilItIsSent(t *testing.T) {
	b, at := opened(t)
	var d KeptDraft
	b.get(auth.Agent, at+"/draft").want(200).into(&d)
	if !d.KeptAt.IsZero() {
		t.Fatalf("draft before any: %+v", d)
	}
	b.as(auth.Agent, "PUT", at+"/draft", KeptDraft{Text: "Dear An"}).want(204)
	b.get(auth.Agent, at+"/draft").want(200).into(&d)
	if d.Text != "Dear An" || !d.KeptAt.Equal(start) {
		t.Fatalf("draft %+v", d)
	}
	b.get(auth.Lead, at+"/draft").want(200).lacks("Dear An") // it is nobody else's
	b.post(auth.Lead, at+"/claim", nil).want(200)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Dear Ana"}).wantProblem(409, "conflict")
	b.get(auth.Agent, at+"/draft").want(200).contains("Dear An")
	b.post(auth.Lead, at+"/release", nil).want(200)
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Dear Ana"}).want(200)
	b.get(auth.Agent, at+"/draft").want(200).lacks("Dear An")
	b.as(auth.Agent, "PUT", at+"/draft", KeptDraft{Text: "x"}).want(204)
	b.as(auth.Agent, "PUT", at+"/draft", KeptDraft{Text: ""}).want(204)
	b.get(auth.Agent, at+"/draft").want(200).lacks("kept_at")
	b.as(auth.Agent, "PUT", at+"/draft", KeptDraft{Text: "y"}).want(204)
	b.as(auth.Agent, "DELETE", at+"/draft", nil).want(204)
	b.get(auth.Agent, at+"/draft").want(200).lacks("kept_at")
}

func TestACaseIsCalledByIDOrNumber(t *testing.T) {
	b, at := opened(t)
	f := b.only()
	b.get(auth.Viewer, fmt.Sprintf("/cases/%d", f.Number)).want(200).contains(string(f.ID))
	for _, wrong := range []string{"/cases/999999", "/cases/0", "/cases/nobody", "/cases/" + care.TimeFloor(start), "/cases/%2e%2e%2fx", "/cases/99999999999999999999999999"} {
		b.get(auth.Viewer, wrong).wantProblem(404, "not_found")
		b.post(auth.Agent, wrong+"/claim", nil).wantProblem(404, "not_found")
	}
	b.post(auth.Agent, fmt.Sprintf("/cases/%d/claim", f.Number), nil).want(200)
	b.get(auth.Viewer, at).want(200).contains(`"assignee":"agent"`)
}

func TestInputIsChecked(t *testing.T) {
	b, at := opened(t)
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{at + "/note", `{"text":`, 400}, {at + "/note", `{}`, 422}, {at + "/note", `{"text":"x","txet":"y"}`, 422}, {at + "/note", `{"text":7}`, 422},
		{at + "/note", `{"text":"` + strings.Repeat("x", 10001) + `"}`, 422}, {at + "/note", strings.Repeat(" ", 2<<20), 413},
		{at + "/snooze", `{"until":"tomorrow"}`, 422}, {at + "/snooze", `{"until":"2020-01-01T00:00:00Z"}`, 422},
		{at + "/dismiss", `{"reason":"boring"}`, 422}, {at + "/resolve", `{"disposition":"my own words"}`, 422},
		{at + "/assign", `{"to":"nobody"}`, 422}, {at + "/assign", `{"to":"viewer"}`, 422}, {at + "/requeue", `{"queue":"nowhere"}`, 422},
		{at + "/merge", `{"into":"0"}`, 404}, {at + "/split", `{"mentions":[]}`, 422}, {at + "/note", `[]`, 422}, {at + "/note", `null`, 422},
	} {
		if a := b.as(auth.Lead, "POST", c.path, c.body); a.StatusCode != c.status || a.problem() == "" {
			t.Errorf("%s %.60s: %d %.200s", c.path, c.body, a.StatusCode, a.body)
		}
	}
	for _, q := range []string{"?limit=0", "?limit=201", "?limit=x", "?state=lost", "?lane=fast", "?sort=up", "?after=!!"} {
		if a := b.get(auth.Viewer, "/cases"+q); a.StatusCode != 422 && a.StatusCode != 400 {
			t.Errorf("%s: %d %.200s", q, a.StatusCode, a.body)
		}
	}
	if n := len(b.only().Notes); n != 0 {
		t.Errorf("%d notes were kept", n)
	}
}

// A lead sees what each policy would make of the deadlines, and it comes true.
func TestAnotherPolicy(t *testing.T) {
	b, at := opened(t)
	b.setup.Policies = []string{"standard", "fast"}
	b.advance(4 * time.Minute)
	b.get(auth.Agent, at+"/policies").wantProblem(403, "denied")
	var o PolicyOptions
	b.get(auth.Lead, at+"/policies").want(200).into(&o)
	due := func(ts []PolicyClock, k care.TargetKind) time.Time {
		return ts[slices.IndexFunc(ts, func(c PolicyClock) bool { return c.Target == k })].DueAt
	}
	own, fast := o.Policies[0], o.Policies[1]
	if !own.InForce || fast.InForce || !due(own.Targets, care.FirstResponse).Equal(start.Add(30*time.Minute)) || !due(fast.Targets, care.FirstResponse).Equal(start.Add(10*time.Minute)) {
		t.Fatalf("%+v", o)
	}
	if f := b.only(); f.Policy != "standard" || !f.Due.DueAt.Equal(start.Add(30*time.Minute)) {
		t.Fatalf("looking changed it: %+v", f.Due)
	}
	b.post(auth.Lead, at+"/requeue", Requeue{Queue: "billing", Policy: "fast"}).want(200)
	f := b.only()
	if f.Policy != "fast" {
		t.Fatalf("promised by %s", f.Policy)
	}
	for _, target := range f.Targets {
		if !target.DueAt.Equal(due(fast.Targets, target.Target)) {
			t.Errorf("%s: due %s, foretold %s", target.Target, target.DueAt, due(fast.Targets, target.Target))
		}
	}
}
