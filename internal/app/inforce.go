package app

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/classifiers/topic"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/web"
)

// inForce is what a configuration sets up, for people to read. The settings of
// networks and channels are left out: keys are among them. Without a language
// the tables are left out too.
func inForce(c *config.Config, say web.Say) (web.InForce, error) {
	rules, err := c.Rules()
	if err != nil {
		return web.InForce{}, err
	}
	t := &teller{c, say}
	in := web.InForce{
		File: c.File(), Tree: rules.Tree, Policies: c.Policies, Calendars: rules.Calendars, Places: map[string]string{},
		Known: map[string][]string{"lists": slices.Sorted(maps.Keys(c.Lists)), "brand": {c.Brand}},
	}
	for _, e := range t.topics() {
		in.Known["topic"] = append(in.Known["topic"], string(e.Name))
	}
	for _, src := range c.Sources {
		in.Known["network"] = append(in.Known["network"], src.Network)
		in.Known["brand"] = append(in.Known["brand"], src.Brand)
	}
	for _, key := range []string{"network", "brand"} {
		slices.Sort(in.Known[key])
		in.Known[key] = slices.Compact(in.Known[key])
	}
	in.Keyless = c.Keyless()
	for _, what := range c.Aside() {
		in.Aside = append(in.Aside, web.SetAside{What: what, Place: Holds(c, what)})
	}
	if say != nil {
		in.Parts = t.parts(rules.Tree, in.Places)
	}
	return in, nil
}

// parts are all tables, in the order in which they are shown.
func (t *teller) parts(tree *route.Tree, places map[string]string) []web.SetPart {
	all := []web.SetPart{
		t.queues(), t.routing(tree, places), t.policies(), t.calendars(), t.escalations(), t.acknowledgements(), t.macros(), t.dispositions(),
		t.taxonomy(), t.channels(), t.notices(), t.people(), t.onCall(), t.surveys(), t.digests(), t.alerts(), t.classifier(), t.sources(), t.lists(), t.fallbacks(), t.cases(),
	}
	for i := range all {
		t.editable(&all[i])
	}
	return all
}

// Holds is the file and line of what holds in place of something that the console
// set up, as [config.Config.Aside] names it.
func Holds(c *config.Config, aside string) string {
	section, rest, _ := strings.Cut(aside, ".")
	at := c.Line(section)
	if rest != "" {
		at = c.Line(section, rest)
	}
	return placed(at)
}

// editable says which part of the configuration the console can change, and of
// its entries those that people did not write.
func (t *teller) editable(p *web.SetPart) {
	if !slices.Contains(config.Editable(), p.ID) {
		return
	}
	p.Edit = p.ID
	if p.Whole = !setup.Several(p.ID); p.Whole {
		return
	}
	for i := range p.Rows {
		name := p.Rows[i].Cells[0]
		if t.ByConsole(p.ID, name) || t.Line(p.ID, name).Line == 0 {
			p.Rows[i].Edit = name
		}
		if p.ID == "channels" {
			p.Rows[i].Test = name
		}
	}
}

// A teller tells a configuration in tables, in the language of who reads them.
type teller struct {
	*config.Config
	say web.Say
}

// each says several things.
func (t *teller) each(english ...string) []string {
	out := make([]string, len(english))
	for i, e := range english {
		out[i] = t.say(e)
	}
	return out
}

// place is where a setting is written, without the folder of the configuration.
func (t *teller) place(section string, more ...string) string {
	p := t.Line(section, more...)
	if p.File == t.File() || t.ByConsole(section, more...) {
		p.File = filepath.Base(p.File)
	}
	if p.Line == 0 {
		return t.say("default")
	}
	return p.String()
}

func row(place string, cells ...string) web.SetRow { return web.SetRow{Cells: cells, Place: place} }

// orAll joins names; none of them means all there are.
func (t *teller) orAll(names []string) string { return cmp.Or(strings.Join(names, ", "), t.say("all")) }

