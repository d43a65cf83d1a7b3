package demo

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

//go:embed content/*.txt
var files embed.FS

// content is everything that anybody in the story can say.
type content struct {
	tongues map[string]*tongue // by language tag
	team    *tongue            // what the team writes for itself
	hostile *tongue            // posts that try the console
}

// A tongue is what is said in one language, and how its gaps are filled.
type tongue struct {
	tag, name string
	zone      *time.Location
	slots     map[string][]phrase
	sections  map[string][]line
	pools     map[string][]entry // "complaint": the lines of every section of that word
}

// A line is one thing that can be said.
type line struct {
	phrase
	links []care.Link
	at    string // file:line, for messages
}

// An entry is a line of a pool.
type entry struct {
	section string
	line    int
}

// computed are the slots that the story fills itself.
var computed = []string{"agent", "area", "brand", "clock", "day", "due", "month", "name", "soon"}

// needed are the sections that every language must have, with the fewest lines.
var needed = map[string]int{
	"complaint": 15, "critical": 4, "surge": 4, "double": 3, "sarcasm": 3, "bad review": 3, "good review": 2,
	"praise": 4, "question": 4, "mention": 3, "spam": 2, "other": 1,
	"tail": 6, "more": 3, "nudge": 3, "angrier": 3, "details": 3, "thanks": 4, "doubt": 2, "still": 2, "recovered": 2, "lost": 1, "edit": 1, "same": 3, "better review": 1,
	"reply": 6, "surge reply": 2, "urgent reply": 1, "ask": 2, "promise": 2, "kept": 2, "late": 2, "answer": 2, "cheers": 2, "hand": 2, "welcome": 1,
}

// The same for the files of the team and of the hostile.
var (
	teamSections    = map[string]int{"note": 3, "handoff": 2, "critical note": 1, "promise note": 1, "unanswered": 1}
	hostileSections = map[string]int{"hostile": 10, "zalgo": 1, "long": 3, "names": 4}
	calendarSlots   = map[string]int{"weekdays": 7, "months": 12}
)

var neededSlots = map[string]int{"given": 12, "family": 12, "place": 5, "product": 2, "amount": 2, "weekdays": 7, "months": 12, "deadline": 1, "handle": 12, "town": 1, "areas": 3}

// load reads all content. Its error names every mistake with file and line.
func load(f fs.FS) (*content, error) {
	names, err := fs.Glob(f, "content/*.txt")
	if err != nil {
		return nil, err
	}
	c := &content{tongues: map[string]*tongue{}}
	var errs []error
	for _, name := range names {
		t, err := readTongue(f, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		switch path.Base(name) {
		case "team.txt":
			errs = append(errs, t.has(path.Base(name), teamSections, calendarSlots))
			c.team = t
		case "hostile.txt":
			errs = append(errs, t.has(path.Base(name), hostileSections, calendarSlots))
			c.hostile = t
		default:
			errs = append(errs, t.has(path.Base(name), needed, neededSlots))
			c.tongues[t.tag] = t
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if c.team == nil || c.hostile == nil || c.tongues["en"] == nil {
		return nil, errors.New("content: en.txt, team.txt and hostile.txt must be there")
	}
	return c, nil
}

// readTongue reads one file. It is a list of lines: "language: en English" and
// "zone: Europe/London" first; then [section] headings with one text a line
// under each; in [slots] one "name: value | value" a line. A line that begins
// with "+ image " (or video, link) is something attached to the text before it.
// Blank lines and those that begin with ;; are nothing.
func readTongue(f fs.FS, name string) (*tongue, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	t := &tongue{slots: map[string][]phrase{}, sections: map[string][]line{}, pools: map[string][]entry{}}
	r := reader{t: t}
	var errs []error
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		r.at = fmt.Sprintf("%s:%d", path.Base(name), n)
		if err := r.line(lines.Text()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.at, err))
		}
	}
	if err := lines.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", name, err))
	}
	t.pool()
	return t, errors.Join(append(errs, t.undefined())...)
}

type reader struct {
	t       *tongue
	section string
	at      string
}

func (r *reader) line(s string) error {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || strings.HasPrefix(s, ";;"):
		return nil
	case strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]"):
		r.section = strings.TrimSpace(s[1 : len(s)-1])
		return nil
	case r.section == "":
		return r.head(s)
	case r.section == "slots":
		return r.slot(s)
	case strings.HasPrefix(s, "+ "):
		return r.attach(s[2:])
	}
	p, err := parsePhrase(s)
	if err != nil {
		return err
	}
	r.t.sections[r.section] = append(r.t.sections[r.section], line{phrase: p, at: r.at})
	return nil
}

