package route_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

func some(r *rand.Rand, words ...string) route.OneOf {
	if r.IntN(4) > 0 {
		return nil
	}
	return route.OneOf{pick(r, words...), pick(r, words...)}
}

// anyNode makes a tree of any shape; unreachable nodes are dropped by the caller.
func anyNode(r *rand.Rand, depth int) route.Node {
	n := route.Node{When: route.Match{
		Network: some(r, "x", "bluesky", "mastodon"), Language: some(r, "de", "pt", "pt-br", "en"), Topic: some(r, "billing", "refund", "app"),
		Severity: some(r, "low", "high"), Mood: some(r, "calm", "angry"), Urgency: some(r, "legal", "safety", "press"),
		Lists: some(r, "vip", "press", "staff"), Brand: some(r, "acme", "other"),
	}}
	if r.IntN(5) == 0 {
		n.When.MinReach = 1 + r.IntN(3)
	}
	switch r.IntN(8) {
	case 0:
		n.When.During = "office"
	case 1:
		n.When.Outside = "office"
	}
	if r.IntN(2) == 0 {
		n.Queue = "q" + strconv.Itoa(r.IntN(9))
	}
	if r.IntN(3) == 0 {
		n.Policy = "p" + strconv.Itoa(r.IntN(9))
	}
	if r.IntN(4) == 0 {
		n.Lane = care.Lane(pick(r, "ordinary", "critical"))
	}
	if r.IntN(4) == 0 {
		priority := r.IntN(10)
		n.Priority = &priority
	}
	for range r.IntN(1 + 2*depth) {
		n.Routes = append(n.Routes, anyNode(r, depth-1))
	}
	return n
}

func anyTree(r *rand.Rand) route.Node {
	root := anyNode(r, 3)
	root.When, root.Queue = route.Match{}, "root"
	return root
}

func anyLabels(r *rand.Rand) care.Labels {
	l := care.Labels{
		Network: pick(r, "", "x", "bluesky", "mastodon", "feed"), Language: pick(r, "", "de", "pt", "pt-br", "pt-pt", "en", "fr"),
		Topic: pick(r, "", "billing", "refund", "app", "shop"), Severity: care.Severity(pick(r, "", "low", "high")),
		Mood: care.Mood(pick(r, "", "calm", "angry", "furious")), Reach: r.IntN(5), Brand: pick(r, "", "acme", "other", "third"),
	}
	for range r.IntN(3) {
		l.Urgency = append(l.Urgency, care.Urgency(pick(r, "legal", "safety", "press", "viral", "cancellation")))
		l.Lists = append(l.Lists, pick(r, "vip", "press", "staff", "old"))
	}
	if r.IntN(4) > 0 {
		l.At = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(5*24*60)) * time.Minute)
	}
	return l
}

// reference routes straight from what was written, by the words of the docs.
func reference(n *route.Node, from route.Decision, l care.Labels, office *sla.Calendar) route.Decision {
	if n.Queue != "" {
		from.Queue = n.Queue
	}
	if n.Policy != "" {
		from.Policy = n.Policy
	}
	if n.Lane != "" {
		from.Lane = n.Lane
	}
	if n.Priority != nil {
		from.Priority = *n.Priority
	}
	for i := range n.Routes {
		if holds(&n.Routes[i].When, l, office) {
			return reference(&n.Routes[i], from, l, office)
		}
	}
	if from.Lane == "" {
		from.Lane = care.Ordinary
		for _, u := range l.Urgency {
			if u == care.Legal || u == care.Safety || u == care.Viral || u == care.Vulnerable {
				from.Lane = care.Critical
			}
		}
	}
	return from
}

func holds(m *route.Match, l care.Labels, office *sla.Calendar) bool {
	is := func(want route.OneOf, have ...string) bool {
		return len(want) == 0 || slices.ContainsFunc(have, func(h string) bool { return slices.Contains(want, h) })
	}
	var urgency []string
	for _, u := range l.Urgency {
		urgency = append(urgency, string(u))
	}
	language, _, _ := strings.Cut(l.Language, "-")
	timed := !l.At.IsZero()
	return is(m.Network, l.Network) && is(m.Language, l.Language, language) && is(m.Topic, l.Topic) &&
		is(m.Severity, string(l.Severity)) && is(m.Mood, string(l.Mood)) && is(m.Urgency, urgency...) && is(m.Lists, l.Lists...) &&
		is(m.Brand, l.Brand) && l.Reach >= m.MinReach &&
		(m.During == "" || timed && office.Open(l.At)) && (m.Outside == "" || timed && !office.Open(l.At))
}

// valid makes a tree of r's, taking out nodes that Validate says are never reached.
func valid(t *testing.T, root route.Node, calendars map[string]*sla.Calendar) (*route.Tree, route.Node) {
	t.Helper()
	root = reachable(t, root, calendars)
	made, err := route.New(route.Routing{Tree: root}, calendars)
	if err != nil {
		t.Fatal(err)
	}
	return made, root
}

