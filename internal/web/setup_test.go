package web

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// set is a small configuration in force, with names that nobody should trust.
func set(t *testing.T) InForce {
	t.Helper()
	office, err := sla.NewCalendar(sla.Timetable{Name: "office", Zone: "Europe/Berlin", Week: sla.Week{"mon-fri": {{From: 9 * time.Hour, To: 17 * time.Hour}}}})
	if err != nil {
		t.Fatal(err)
	}
	in := InForce{
		File: "/etc/amends.yaml", Calendars: map[string]*sla.Calendar{"office": office}, Known: map[string][]string{"topic": {"billing", `"><b>topic`}},
		Policies: []sla.Policy{{Name: "standard", Calendar: "office", FirstResponse: time.Hour, Resolution: 16 * time.Hour}, {Name: "nothing"}},
		Places:   map[string]string{"everything": "amends.yaml:3", "everything › topic=billing": "amends.yaml:7"},
		Parts:    []SetPart{{ID: "queues", Title: "Queues", Columns: []string{"Queue"}, Rows: []SetRow{{Cells: []string{"<script>care</script>\u202e"}, Place: "amends.yaml:2"}}}},
	}
	if in.Tree, err = route.New(route.Routing{Tree: route.Node{Queue: "care", Policy: "standard", Routes: []route.Node{
		{When: route.Match{Topic: route.OneOf{"billing"}}, Queue: "billing"}, {Name: "loud", When: route.Match{Mood: route.OneOf{"furious"}}, Policy: "nothing"},
	}}}, nil); err != nil {
		t.Fatal(err)
	}
	return in
}

func setUp(t *testing.T) (*bench, string) {
	t.Helper()
	in := set(t)
	b := staffed(t, func(d *Deps) { d.InForce = func(Say) (InForce, error) { return in, nil } })
	return b, b.in(auth.Lead)
}

func TestSetupPage(t *testing.T) {
	b, lead := setUp(t)
	b.browse(lead, "GET", "/setup", nil).want(200).contains("/etc/amends.yaml", "amends.yaml:2", "&lt;script&gt;care&lt;/script&gt;", `href="/setup" aria-current="page"`).lacks("<script>care", "\u202e")
	agent := b.in(auth.Agent)
	for _, at := range []string{"/setup", "/setup/routing", "/setup/deadlines"} {
		b.browse(agent, "GET", at, nil).want(403)
	}
	b.browse(agent, "GET", "/queue", nil).want(200).lacks(`href="/setup"`)
}

func TestTryRoute(t *testing.T) {
	b, lead := setUp(t)
	b.browse(lead, "GET", "/setup/routing", nil).want(200).contains(`name="network"`, `value="furious"`, "&#34;&gt;&lt;b&gt;topic").lacks("<b>topic", `name="brand"`)
	// A Friday, half an hour before the office closes.
	b.browse(lead, "GET", "/setup/routing?topic=billing&at=2026-11-20T15:30:00Z", nil).want(200).
		contains("<b>billing</b>", "everything › topic=billing", "amends.yaml:7", "Monday 23 Nov 2026, 09:30", "Policy standard promises a first response within 1 hour", `value="billing"`)
	b.browse(lead, "GET", "/setup/routing?mood=furious&urgency=safety&urgency=press", nil).want(200).
		contains("<b>Customer care</b>", "critical", "no: Topic", "everything › loud", "promises no first reply", `value="press" checked`)
	for q, says := range map[string]string{
		"severity=dreadful":                     "does not exist",
		"reach=many":                            "not a number of followers",
		"at=yesterday":                          "not an instant",
		"mood=calm&mood=furious":                "give one value",
		"network=%3Cscript%3Ealert(1)&reach=-1": "not a number of followers",
	} {
		b.browse(lead, "GET", "/setup/routing?"+q, nil).want(422).contains(says).lacks("<script>alert")
	}
	b.browse(lead, "GET", "/setup/routing?topic="+strings.Repeat("x", 5000), nil).want(422)
}

func TestTryDeadline(t *testing.T) {
	b, lead := setUp(t)
	b.browse(lead, "GET", "/setup/deadlines", nil).want(200).contains(`<option value="standard"`)
	b.browse(lead, "GET", "/setup/deadlines?policy=standard&at=2026-11-20T16:30:00%2B01:00", nil).want(200).
		contains("First reply", "Monday 23 Nov 2026, 09:30", "Europe/Berlin", "Saturday 21 November 2026 to Sunday 22 November 2026 are closed.", "Resolution", "Tuesday 24 Nov 2026, 16:30").lacks("Next reply")
	b.browse(lead, "GET", "/setup/deadlines?policy=nothing", nil).want(200).contains("promises nothing")
	b.browse(lead, "GET", "/setup/deadlines?policy=%3Cb%3Eno", nil).want(422).contains("no such policy").lacks("<b>no")
	b.browse(lead, "GET", "/setup/deadlines?policy=standard&at=soon", nil).want(422).contains("no instant")
}

func TestSetupWithoutOne(t *testing.T) {
	b := staffed(t)
	lead := b.in(auth.Lead)
	b.browse(lead, "GET", "/setup", nil).want(404)
	b.browse(lead, "GET", "/queue", nil).want(200).lacks(`href="/setup"`)
}
