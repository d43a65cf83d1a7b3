package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A Macro is a canned reply, in several languages, with what follows it.
type Macro struct {
	// Name is what the API and commands call it.
	Name string `yaml:"name"`
	// Title is what the console shows; by default the name.
	Title string `yaml:"title"`
	// Queues are those in which it is offered; by default all.
	Queues []string `yaml:"queues"`
	// Texts are by language, with placeholders such as {customer.name}.
	Texts map[string]string `yaml:"texts"`
	// Then is what follows once it is sent: await, resolve or keep; by default as
	// the agent says.
	Then string `yaml:"then"`
	// Disposition is how the case ends, with then: resolve.
	Disposition string `yaml:"disposition"`
	// Tags are put on the case.
	Tags []string `yaml:"tags"`
	// Snooze hides the case for so long; 0: not at all.
	Snooze time.Duration `yaml:"snooze"`
	// Promise is kept track of: call, write, refund, repair or other; Within is by
	// when.
	Promise string        `yaml:"promise"`
	Within  time.Duration `yaml:"within"`
}

func (m *Macro) rule() care.Macro {
	return care.Macro{
		Name: m.Name, Title: m.Title, Queues: m.Queues, Texts: m.Texts, Then: m.Then, Disposition: m.Disposition, Tags: m.Tags,
		Snooze: m.Snooze, Promise: m.Promise, Within: m.Within,
	}
}

// A Disposition is a way in which a case can end.
type Disposition struct {
	// Code is the reason, in one word.
	Code string `yaml:"code"`
	// Queues are those in which it can be chosen; by default all.
	Queues []string `yaml:"queues"`
	// Fields are what has to be told with it, by name.
	Fields []string `yaml:"fields"`
}

// An Approval says which replies a lead has to look at before they leave. All
// that it names has to fit.
type Approval struct {
	// Name is what the case's story calls it.
	Name string `yaml:"name"`
	// Queues, Topics and Urgency are those of the case; by default any.
	Queues  []string       `yaml:"queues"`
	Topics  []string       `yaml:"topics"`
	Urgency []care.Urgency `yaml:"urgency"`
	// Words are phrases in the reply; one of them is enough.
	Words []string `yaml:"words"`
	// Amounts says that the reply names a sum of money.
	Amounts bool `yaml:"amounts"`
}

// A Goodwill is what an agent may give in one case without asking.
type Goodwill struct {
	// Limit is the amount, in whole units of the currency; 0: a lead decides on all.
	Limit float64 `yaml:"limit"`
	// Currency is its code, such as EUR.
	Currency string `yaml:"currency"`
	// Customer is the amount that one person may get so in all their cases within
	// the span; 0: whatever the single cases allow.
	Customer float64 `yaml:"customer"`
	// Within is that span; by default 90d.
	Within time.Duration `yaml:"within"`
}

func (g *Goodwill) rule() care.Limit {
	return care.Limit{
		Amount: hundredths(g.Limit), Currency: g.Currency, Customer: hundredths(g.Customer), Within: cmp.Or(g.Within, 90*24*time.Hour),
	}
}

func hundredths(units float64) int { return int(units*100 + 0.5) }

// macrosIn are the macros of a file beside the configuration.
type macrosIn struct {
	Macros []Macro `yaml:"macros"`
}

// maxMacros bounds how many there are.
const maxMacros = 2_000

// macros reads the files with macros that the configuration names.
func (p *parser) macros(c *Config) {
	for i, file := range c.MacroFiles {
		path := fmt.Sprintf("macro_files[%d]", i)
		b, err := p.beside(file)
		if err != nil {
			p.amiss(path, "%s: %s", file, err)
			continue
		}
		inner, read := newParser(file, Kinds{}), macrosIn{}
		if root := inner.parse(b); root != nil {
			inner.value(root, spot{}, reflect.ValueOf(&read).Elem())
		}
		for n := range read.Macros {
			if what := amiss(c, &read.Macros[n]); what != "" {
				inner.amiss(fmt.Sprintf("macros[%d]", n), "%s", what)
			}
			p.others["macros."+read.Macros[n].Name] = Place{file, inner.line(fmt.Sprintf("macros[%d]", n))}
		}
		for _, err := range each(inner.err()) {
			p.amiss(path, "%s", err)
		}
		c.Macros = append(c.Macros, read.Macros...)
	}
}

