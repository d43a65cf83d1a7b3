package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// How many there can be of what is named.
const (
	maxNamed   = 500
	maxPhrases = 1_000
	maxPhrase  = 200 // bytes
	maxBrand   = 100 // bytes
)

// validate tells everything that can't work. What was not even readable is left
// out, and what refers to it, so that one mistake is not told as five.
func (p *parser) validate(c *Config) {
	p.numbers(c)
	p.sources(c)
	p.address(c)
	p.public(c)
	p.names(c)
	p.lists(c)
	p.phrases(&c.Classifier)
	p.team(c)
	p.channels(c)
	p.surveys(c)
	p.translation(c)
	p.digests(c)
	p.aim(&c.Classifier)
	p.taxonomy(&c.Classifier)
	p.working(c)
	calendars := p.calendars(c)
	known := namesOf(c.Calendars, func(t sla.Timetable) string { return t.Name })
	for i := range c.Policies[:min(len(c.Policies), maxNamed)] {
		if path := fmt.Sprintf("policies[%d]", i); p.readable(path) && p.known("calendars", len(c.Calendars)) {
			p.problems(path, c.Policies[i].Validate(known))
		}
	}
	if p.readable("routing") && p.known("queues", len(c.Queues)) && p.known("policies", len(c.Policies)) && p.known("calendars", len(c.Calendars)) {
		p.routing(c, known, calendars)
	}
}

// known says that all names of a section could be read, so that one which is not
// among them does not exist.
func (p *parser) known(section string, n int) bool {
	for i := range max(n, 1) {
		if !p.readable(fmt.Sprintf("%s[%d].name", section, i)) {
			return false
		}
	}
	return true
}

// numbers looks at single values.
func (p *parser) numbers(c *Config) {
	if strings.TrimSpace(c.Brand) == "" || len(c.Brand) > maxBrand {
		p.amiss("brand", "write the brand's name, in at most %d bytes", maxBrand)
	}
	p.length("cases.reopen_window", c.Cases.ReopenWindow, 0)
	p.length("cases.late_after", c.Cases.LateAfter, time.Second)
	p.length("cases.undo_for", c.Cases.UndoFor, 0)
	for name, n := range map[string]int{"reach": c.Cases.Viral.Reach, "shares": c.Cases.Viral.Shares, "replies_per_hour": c.Cases.Viral.RepliesPerHour} {
		if n < 0 {
			p.amiss("cases.viral."+name, "%d is less than nothing: write a number, or 0 for no limit", n)
		}
	}
	p.length("retention.mentions", c.Retention.Mentions, time.Second)
	p.length("retention.cases", c.Retention.Cases, time.Second)
	if t := c.Classifier.Threshold; t < 0 || t >= 1 {
		p.amiss("classifier.threshold", "%v is no probability below 1: write one such as 0.6, or 0 for the model's own", t)
	}
}

func (p *parser) length(path string, d, least time.Duration) {
	if d < least {
		p.amiss(path, "%s is too short: at least %s", plain(d.String()), plain(least.String()))
	}
}

// sources looks whether their networks exist and take their settings.
func (p *parser) sources(c *Config) {
	var names []string
	for _, d := range p.kinds.Networks {
		names = append(names, d.Name)
	}
	for i, s := range c.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		p.length(path+".every", s.Every, 100*time.Millisecond)
		if s.Recheck != 0 {
			p.length(path+".recheck", s.Recheck, 10*time.Minute)
		}
		if s.Cap < 0 {
			p.amiss(path+".cap", "it is below zero: write what a day may cost in US dollars, or 0 for no limit")
		}
		if s.AnswerAs != "" && !slices.ContainsFunc(c.Sources, func(o Source) bool { return o.Name == s.AnswerAs && o.Network == s.Network }) {
			p.amiss(path+".answer_as", "there is no source %q on the same network: write the name of one", clip(s.AnswerAs))
		}
		if at := slices.Index(names, s.Network); at >= 0 {
			p.offered(path, p.kinds.Networks[at])
		}
		near := nearest(s.Network, names)
		switch {
		case s.Settings != nil:
			p.account(path+".settings", s.Settings)
		case s.Network == "":
			p.amiss(path+".network", "it is missing: write one of %s", strings.Join(names, ", "))
		case near != "":
			p.amiss(path+".network", "there is no network %q: did you mean %s?", clip(s.Network), near)
		default:
			p.amiss(path+".network", "there is no network %q: write one of %s", clip(s.Network), strings.Join(names, ", "))
		}
	}
}