func (t *teller) orNone(s string) string { return cmp.Or(s, t.say("none")) }

// spell writes a length of time; 0 has words of its own, in English.
func (t *teller) spell(d time.Duration, working bool, zero string) string {
	if d == 0 {
		return t.say(zero)
	}
	return config.Spell(d, working)
}

func (t *teller) queues() web.SetPart {
	p := web.SetPart{ID: "queues", Title: t.say("Queues"), About: t.say("The waiting cases of one team each."), Section: "queues",
		Columns: t.each("Queue", "Title", "Who gets its cases", "Untouched goes back after", "Escalation", "Acknowledgement")}
	for _, q := range t.Queues {
		p.Rows = append(p.Rows, row(t.place("queues", q.Name), q.Name, q.Title, t.say(cmp.Or(q.Assign, string(care.ByTaking))), t.spell(q.Untouched, true, "never"), t.orNone(q.Escalation), t.orNone(q.Away)))
	}
	return p
}

// routing tells the tree, and the place of each of its routes.
func (t *teller) routing(tree *route.Tree, places map[string]string) web.SetPart {
	p := web.SetPart{ID: "routing", Title: t.say("Routing"), About: t.say("The first route that fits is taken, and below it again; what one leaves out it has from the one above."), Section: "routing",
		Columns: t.each("Route", "When", "Queue", "Lane", "Priority", "Policy")}
	p.Link(t.say("Try it"), "/setup/routing")
	for _, s := range tree.Stops() {
		at := []string{"tree"}
		if len(s.At) > 0 {
			var below []string
			for _, i := range s.At {
				below = append(below, fmt.Sprintf("routes[%d]", i))
			}
			at = append(at, strings.Join(below, "."))
		}
		d, place := s.Decision, t.place("routing", at...)
		places[strings.Join(d.Path, web.Way)] = place
		if s.When == "always" {
			s.When = t.say(s.When)
		}
		r := row(place, d.Path[len(d.Path)-1], s.When, d.Queue, t.say(cmp.Or(string(d.Lane), "by urgency")), strconv.Itoa(d.Priority), t.orNone(d.Policy))
		r.Depth = len(s.At)
		p.Rows = append(p.Rows, r)
	}
	return p
}

func (t *teller) policies() web.SetPart {
	p := web.SetPart{ID: "policies", Title: t.say("Policies"), About: t.say("What is promised, in working time."), Section: "policies",
		Columns: t.each("Policy", "First reply", "Next reply", "Resolution", "Clock", "Calendar", "At risk with")}
	p.Link(t.say("Try a deadline"), "/setup/deadlines")
	for i := range t.Policies {
		n := t.Policies[i].Normal()
		p.Rows = append(p.Rows, row(t.place("policies", n.Name), n.Name, t.spell(n.FirstResponse, true, "none"), t.spell(n.NextResponse, true, "none"), t.spell(n.Resolution, true, "none"),
			t.say(string(n.Clock)), cmp.Or(n.Calendar, t.say("every hour")), t.say("{span} left", "span", n.AtRisk)))
	}
	return p
}

func (t *teller) calendars() web.SetPart {
	p := web.SetPart{ID: "calendars", Title: t.say("Calendars"), About: t.say("Working hours, by which policies count."), Section: "calendars",
		Columns: t.each("Calendar", "Zone", "Hours", "Holidays", "Exceptions")}
	for i := range t.Calendars {
		c := &t.Calendars[i]
		var hours []string
		for _, days := range slices.Sorted(maps.Keys(c.Week)) {
			hours = append(hours, days+" "+c.Week[days].String())
		}
		p.Rows = append(p.Rows, row(t.place("calendars", c.Name), c.Name, c.Zone, strings.Join(hours, "; "), strconv.Itoa(len(c.Holidays)), strconv.Itoa(len(c.Exceptions))))
	}
	return p
}

