package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/translate"
)

const (
	maxFile     = 4 << 20 // bytes of a configuration file
	maxMistakes = 100     // that are told at once
)

// A Mistake is one thing that is wrong in a file.
type Mistake struct {
	File    string
	Line    int    // 0: the file as a whole
	Setting string // policies[1].clock, as far as it is known
	Msg     string // what is wrong and how to mend it

	at int // its line in both files
}

func (m *Mistake) Error() string {
	if m.Line == 0 {
		return fmt.Sprintf("%s: %s", m.File, m.Msg)
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Msg)
}

// Load reads a configuration from a file. The error joins a *[Mistake] for
// each thing that is wrong, by line.
func Load(path string, kinds Kinds) (*Config, error) { return LoadLayers(path, "", kinds) }

// Parse is Load for the content of a file. name is used in errors, and its
// folder is where relative paths in the file begin. An empty file is [Default].
func Parse(name string, b []byte, kinds Kinds) (*Config, error) {
	return ParseLayers(Layer{name, b}, Layer{}, kinds)
}

// Kinds are what sources and channels there can be.
type Kinds struct {
	Networks    []network.Driver
	Channels    []notify.Driver
	Translators []translate.Driver
	Figures     map[string]string // that can be watched, as page/table/column, and their units
}

func newParser(name string, kinds Kinds) *parser {
	return &parser{name: name, kinds: kinds, lines: map[string]int{}, others: map[string]Place{}, foreign: map[string]part{}, fields: map[reflect.Type][]field{}}
}

// config reads the tree of what the files say; nil: they say nothing.
func (p *parser) config(root *yaml.Node) (*Config, error) {
	c := &Config{}
	c.setDefaults()
	if root != nil {
		p.root(root, c)
	}
	c.complete()
	if !p.full {
		p.validate(c)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	c.written = p.written(c)
	for i, s := range c.Sources {
		p.lacking(c, fmt.Sprintf("sources[%d]", i), "sources."+s.Name)
	}
	for i, h := range c.Channels {
		p.lacking(c, fmt.Sprintf("channels[%d]", i), "channels."+h.Name)
	}
	return c, nil
}

// A parser gathers what is found on the way through a file.
type parser struct {
	name    string
	own     string // the console's file, whose lines begin at ownLines
	kinds   Kinds
	aside   []string        // what of the console's file gives way to the other
	lines   map[string]int  // of each setting
	foreign map[string]part // parts of the file that a driver reads
	fields  map[reflect.Type][]field
	others  map[string]Place // of what stands in files beside it
	secrets []string         // that were read
	keyless []string         // settings whose secret the console kept, and it is gone
	values  int              // so many were read
	full    bool             // it makes no sense to go on
	more    bool             // there are more mistakes than are told
	bad     []*Mistake
	unread  int // the first so many of bad are about what could not even be read
}

// A part is a stretch of the file.
type part struct {
	node *yaml.Node
	at   spot
}

// root reads the whole file.
func (p *parser) root(root *yaml.Node, c *Config) {
	if root.Kind != yaml.MappingNode && root.Tag != "!!null" {
		p.mistake("", root.Line, "a configuration is settings, each with its name: “brand: Acme”, “queues: …”")
		return
	}
	p.value(root, spot{}, reflect.ValueOf(c).Elem())
	for i := range c.Sources {
		p.settingsOf(fmt.Sprintf("sources[%d].settings", i), &c.Sources[i])
	}
	for i := range c.Channels {
		p.settingsOfChannel(fmt.Sprintf("channels[%d].settings", i), &c.Channels[i])
	}
	p.settingsOfTranslation(&c.Translation)
	p.unread = len(p.bad)
	p.holidays(c)
	c.ownMacros = len(c.Macros)
	p.macros(c)
}

// settingsOf reads the settings that the driver of a source has.
func (p *parser) settingsOf(path string, s *Source) {
	i := slices.IndexFunc(p.kinds.Networks, func(d network.Driver) bool { return d.Name == s.Network })
	if i < 0 {
		return // validate tells it
	}
	s.Settings = p.kinds.Networks[i].Settings()
	p.readForeign(path, s.Settings)
}

// settingsOfChannel reads the settings that the driver of a channel has.
func (p *parser) settingsOfChannel(path string, c *Channel) {
	i := slices.IndexFunc(p.kinds.Channels, func(d notify.Driver) bool { return d.Name == c.Kind })
	if i < 0 {
		return // validate tells it
	}
	c.Settings = p.kinds.Channels[i].Settings()
	p.readForeign(path, c.Settings)
}

// readForeign reads a part of the file that was laid aside.
func (p *parser) readForeign(path string, into any) {
	if given, ok := p.foreign[path]; ok {
		p.value(given.node, given.at, reflect.ValueOf(into).Elem())
	}
}

// mistake tells one thing that is wrong.
func (p *parser) mistake(setting string, line int, format string, args ...any) {
	if len(p.bad) >= maxMistakes {
		p.full, p.more = true, true
		return
	}
	at := p.place(line)
	p.bad = append(p.bad, &Mistake{File: at.File, Line: at.Line, Setting: setting, Msg: oneLine(p.scrub(fmt.Sprintf(format, args...))), at: line})
}

// oneLine keeps what stands in the file from drawing lines of its own on a
// terminal or in a log.
func oneLine(msg string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, msg)
}

