package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/web"
)

func (t *teller) acknowledgements() web.SetPart {
	p := web.SetPart{ID: "acknowledgements", Title: t.say("Acknowledgements"), About: t.say("What customers hear by itself while nobody is there."), Section: "acknowledgements",
		Columns: t.each("Acknowledgement", "Somebody is there", "After", "Languages")}
	for i := range t.Acknowledgements {
		a := &t.Acknowledgements[i]
		p.Rows = append(p.Rows, row(t.place("acknowledgements", a.Name), a.Name, a.Hours, t.spell(a.After, false, "2m"), strings.Join(slices.Sorted(maps.Keys(a.Texts)), ", ")))
	}
	return p
}

func (t *teller) dispositions() web.SetPart {
	p := web.SetPart{ID: "dispositions", Title: t.say("Dispositions"), About: t.say("How a case can end."), Section: "dispositions", Columns: t.each("Disposition", "Shown as", "Queues", "Has to be told")}
	for _, d := range t.Dispositions {
		p.Rows = append(p.Rows, row(t.place("dispositions", d.Code), d.Code, t.say(d.Code), t.orAll(d.Queues), t.orNone(strings.Join(d.Fields, ", "))))
	}
	if len(t.Dispositions) == 0 {
		for _, code := range care.DefaultDispositions() {
			p.Rows = append(p.Rows, row(t.say("default"), code, t.say(code), t.say("all"), t.say("none")))
		}
	}
	return p
}

// channels leaves out whom a channel tells: whoever knows the name of a topic
// may read it.
func (t *teller) channels() web.SetPart {
	p := web.SetPart{ID: "channels", Title: t.say("Channels"), About: t.say("Ways in which the team is told. Their keys and addresses are shown nowhere."), Section: "channels",
		Columns: t.each("Channel", "Kind", "Hears of sources")}
	for i := range t.Channels {
		c := &t.Channels[i]
		p.Rows = append(p.Rows, row(t.place("channels", c.Name), c.Name, c.Kind, t.yes(c.Sources)))
	}
	return p
}

func (t *teller) yes(b bool) string {
	if b {
		return t.say("yes")
	}
	return t.say("no")
}

// named is a table of single settings.
func (t *teller) named(id, title, about, section string) web.SetPart {
	return web.SetPart{ID: id, Title: t.say(title), About: t.say(about), Section: section, Columns: t.each("Setting", "Value")}
}

// minute is how an instant with its zone is written, whatever the language.
const minute = "2006-01-02 15:04 MST"

func (t *teller) notices() web.SetPart {
	p := t.named("notices", "Notices", "What belongs in one message, and when it is sent.", "notices")
	n := &t.Notices
	p.Rows = []web.SetRow{
		row(t.place("notices", "by"), t.say("grouped by"), strings.Join(t.each(n.By...), ", ")),
		row(t.place("notices", "wait"), t.say("a new group waits"), config.Spell(n.Wait, false)),
		row(t.place("notices", "interval"), t.say("between two messages"), config.Spell(n.Interval, false)),
	}
	for i, s := range n.Silences {
		why := s.Why
		if why != "" {
			why = t.say(why)
		}
		about := strings.Join(slices.DeleteFunc([]string{s.Queue, why}, func(v string) bool { return v == "" }), ", ")
		p.Rows = append(p.Rows, row(t.place("notices", fmt.Sprintf("silences[%d]", i)), t.say("silent about {what}", "what", about),
			t.say("{from} to {to}", "from", s.From.Format(minute), "to", s.Until.Format(minute))))
	}
	return p
}

func (t *teller) people() web.SetPart {
	p := web.SetPart{ID: "people", Title: t.say("People"), About: t.say("Which cases somebody can be given by a rule. Who may sign in is no matter of the file."), Section: "people",
		Columns: t.each("Person", "Queues", "Languages", "Skills", "Open cases at most", "Shift")}
	for i := range t.People {
		s := &t.People[i]
		most := t.say("any number")
		if s.Capacity > 0 {
			most = strconv.Itoa(s.Capacity)
		}
		p.Rows = append(p.Rows, row(t.place("people", s.Name), s.Name, t.orAll(s.Queues), cmp.Or(strings.Join(s.Languages, ", "), t.say("those of the account")), t.orNone(strings.Join(s.Skills, ", ")), most, cmp.Or(s.Shift, t.say("always"))))
	}
	return p
}