// account asks settings what is wrong with them.
func (p *parser) account(path string, s interface{ Validate() error }) {
	if !p.readable(path) || p.lacks(path) {
		return
	}
	fields := fieldsOf(reflect.TypeOf(s).Elem())
	for _, err := range each(s.Validate()) {
		// They begin with the setting's name: "handle: missing; …".
		msg := plain(err.Error())
		name := msg[:len(msg)-len(strings.TrimLeft(msg, "abcdefghijklmnopqrstuvwxyz0123456789_"))]
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			p.amiss(path, "%s", msg)
			continue
		}
		p.mistake(path+"."+name, p.line(path+"."+name), "%s.%s", spoken(path), msg)
	}
}

// address looks at where the console listens.
func (p *parser) address(c *Config) {
	_, port, err := net.SplitHostPort(c.Listen)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		p.amiss("listen", "%q is no address to listen at: write 127.0.0.1:8025 for this machine only, :8025 for every network it is on", clip(c.Listen))
	}
}

// public looks at how people reach the console, and removes a slash at the end.
func (p *parser) public(c *Config) {
	if c.PublicURL == "" {
		return
	}
	const setting = "public_url"
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		p.amiss(setting, "write the whole address, such as https://care.example.org")
	case u.User != nil:
		p.amiss(setting, "no name or password belongs in it")
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		p.amiss(setting, "nothing belongs behind the name: the console needs one of its own, such as https://care.example.org")
	case u.Scheme == "http" && !loopback(u.Hostname()) && len(c.TrustedProxies) == 0:
		p.amiss(setting, "write https: http is only for this machine, or with trusted_proxies that take care of https")
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// nameForm is what queues, sources, policies, calendars and lists may be called:
// names stand in keys, addresses and commands.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,62}$`)

// names looks whether names can be names, and each is there once.
func (p *parser) names(c *Config) {
	all := c.named()
	for _, section := range slices.Sorted(maps.Keys(all)) {
		names := all[section]
		if len(names) > maxNamed {
			p.amiss(section, "there are %d, and at most %d are possible", len(names), maxNamed)
			continue
		}
		first := map[string]int{}
		for i, n := range names {
			path := fmt.Sprintf("%s[%d].name", section, i)
			line, twice := first[n]
			switch {
			case !p.sound(path):
			case n == "":
				p.amiss(path, "it is missing: write one such as %s", map[string]string{
					"sources": "bluesky-mentions", "queues": "billing", "policies": "standard", "calendars": "office",
					"people": "ada", "on_call": "first-line", "channels": "leads", "escalations": "standard",
					"digests": "weekly", "alerts": "billing-slow",
				}[section])
			case !nameForm.MatchString(n):
				p.amiss(path, "%q can't be a name: write 1 to 63 small letters, digits, dots, dashes or underscores, such as %s", clip(n), suggestion(n))
			case twice:
				p.amiss(path, "%q is the name in line %d too: names are given once", n, p.place(line).Line)
			default:
				first[n] = p.line(path)
			}
		}
	}
}

// named lists the names in each section that gives some.
func (c *Config) named() map[string][]string {
	return map[string][]string{
		"sources":   namesOf(c.Sources, func(s Source) string { return s.Name }),
		"queues":    namesOf(c.Queues, func(q Queue) string { return q.Name }),
		"policies":  namesOf(c.Policies, func(l sla.Policy) string { return l.Name }),
		"calendars": namesOf(c.Calendars, func(t sla.Timetable) string { return t.Name }),
		"people":    namesOf(c.People, func(s Person) string { return s.Name }),
		"on_call":   namesOf(c.OnCall, func(r sla.Rota) string { return r.Name }),

		"channels":    namesOf(c.Channels, func(h Channel) string { return h.Name }),
		"digests":     namesOf(c.Digests, func(d Digest) string { return d.Name }),
		"alerts":      namesOf(c.Alerts, func(a Alert) string { return a.Name }),
		"escalations": namesOf(c.Escalations, func(e Escalation) string { return e.Name }),

		"acknowledgements": namesOf(c.Acknowledgements, func(a Acknowledgement) string { return a.Name }),
	}
}

func namesOf[T any](list []T, name func(T) string) []string {
	all := make([]string, len(list))
	for i, v := range list {
		all[i] = name(v)
	}
	return all
}

var noName = regexp.MustCompile(`[^a-z0-9]+`)

// suggestion is the nearest that can be a name.
func suggestion(s string) string {
	s = strings.Trim(noName.ReplaceAllString(strings.ToLower(s), "-"), "-")
	if s == "" {
		return "care"
	}
	return strings.Trim(s[:min(len(s), 40)], "-")
}

// lists looks at the authors known beforehand.
func (p *parser) lists(c *Config) {
	if len(c.Lists) > maxNamed {
		p.amiss("lists", "there are %d, and at most %d are possible", len(c.Lists), maxNamed)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.Lists)) {
		path := joined("lists", name)
		if !nameForm.MatchString(name) {
			p.amiss(path, "%q can't be a name: write 1 to 63 small letters, digits, dots, dashes or underscores, such as %s", clip(name), suggestion(name))
		}
		for i, author := range c.Lists[name] {
			at := fmt.Sprintf("%s[%d]", path, i)
			network, handle, ok := strings.Cut(author, "/")
			if p.sound(at) && (!ok || network == "" || strings.Trim(handle, "@ ") == "" || len(author) > maxPhrase) {
				p.amiss(at, "%q is no author: write the network, a slash and the handle, such as bluesky/ana.example.org", clip(author))
			}
		}
	}
}