func (t *teller) escalations() web.SetPart {
	p := web.SetPart{ID: "escalations", Title: t.say("Escalations"), About: t.say("Who hears of a case that is going wrong, and when."), Section: "escalations",
		Columns: t.each("Escalation", "When", "After", "What happens", "Again", "Hours")}
	for _, e := range t.Escalations {
		for n, s := range e.Steps {
			does, when := []string{}, t.say(s.When)
			if s.Target != "" {
				when += " (" + t.say(s.Target) + ")"
			}
			if s.Raise {
				does = append(does, t.say("raise"))
			}
			for _, what := range [][2]string{{"move to {name}", s.Queue}, {"assign to {name}", s.Assign}, {"tell {name}", strings.Join(s.Notify, ", ")}} {
				if what[1] != "" {
					does = append(does, t.say(what[0], "name", what[1]))
				}
			}
			again := t.say("no")
			if s.Times > 0 {
				again = t.say("{n} times, every {span}", "n", s.Times, "span", config.Spell(s.Repeat, false))
			}
			p.Rows = append(p.Rows, row(t.place("escalations", e.Name, fmt.Sprintf("steps[%d]", n)), e.Name, when, t.spell(s.After, false, "at once"), strings.Join(does, "; "), again, cmp.Or(e.Hours, t.say("any time"))))
		}
	}
	return p
}

func (t *teller) macros() web.SetPart {
	p := web.SetPart{ID: "macros", Title: t.say("Macros"), About: t.say("Canned replies."), Section: "macros", Columns: t.each("Macro", "Title", "Queues", "Languages", "Then")}
	for i := range t.Macros {
		m := &t.Macros[i]
		p.Rows = append(p.Rows, row(t.place("macros", m.Name), m.Name, m.Title, t.orAll(m.Queues), strings.Join(slices.Sorted(maps.Keys(m.Texts)), ", "), t.say(cmp.Or(m.Then, "as the agent says"))))
	}
	return p
}

// topics are those that mentions are sorted by.
func (t *teller) topics() topic.Taxonomy {
	if t.Classifier.Topics != nil {
		return t.Classifier.Topics
	}
	return topic.Default()
}

func (t *teller) taxonomy() web.SetPart {
	p := web.SetPart{ID: "topics", Title: t.say("Topics"), About: t.say("What mentions are sorted by: {file}.", "file", cmp.Or(t.Classifier.Taxonomy, t.say("the taxonomy built in"))), Section: "classifier",
		Columns: t.each("Topic", "About", "Words in")}
	place := t.place("classifier", "taxonomy")
	for _, e := range t.topics() {
		var languages []string
		for _, l := range slices.Sorted(maps.Keys(e.Words)) {
			languages = append(languages, cmp.Or(l, t.say("any")))
		}
		about := e.About
		if t.Classifier.Topics == nil { // ours
			about = t.say(about)
		}
		p.Rows = append(p.Rows, row(place, string(e.Name), about, strings.Join(languages, ", ")))
	}
	return p
}

func (t *teller) sources() web.SetPart {
	p := web.SetPart{ID: "sources", Title: t.say("Sources"), About: t.say("The streams of mentions that are read. Their keys are shown nowhere."), Section: "sources",
		Columns: t.each("Source", "Network", "Brand", "Polled every", "Cap a day", "Answered as")}
	p.Link(t.say("How they are doing"), "/sources")
	for i := range t.Sources {
		s := &t.Sources[i]
		limit := t.say("none")
		if s.Cap > 0 {
			limit = t.say("{n} dollars", "n", strconv.FormatFloat(s.Cap, 'f', 2, 64))
		}
		p.Rows = append(p.Rows, row(t.place("sources", s.Name), s.Name, s.Network, s.Brand, config.Spell(s.Every, false), limit, cmp.Or(s.AnswerAs, s.Name)))
	}
	return p
}