func (t *teller) onCall() web.SetPart {
	p := web.SetPart{ID: "on_call", Title: t.say("On call"), About: t.say("Who takes turns."), Section: "on_call", Columns: t.each("Rota", "People", "A turn is", "Turns begin", "Zone", "Since")}
	for i := range t.OnCall {
		r := &t.OnCall[i]
		turn := t.say("{n} days", "n", r.Days)
		if r.Days == 1 {
			turn = t.say("1 day")
		}
		p.Rows = append(p.Rows, row(t.place("on_call", r.Name), r.Name, strings.Join(r.People, ", "), turn, fmt.Sprintf("%02d:%02d", int(r.At.Hours()), int(r.At.Minutes())%60), r.Zone, r.Since.String()))
	}
	return p
}

func (t *teller) surveys() web.SetPart {
	p := web.SetPart{ID: "surveys", Title: t.say("Surveys"), About: t.say("When customers are asked how it went."), Section: "surveys", Columns: t.each("Queues", "Question", "After", "Share")}
	for i, r := range t.Surveys.Rules {
		p.Rows = append(p.Rows, row(t.place("surveys", fmt.Sprintf("rules[%d]", i)), t.orAll(r.Queues), t.say(r.Ask), t.spell(r.After, false, "at once"), strconv.FormatFloat(100*r.Share, 'f', -1, 64)+" %"))
	}
	return p
}

func (t *teller) digests() web.SetPart {
	p := web.SetPart{ID: "digests", Title: t.say("Digests"), About: t.say("Figures by a schedule."), Section: "digests", Columns: t.each("Digest", "Each", "On", "At", "Queue", "Goes to")}
	for i := range t.Digests {
		d := &t.Digests[i]
		p.Rows = append(p.Rows, row(t.place("digests", d.Name), d.Name, t.say(d.Each), cmp.Or(d.On, t.say("the first day")), strings.TrimSpace(d.At+" "+d.Zone), cmp.Or(d.Queue, t.say("all")), strings.Join(d.Channels, ", ")))
	}
	return p
}

func (t *teller) alerts() web.SetPart {
	p := web.SetPart{ID: "alerts", Title: t.say("Alerts"), About: t.say("Figures that are watched."), Section: "alerts", Columns: t.each("Alert", "Figure", "Rings", "Over", "Queue", "Tells")}
	for i := range t.Alerts {
		a := &t.Alerts[i]
		limit := t.say("above {limit}", "limit", a.Above)
		if a.Above == "" {
			limit = t.say("below {limit}", "limit", a.Below)
		}
		p.Rows = append(p.Rows, row(t.place("alerts", a.Name), a.Name, a.Figure, limit, config.Spell(a.Over, false), cmp.Or(a.Queue, t.say("all")), strings.Join(a.Channels, ", ")))
	}
	return p
}