// phrases looks at what decides before the model does.
func (p *parser) phrases(c *Classifier) {
	always := map[string]int{}
	for _, list := range []struct {
		path string
		all  []string
	}{{"classifier.always", c.Always}, {"classifier.never", c.Never}} {
		if len(list.all) > maxPhrases {
			p.amiss(list.path, "there are %d phrases, and at most %d are possible", len(list.all), maxPhrases)
			continue
		}
		for i, phrase := range list.all {
			path, key := fmt.Sprintf("%s[%d]", list.path, i), strings.ToLower(strings.TrimSpace(phrase))
			line, twice := always[key]
			switch {
			case !p.sound(path):
			case key == "" || len(phrase) > maxPhrase:
				p.amiss(path, "a phrase has 1 to %d bytes", maxPhrase)
			case twice && list.path == "classifier.never":
				p.amiss(path, "%q is in always too, in line %d: remove one", phrase, p.place(line).Line)
			case list.path == "classifier.always":
				always[key] = p.line(path)
			}
		}
	}
}

// calendars makes those that can be made.
func (p *parser) calendars(c *Config) map[string]*sla.Calendar {
	made := map[string]*sla.Calendar{}
	for i, t := range c.Calendars {
		path := fmt.Sprintf("calendars[%d]", i)
		if !p.readable(path) || i >= maxNamed {
			continue
		}
		cal, err := sla.NewCalendar(t)
		p.problems(path, err)
		made[t.Name] = cal
	}
	return made
}

// routing looks at the tree, and whether its examples come out.
func (p *parser) routing(c *Config, calendars []string, made map[string]*sla.Calendar) {
	names := c.named()
	p.problems("routing", c.Routing.Validate(names["queues"], names["policies"], calendars))
	p.conditions(&c.Routing.Tree, "routing.tree", slices.Sorted(maps.Keys(c.Lists)), c.brands())
	if !p.sound("routing", "calendars") {
		return
	}
	tree, err := route.New(c.Routing, made)
	if err != nil {
		p.problems("routing", err)
		return
	}
	p.problems("routing", tree.CheckExamples())
}

// conditions looks whether the author lists and brands that nodes name exist:
// route takes any, and such a node would wait for ever.
func (p *parser) conditions(n *route.Node, path string, lists, brands []string) {
	for _, label := range []struct {
		key, what    string
		given, known []string
	}{{"lists", "author list", n.When.Lists, lists}, {"brand", "brand", n.When.Brand, brands}} {
		for i, v := range label.given {
			at := fmt.Sprintf("%s.when.%s[%d]", path, label.key, i)
			switch near := nearest(v, label.known); {
			case slices.Contains(label.known, v):
			case near != "":
				p.amiss(at, "there is no %s %q: did you mean %s?", label.what, clip(v), near)
			case label.key == "lists":
				p.amiss(at, "there is no author list %q: add it under lists, or leave this out", clip(v))
			default:
				p.amiss(at, "no source is about %q: write one of %s, or leave this out", clip(v), strings.Join(label.known, ", "))
			}
		}
	}
	for i := range n.Routes {
		p.conditions(&n.Routes[i], fmt.Sprintf("%s.routes[%d]", path, i), lists, brands)
	}
}

// brands lists whose mentions there are.
func (c *Config) brands() []string {
	all := []string{c.Brand}
	for _, s := range c.Sources {
		all = append(all, s.Brand)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// problems tells what sla and route found, with the line of each.
func (p *parser) problems(path string, err error) {
	for _, err := range each(err) {
		problem, ok := errors.AsType[*sla.Problem](err)
		if !ok {
			p.amiss(path, "%s", err)
			continue
		}
		if problem.Path == "name" {
			continue // names has told it
		}
		at := strings.TrimSuffix(joined(path, problem.Path), ".")
		p.amiss(at, "%s", p.byLine(at, plain(problem.Msg)))
	}
}

var element = regexp.MustCompile(`[a-z]+\[\d+\]`)

// byLine names what a message refers to by its line: "in exceptions[0]" becomes
// "in the one in line 12".
func (p *parser) byLine(path, msg string) string {
	return element.ReplaceAllStringFunc(msg, func(other string) string {
		for above := path; above != ""; above = above[:max(0, strings.LastIndexAny(above, ".["))] {
			if line, ok := p.lines[joined(above, other)]; ok {
				return fmt.Sprintf("the one in line %d", p.place(line).Line)
			}
		}
		return other
	})
}
