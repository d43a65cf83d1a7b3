package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/web"
)

func (t *teller) acknowledgements() web.SetPart {
	p := web.SetPart{ID: "acknowledgements", Title: "Acknowledgements", About: "What customers hear by itself while nobody is there.", Section: "acknowledgements",
		Columns: []string{"Acknowledgement", "Somebody is there", "After", "Languages"}}
	for i := range t.Acknowledgements {
		a := &t.Acknowledgements[i]
		p.Rows = append(p.Rows, row(t.place("acknowledgements", a.Name), a.Name, a.Hours, spell(a.After, false, "2m"), strings.Join(slices.Sorted(maps.Keys(a.Texts)), ", ")))
	}
	return p
}

func (t *teller) dispositions() web.SetPart {
	p := web.SetPart{ID: "dispositions", Title: "Dispositions", About: "How a case can end.", Section: "dispositions", Columns: []string{"Disposition", "Queues", "Has to be told"}}
	for _, d := range t.Dispositions {
		p.Rows = append(p.Rows, row(t.place("dispositions", d.Code), d.Code, orAll(d.Queues), orNone(strings.Join(d.Fields, ", "))))
	}
	if len(t.Dispositions) == 0 {
		for _, code := range web.DefaultDispositions() {
			p.Rows = append(p.Rows, row(config.Place{}.String(), code, "all", "none"))
		}
	}
	return p
}