func (r *reader) head(s string) error {
	key, value, ok := strings.Cut(s, ":")
	value = strings.TrimSpace(value)
	switch {
	case ok && key == "language":
		r.t.tag, r.t.name, _ = strings.Cut(value, " ")
		return nil
	case ok && key == "zone":
		zone, err := time.LoadLocation(value)
		if err != nil {
			return fmt.Errorf("zone %q: %w", value, err)
		}
		r.t.zone = zone
		return nil
	}
	return fmt.Errorf("before the first [section] stand language: and zone:, not %q", s)
}

func (r *reader) slot(s string) error {
	key, value, ok := strings.Cut(s, ":")
	if !ok || !slotName.MatchString(key) {
		return fmt.Errorf("a slot is written name: value | value, not %q", s)
	}
	if slices.Contains(computed, key) {
		return fmt.Errorf("the slot %s is filled by the story itself", key)
	}
	if _, twice := r.t.slots[key]; twice {
		return fmt.Errorf("the slot %s stands here twice", key)
	}
	all, err := parseChoices(value)
	if err != nil {
		return err
	}
	r.t.slots[key] = all
	return nil
}

func (r *reader) attach(s string) error {
	lines := r.t.sections[r.section]
	kind, alt, _ := strings.Cut(s, " ")
	if len(lines) == 0 || !slices.Contains([]string{"image", "video", "link"}, kind) || strings.TrimSpace(alt) == "" {
		return errors.New(`"+ image …", "+ video …" or "+ link …" follows the text that it belongs to`)
	}
	last := &lines[len(lines)-1]
	last.links = append(last.links, care.Link{Kind: kind, Alt: strings.TrimSpace(alt)})
	return nil
}

// pool gathers the lines of "complaint billing", "complaint outage" … under
// their first word.
func (t *tongue) pool() {
	for _, section := range slices.Sorted(maps.Keys(t.sections)) {
		word, _, _ := strings.Cut(section, " ")
		for i := range t.sections[section] {
			t.pools[word] = append(t.pools[word], entry{section, i})
		}
	}
}

// undefined names every slot that is asked for and not there.
func (t *tongue) undefined() error {
	var errs []error
	for _, section := range slices.Sorted(maps.Keys(t.sections)) {
		for _, l := range t.sections[section] {
			l.slots(func(slot string) {
				if t.slots[slot] == nil && !slices.Contains(computed, slot) {
					errs = append(errs, fmt.Errorf("%s: there is no slot %q", l.at, slot))
				}
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.slots)) {
		for _, p := range t.slots[name] {
			p.slots(func(slot string) {
				if t.slots[slot] == nil && !slices.Contains(computed, slot) {
					errs = append(errs, fmt.Errorf("slot %s: there is no slot %q", name, slot))
				}
			})
		}
	}
	return errors.Join(errs...)
}

// has says what a file still lacks.
func (t *tongue) has(file string, sections, slots map[string]int) error {
	var errs []error
	if t.tag == "" || t.zone == nil {
		errs = append(errs, fmt.Errorf("%s: language: and zone: are missing", file))
	}
	for _, section := range slices.Sorted(maps.Keys(sections)) {
		if have := len(t.lines(section)); have < sections[section] {
			errs = append(errs, fmt.Errorf("%s: [%s] has %d lines, and needs %d", file, section, have, sections[section]))
		}
	}
	for _, slot := range slices.Sorted(maps.Keys(slots)) {
		if have := len(t.slots[slot]); have < slots[slot] {
			errs = append(errs, fmt.Errorf("%s: the slot %s has %d values, and needs %d", file, slot, have, slots[slot]))
		}
	}
	return errors.Join(errs...)
}

// lines are the entries of a section or, for a first word, of its pool.
func (t *tongue) lines(name string) []entry {
	if own := t.sections[name]; own != nil && name != "reply" {
		all := make([]entry, len(own))
		for i := range own {
			all[i] = entry{name, i}
		}
		return all
	}
	return t.pools[name]
}

// town is where the outages of the language are.
func (t *tongue) town() string { return newSpeech(t, nil).plain("town", 0) }