// wrong tells what is wrong with a setting, by its name.
func (p *parser) wrong(at spot, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if name := spoken(at.path); name != "" {
		msg = name + ": " + msg
	}
	p.mistake(at.path, at.line, "%s", msg)
}

// amiss tells what is wrong with a setting that was read before. One that could
// not be read has had its mistake.
func (p *parser) amiss(path, format string, args ...any) {
	if !slices.ContainsFunc(p.bad[:p.unread], func(m *Mistake) bool { return within(path, m.Setting) }) {
		p.wrong(spot{path: path, line: p.line(path)}, format, args...)
	}
}

// readable says that all of these could be read, as far as they are written.
func (p *parser) readable(paths ...string) bool {
	return !slices.ContainsFunc(p.bad[:p.unread], func(m *Mistake) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return within(m.Setting, path) || within(path, m.Setting) })
	})
}

// sound says that nothing was found wrong with any of these so far.
func (p *parser) sound(paths ...string) bool {
	return !slices.ContainsFunc(p.bad, func(m *Mistake) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return within(m.Setting, path) })
	})
}

// within says that a setting is another, or a part of it.
func within(setting, of string) bool {
	rest, ok := strings.CutPrefix(setting, of)
	return ok && of != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// which are the parts of a path that say which of several is meant: in a
// message the line does.
var which = regexp.MustCompile(`^routing\.tree(\.routes\[\d+\])*|\[\d+\]`)

// spoken is how a message calls a setting.
func spoken(path string) string {
	return which.ReplaceAllStringFunc(path, func(part string) string {
		if part[0] == 'r' {
			return "routing"
		}
		return ""
	})
}

// line is where a setting stands, or the nearest above it that is written.
func (p *parser) line(path string) int {
	for path != "" {
		if line, ok := p.lines[path]; ok {
			return line
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}

// err joins the mistakes by line. The same one is told once, however often & and
// * repeat it.
func (p *parser) err() error {
	slices.SortStableFunc(p.bad, func(a, b *Mistake) int { return cmp.Compare(a.at, b.at) })
	told := map[string]bool{}
	var all []error
	for _, m := range p.bad {
		if text := m.Error(); !told[text] {
			told[text] = true
			all = append(all, m)
		}
	}
	if p.more {
		all = append(all, &Mistake{File: p.name, Msg: fmt.Sprintf("there are more than %d mistakes: mend these first", maxMistakes)})
	}
	return errors.Join(all...)
}

// holidays reads the iCal files that calendars name.
func (p *parser) holidays(c *Config) {
	for i := range c.Calendars {
		t := &c.Calendars[i]
		for j, file := range t.ICal {
			path := fmt.Sprintf("calendars[%d].ical[%d]", i, j)
			if byConsole(p.line(path)) {
				p.amiss(path, "a file can't be read by the console: write the holidays here, or the calendar in the configuration file")
				continue
			}
			b, err := p.beside(file)
			if err != nil {
				p.amiss(path, "%s: %s", file, err)
				continue
			}
			days, _, err := sla.ParseICal(b)
			for _, err := range each(err) {
				p.amiss(path, "%s: %s", file, strings.TrimPrefix(err.Error(), "iCalendar file: "))
			}
			t.Holidays = append(t.Holidays, days...)
		}
	}
}

// each takes joined errors apart.
func each(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range many.Unwrap() {
			all = append(all, each(e)...)
		}
		return all
	}
	return []error{err}
}