// channels leaves out whom a channel tells: whoever knows the name of a topic
// may read it.
func (t *teller) channels() web.SetPart {
	p := web.SetPart{ID: "channels", Title: "Channels", About: "Ways in which the team is told. Their keys and addresses are shown nowhere.", Section: "channels",
		Columns: []string{"Channel", "Kind", "Hears of sources"}}
	for i := range t.Channels {
		c := &t.Channels[i]
		p.Rows = append(p.Rows, row(t.place("channels", c.Name), c.Name, c.Kind, yes(c.Sources)))
	}
	return p
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// named is a table of single settings.
func named(id, title, about, section string) web.SetPart {
	return web.SetPart{ID: id, Title: title, About: about, Section: section, Columns: []string{"Setting", "Value"}}
}

func (t *teller) notices() web.SetPart {
	p := named("notices", "Notices", "What belongs in one message, and when it is sent.", "notices")
	n := &t.Notices
	p.Rows = []web.SetRow{
		row(t.place("notices", "by"), "grouped by", strings.Join(n.By, ", ")),
		row(t.place("notices", "wait"), "a new group waits", config.Spell(n.Wait, false)),
		row(t.place("notices", "interval"), "between two messages", config.Spell(n.Interval, false)),
	}
	for i, s := range n.Silences {
		about := strings.Join(slices.DeleteFunc([]string{s.Queue, s.Why}, func(v string) bool { return v == "" }), ", ")
		p.Rows = append(p.Rows, row(t.place("notices", fmt.Sprintf("silences[%d]", i)), "silent about "+about,
			s.From.Format("2 Jan 2006 15:04 MST")+" to "+s.Until.Format("2 Jan 2006 15:04 MST")))
	}
	return p
}

func (t *teller) people() web.SetPart {
	p := web.SetPart{ID: "people", Title: "People", About: "Which cases somebody can be given by a rule. Who may sign in is no matter of the file.", Section: "people",
		Columns: []string{"Person", "Queues", "Languages", "Skills", "Open cases at most", "Shift"}}
	for i := range t.People {
		s := &t.People[i]
		most := "any number"
		if s.Capacity > 0 {
			most = strconv.Itoa(s.Capacity)
		}
		p.Rows = append(p.Rows, row(t.place("people", s.Name), s.Name, orAll(s.Queues), cmp.Or(strings.Join(s.Languages, ", "), "those of the account"), orNone(strings.Join(s.Skills, ", ")), most, cmp.Or(s.Shift, "always")))
	}
	return p
}

func (t *teller) onCall() web.SetPart {
	p := web.SetPart{ID: "on_call", Title: "On call", About: "Who takes turns.", Section: "on_call", Columns: []string{"Rota", "People", "A turn is", "Turns begin", "Zone", "Since"}}
	for i := range t.OnCall {
		r := &t.OnCall[i]
		turn := fmt.Sprintf("%d days", r.Days)
		if r.Days == 1 {
			turn = "1 day"
		}
		p.Rows = append(p.Rows, row(t.place("on_call", r.Name), r.Name, strings.Join(r.People, ", "), turn, fmt.Sprintf("%02d:%02d", int(r.At.Hours()), int(r.At.Minutes())%60), r.Zone, r.Since.String()))
	}
	return p
}

func (t *teller) surveys() web.SetPart {
	p := web.SetPart{ID: "surveys", Title: "Surveys", About: "When customers are asked how it went.", Section: "surveys", Columns: []string{"Queues", "Question", "After", "Share"}}
	for i, r := range t.Surveys.Rules {
		p.Rows = append(p.Rows, row(t.place("surveys", fmt.Sprintf("rules[%d]", i)), orAll(r.Queues), r.Ask, spell(r.After, false, "at once"), strconv.FormatFloat(100*r.Share, 'f', -1, 64)+" %"))
	}
	return p
}

func (t *teller) digests() web.SetPart {
	p := web.SetPart{ID: "digests", Title: "Digests", About: "Figures by a schedule.", Section: "digests", Columns: []string{"Digest", "Each", "On", "At", "Queue", "Goes to"}}
	for i := range t.Digests {
		d := &t.Digests[i]
		p.Rows = append(p.Rows, row(t.place("digests", d.Name), d.Name, d.Each, cmp.Or(d.On, "the first day"), strings.TrimSpace(d.At+" "+d.Zone), cmp.Or(d.Queue, "all"), strings.Join(d.Channels, ", ")))
	}
	return p
}

func (t *teller) alerts() web.SetPart {
	p := web.SetPart{ID: "alerts", Title: "Alerts", About: "Figures that are watched.", Section: "alerts", Columns: []string{"Alert", "Figure", "Rings", "Over", "Queue", "Tells"}}
	for i := range t.Alerts {
		a := &t.Alerts[i]
		limit := "above " + a.Above
		if a.Above == "" {
			limit = "below " + a.Below
		}
		p.Rows = append(p.Rows, row(t.place("alerts", a.Name), a.Name, a.Figure, limit, config.Spell(a.Over, false), cmp.Or(a.Queue, "all"), strings.Join(a.Channels, ", ")))
	}
	return p
}

func (t *teller) classifier() web.SetPart {
	p := named("classifier", "Threshold", "From when on a mention is a complaint.", "classifier")
	p.Link("Model, and what a threshold costs", "/model")
	c := &t.Classifier
	threshold := "the model's own, as the reviews move it"
	if c.Threshold > 0 {
		threshold = strconv.FormatFloat(c.Threshold, 'f', -1, 64)
	}
	p.Rows = []web.SetRow{row(t.place("classifier", "threshold"), "threshold", threshold)}
	for _, a := range []struct {
		key, says string
		n         float64
	}{{"miss_at_most", "miss at most, of 100 complaints", c.Aim.MissAtMost}, {"false_at_most", "flag in vain at most, per agent and day", c.Aim.FalseAtMost}} {
		if a.n > 0 {
			p.Rows = append(p.Rows, row(t.place("classifier", "aim", a.key), a.says, strconv.FormatFloat(a.n, 'f', -1, 64)))
		}
	}
	share := func(f float64) string { return strconv.FormatFloat(100*f, 'f', -1, 64) + " %" }
	p.Rows = append(p.Rows,
		row(t.place("classifier", "review", "unflagged"), "looked at, of what was not flagged", share(c.Review.Unflagged)),
		row(t.place("classifier", "review", "dismissed"), "looked at again, of what was dismissed", share(c.Review.Dismissed)),
		row(t.place("classifier", "always"), "phrases that always make a complaint", orNone(strings.Join(c.Always, "; "))),
		row(t.place("classifier", "never"), "phrases that never make one", orNone(strings.Join(c.Never, "; "))))
	return p
}

func (t *teller) lists() web.SetPart {
	p := web.SetPart{ID: "lists", Title: "Author lists", About: "Authors known beforehand, such as VIPs, press and staff. Whoever is on do-not-contact is not written to.", Section: "lists", Columns: []string{"List", "Authors"}}
	for _, name := range slices.Sorted(maps.Keys(t.Lists)) {
		p.Rows = append(p.Rows, row(t.place("lists", name), name, strconv.Itoa(len(t.Lists[name]))))
	}
	return p
}

func (t *teller) fallbacks() web.SetPart {
	p := web.SetPart{ID: "fallbacks", Title: "Fallbacks", About: "What stands for a placeholder of a macro whose value is not known.", Section: "macros", Columns: []string{"Language", "Placeholders"}}
	for _, language := range slices.Sorted(maps.Keys(t.Fallbacks)) {
		p.Rows = append(p.Rows, row(t.place("fallbacks", language), language, strings.Join(slices.Sorted(maps.Keys(t.Fallbacks[language])), ", ")))
	}
	return p
}

func (t *teller) cases() web.SetPart {
	p := named("cases", "Every case", "What holds for all of them, and how long things are kept.", "cases and retention")
	c, v := &t.Cases, &t.Cases.Viral
	p.Rows = []web.SetRow{
		row(t.place("cases", "reopen_window"), "a new mention reopens within", spell(c.ReopenWindow, false, "never")),
		row(t.place("cases", "late_after"), "a mention is late from", config.Spell(c.LateAfter, false)),
		row(t.place("cases", "undo_for"), "a reply can be undone for", spell(c.UndoFor, false, "not at all")),
		row(t.place("cases", "viral", "reach"), "viral from so many followers", strconv.Itoa(v.Reach)),
		row(t.place("cases", "viral", "shares"), "viral from so many shares", strconv.Itoa(v.Shares)),
		row(t.place("cases", "viral", "replies_per_hour"), "viral from so many replies an hour", strconv.Itoa(v.RepliesPerHour)),
	}
	p.Rows = append(p.Rows, row(t.place("known_issues", "escalation"), "escalation of known issues", cmp.Or(t.KnownIssues.Escalation, "the first that tells of promises")))
	for i := range t.Approvals {
		a := &t.Approvals[i]
		p.Rows = append(p.Rows, row(t.place("approvals", a.Name), "a lead looks at replies", a.Name))
	}
	if g := &t.Goodwill; g.Limit > 0 {
		p.Rows = append(p.Rows, row(t.place("goodwill", "limit"), "goodwill without asking", strconv.FormatFloat(g.Limit, 'f', -1, 64)+" "+g.Currency))
	}
	p.Rows = append(p.Rows, row(t.place("retention", "mentions"), "mentions in no case are kept", config.Spell(t.Retention.Mentions, false)),
		row(t.place("retention", "cases"), "texts of a case are kept after its end", config.Spell(t.Retention.Cases, false)))
	return p
}