// amiss says what can't work about a macro, or "".
func amiss(c *Config, m *Macro) string {
	rule := m.rule()
	promises := []string{"", "call", "write", "refund", "repair", "other"}
	switch what := rule.Amiss(c.Fallbacks); {
	case strings.TrimSpace(m.Name) == "" || strings.ContainsAny(m.Name, "/?#%"):
		return "give it a name without / ? # %"
	case what != "":
		return what
	case !slices.Contains([]string{"", care.ThenAwait, care.ThenResolve, care.ThenKeep}, m.Then):
		return fmt.Sprintf("%q is nothing that can follow: write await, resolve or keep", clip(m.Then))
	case m.Then == care.ThenResolve && m.Disposition == "":
		return "it resolves: write the disposition"
	case m.Disposition != "" && len(c.Dispositions) > 0 && !slices.ContainsFunc(c.Dispositions, func(d Disposition) bool { return d.Code == m.Disposition }):
		return fmt.Sprintf("there is no disposition %q", clip(m.Disposition))
	case !slices.Contains(promises, m.Promise):
		return fmt.Sprintf("%q is no promise: write call, write, refund, repair or other", clip(m.Promise))
	case (m.Promise == "") != (m.Within <= 0):
		return "a promise has both: promise and within"
	case m.Snooze < 0:
		return "snooze is below zero"
	}
	return ""
}

// working looks at macros, dispositions, approvals and goodwill.
func (p *parser) working(c *Config) {
	queues := namesOf(c.Queues, func(q Queue) string { return q.Name })
	if len(c.Macros) > maxMacros {
		p.amiss("macros", "there are %d: at most %d", len(c.Macros), maxMacros)
		c.Macros = c.Macros[:maxMacros]
	}
	names := map[string]bool{}
	for i := range c.Macros {
		path := fmt.Sprintf("macros[%d]", i)
		m := &c.Macros[i]
		if !p.readable(path) {
			continue
		}
		if what := amiss(c, m); what != "" && i < c.ownMacros {
			p.amiss(path, "%s", what)
		}
		if names[m.Name] {
			p.amiss(path+".name", "there are two macros %q", clip(m.Name))
		}
		names[m.Name] = true
		for n, q := range m.Queues {
			p.refers(fmt.Sprintf("%s.queues[%d]", path, n), q, "queue", queues)
		}
	}
	for i, d := range c.Dispositions {
		path := fmt.Sprintf("dispositions[%d]", i)
		if strings.TrimSpace(d.Code) == "" || len(d.Code) > 60 {
			p.amiss(path+".code", "write the reason in one word of at most 60 bytes")
		}
		for n, q := range d.Queues {
			p.refers(fmt.Sprintf("%s.queues[%d]", path, n), q, "queue", queues)
		}
	}
	for i, a := range c.Approvals {
		path := fmt.Sprintf("approvals[%d]", i)
		if a.Name == "" {
			p.amiss(path+".name", "it is missing: what is it called?")
		}
		for n, q := range a.Queues {
			p.refers(fmt.Sprintf("%s.queues[%d]", path, n), q, "queue", queues)
		}
	}
	g := c.Goodwill
	if g.Limit < 0 || g.Limit > 100_000 {
		p.amiss("goodwill.limit", "write 0 to 100000")
	}
	if g.Customer < 0 || g.Customer > 100_000 {
		p.amiss("goodwill.customer", "write 0 to 100000")
	}
	if g.Within != 0 {
		p.length("goodwill.within", g.Within, time.Hour)
	}
	if g.Limit > 0 && len(g.Currency) != 3 || g.Currency != strings.ToUpper(g.Currency) {
		p.amiss("goodwill.currency", "write its code in three capital letters, such as EUR")
	}
}

// Working is what people work with, in the words of care.
type Working struct {
	Macros       []care.Macro
	Fallbacks    care.Fallbacks
	Dispositions []care.Disposition
	Approvals    []care.ApprovalRule
	Limit        care.Limit
	Outside      []string
}

// Working makes it.
func (c *Config) Working() Working {
	w := Working{Fallbacks: c.Fallbacks, Outside: c.Cases.Outside, Limit: c.Goodwill.rule()}
	for i := range c.Macros {
		w.Macros = append(w.Macros, c.Macros[i].rule())
	}
	for _, d := range c.Dispositions {
		w.Dispositions = append(w.Dispositions, care.Disposition(d))
	}
	for _, a := range c.Approvals {
		w.Approvals = append(w.Approvals, care.ApprovalRule(a))
	}
	return w
}