func (t *teller) classifier() web.SetPart {
	p := t.named("classifier", "Threshold", "From when on a mention is a complaint.", "classifier")
	p.Link(t.say("Model, and what a threshold costs"), "/model")
	c := &t.Classifier
	threshold := t.say("the model's own, as the reviews move it")
	if c.Threshold > 0 {
		threshold = strconv.FormatFloat(c.Threshold, 'f', -1, 64)
	}
	p.Rows = []web.SetRow{row(t.place("classifier", "threshold"), t.say("threshold"), threshold)}
	for _, a := range []struct {
		key, says string
		n         float64
	}{{"miss_at_most", "miss at most, of 100 complaints", c.Aim.MissAtMost}, {"false_at_most", "flag in vain at most, per agent and day", c.Aim.FalseAtMost}} {
		if a.n > 0 {
			p.Rows = append(p.Rows, row(t.place("classifier", "aim", a.key), t.say(a.says), strconv.FormatFloat(a.n, 'f', -1, 64)))
		}
	}
	share := func(f float64) string { return strconv.FormatFloat(100*f, 'f', -1, 64) + " %" }
	p.Rows = append(p.Rows,
		row(t.place("classifier", "review", "unflagged"), t.say("looked at, of what was not flagged"), share(c.Review.Unflagged)),
		row(t.place("classifier", "review", "dismissed"), t.say("looked at again, of what was dismissed"), share(c.Review.Dismissed)),
		row(t.place("classifier", "always"), t.say("phrases that always make a complaint"), t.orNone(strings.Join(c.Always, "; "))),
		row(t.place("classifier", "never"), t.say("phrases that never make one"), t.orNone(strings.Join(c.Never, "; "))))
	return p
}

func (t *teller) lists() web.SetPart {
	p := web.SetPart{ID: "lists", Title: t.say("Author lists"), About: t.say("Authors known beforehand, such as VIPs, press and staff. Whoever is on do-not-contact is not written to."), Section: "lists", Columns: t.each("List", "Authors")}
	for _, name := range slices.Sorted(maps.Keys(t.Lists)) {
		p.Rows = append(p.Rows, row(t.place("lists", name), name, strconv.Itoa(len(t.Lists[name]))))
	}
	return p
}

func (t *teller) fallbacks() web.SetPart {
	p := web.SetPart{ID: "fallbacks", Title: t.say("Fallbacks"), About: t.say("What stands for a placeholder of a macro whose value is not known."), Section: "macros", Columns: t.each("Language", "Placeholders")}
	for _, language := range slices.Sorted(maps.Keys(t.Fallbacks)) {
		p.Rows = append(p.Rows, row(t.place("fallbacks", language), language, strings.Join(slices.Sorted(maps.Keys(t.Fallbacks[language])), ", ")))
	}
	return p
}

func (t *teller) cases() web.SetPart {
	p := t.named("cases", "Every case", "What holds for all of them, and how long things are kept.", "cases and retention")
	c, v := &t.Cases, &t.Cases.Viral
	p.Rows = []web.SetRow{
		row(t.place("cases", "reopen_window"), t.say("a new mention reopens within"), t.spell(c.ReopenWindow, false, "never")),
		row(t.place("cases", "late_after"), t.say("a mention is late from"), config.Spell(c.LateAfter, false)),
		row(t.place("cases", "undo_for"), t.say("a reply can be undone for"), t.spell(c.UndoFor, false, "not at all")),
		row(t.place("cases", "viral", "reach"), t.say("viral from so many followers"), strconv.Itoa(v.Reach)),
		row(t.place("cases", "viral", "shares"), t.say("viral from so many shares"), strconv.Itoa(v.Shares)),
		row(t.place("cases", "viral", "replies_per_hour"), t.say("viral from so many replies an hour"), strconv.Itoa(v.RepliesPerHour)),
	}
	p.Rows = append(p.Rows, row(t.place("known_issues", "escalation"), t.say("escalation of known issues"), cmp.Or(t.KnownIssues.Escalation, t.say("the first that tells of promises"))))
	for i := range t.Approvals {
		a := &t.Approvals[i]
		p.Rows = append(p.Rows, row(t.place("approvals", a.Name), t.say("a lead looks at replies"), a.Name))
	}
	if g := &t.Goodwill; g.Limit > 0 {
		p.Rows = append(p.Rows, row(t.place("goodwill", "limit"), t.say("goodwill without asking"), strconv.FormatFloat(g.Limit, 'f', -1, 64)+" "+g.Currency))
	}
	p.Rows = append(p.Rows, row(t.place("retention", "mentions"), t.say("mentions in no case are kept"), config.Spell(t.Retention.Mentions, false)),
		row(t.place("retention", "cases"), t.say("texts of a case are kept after its end"), config.Spell(t.Retention.Cases, false)))
	return p
}