func reachable(t *testing.T, n route.Node, calendars map[string]*sla.Calendar) route.Node {
	t.Helper()
	var kept []route.Node
	for _, child := range n.Routes {
		alone := route.Node{Queue: "q", Routes: append(slices.Clone(kept), route.Node{When: child.When})}
		for i := range alone.Routes {
			alone.Routes[i].Routes = nil
		}
		if _, err := route.New(route.Routing{Tree: alone}, calendars); err == nil {
			kept = append(kept, reachable(t, child, calendars))
		} else if !strings.Contains(err.Error(), "never reached") {
			t.Fatal(err)
		}
	}
	n.Routes = kept
	return n
}

func TestEveryMentionLandsInOneQueue(t *testing.T) {
	calendars := office(t)
	r := rand.New(rand.NewPCG(7, 11))
	reached := 0
	for range 150 {
		root := anyTree(r)
		made, kept := valid(t, root, calendars)
		for range 60 {
			l := anyLabels(r)
			got := made.Route(l)
			want := reference(&root, route.Decision{}, l, calendars["office"]) // with the nodes that are never reached
			if got.Queue != want.Queue || got.Lane != want.Lane || got.Priority != want.Priority || got.Policy != want.Policy {
				t.Fatalf("%+v: %+v goes to %+v, want %+v", kept, l, got, want)
			}
			if got.Queue == "" || got.Lane == "" || got.Path[0] != "everything" {
				t.Fatalf("%+v goes to %+v", l, got)
			}
			if len(got.Path) > 2 {
				reached++
			}
			slices.Reverse(l.Urgency)
			slices.Reverse(l.Lists)
			if again := made.Route(l); !slices.Equal(again.Path, got.Path) {
				t.Fatalf("%+v goes by %v or by %v", l, got.Path, again.Path)
			}
		}
	}
	if reached < 500 {
		t.Errorf("only %d decisions went deeper than one node: the trees test too little", reached)
	}
}

// A node for a network that a mention is not from never changes where it goes,
// wherever in the tree it is added.
func TestUnrelatedNodeChangesNothing(t *testing.T) {
	calendars := office(t)
	r := rand.New(rand.NewPCG(3, 5))
	for range 100 {
		before, root := valid(t, anyTree(r), calendars)
		stranger := route.Node{Name: "stranger", When: route.Match{Network: route.OneOf{"fax"}}, Queue: "fax", Lane: care.Critical}
		after, _ := valid(t, insert(r, root, stranger), calendars)
		for range 40 {
			l := anyLabels(r)
			a, b := before.Route(l), after.Route(l)
			if a.Queue != b.Queue || a.Lane != b.Lane || a.Priority != b.Priority || a.Policy != b.Policy || !slices.Equal(a.Path, b.Path) {
				t.Fatalf("%+v goes to %+v, and with a stranger to %+v", l, a, b)
			}
		}
	}
}

// insert puts a node somewhere into the tree.
func insert(r *rand.Rand, n, stranger route.Node) route.Node {
	n.Routes = slices.Clone(n.Routes)
	if len(n.Routes) > 0 && r.IntN(2) == 0 {
		i := r.IntN(len(n.Routes))
		n.Routes[i] = insert(r, n.Routes[i], stranger)
		return n
	}
	n.Routes = slices.Insert(n.Routes, r.IntN(len(n.Routes)+1), stranger)
	return n
}

func FuzzParseLabels(f *testing.F) {
	f.Add("network=x severity=high urgency=legal,press reach=12000 at=2026-11-20T16:45:00Z")
	f.Add("lists=a,b,c brand== =")
	made := tree(f, brand)
	f.Fuzz(func(t *testing.T, s string) {
		l, err := route.ParseLabels(strings.Fields(s))
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a word")
		}
		if d := made.Route(l); d.Queue == "" {
			t.Fatalf("%+v goes nowhere", l)
		}
	})
}

func BenchmarkRoute(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	labels := make([]care.Labels, 256)
	for i := range labels {
		labels[i] = anyLabels(r)
	}
	run := func(b *testing.B, made *route.Tree) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			made.Route(labels[i%len(labels)])
		}
	}
	b.Run("six nodes", func(b *testing.B) { run(b, tree(b, brand)) })
	wide := route.Node{Queue: "q"}
	for i := range 500 {
		wide.Routes = append(wide.Routes, route.Node{When: route.Match{Topic: route.OneOf{"topic-" + strconv.Itoa(i)}}})
	}
	made, err := route.New(route.Routing{Tree: wide}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("500 siblings, none matches", func(b *testing.B) { run(b, made) })
	b.Run("making it", func(b *testing.B) {
		for b.Loop() {
			if _, err := route.New(route.Routing{Tree: wide}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
