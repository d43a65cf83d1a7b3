package care

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Macro is a canned reply, in several languages, with what follows it.
type Macro struct {
	Name        string
	Title       string
	Queues      []string          // where it is offered; empty: everywhere
	Texts       map[string]string // by language; placeholders in braces: {customer.name}, {customer.name|there}
	Then        string            // await | resolve | keep; empty: as the agent says
	Disposition string            // with which to resolve
	Tags        []string
	Snooze      time.Duration // 0: none
	Promise     string        // call | write | refund | repair | other; empty: none
	Within      time.Duration // by when it is due
}

// Fallbacks are what stands for a placeholder whose value is not known, by
// language and placeholder.
type Fallbacks map[string]map[string]string

// Placeholders are all there are, and whether their value is always known.
func Placeholders() map[string]bool {
	return map[string]bool{"customer.name": false, "customer.handle": false, "agent.name": true, "case.number": true, "brand": true}
}

// built are the fallbacks that need no setting up. Nothing is fine where a
// greeting does without a name.
func built(placeholder, language string) (string, bool) {
	if placeholder != "customer.name" && placeholder != "customer.handle" {
		return "", false
	}
	word, known := map[string]string{"en": "there", "de": "", "es": "", "fr": "", "it": "", "pt": "", "nl": ""}[language]
	return word, known
}

var (
	placeholder = regexp.MustCompile(`\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*(?:\|([^{}]*))?\}`)
	raw         = regexp.MustCompile(`\{\{?\s*[A-Za-z][A-Za-z0-9_.]*\s*(?:\|[^{}]*)?\}\}?`)
)

// RawPlaceholder is the first placeholder that nobody filled in, or "".
func RawPlaceholder(text string) string { return raw.FindString(text) }

// Amiss says what can't work about a macro, or "": each of its placeholders has
// to have a value in each language, whatever is known of the customer.
func (m *Macro) Amiss(f Fallbacks) string {
	if len(m.Texts) == 0 {
		return "it has no text"
	}
	for _, language := range slices.Sorted(maps.Keys(m.Texts)) {
		text := m.Texts[language]
		if strings.TrimSpace(text) == "" {
			return fmt.Sprintf("its text in %s is empty", language)
		}
		for _, p := range placeholder.FindAllStringSubmatch(text, -1) {
			always, known := Placeholders()[p[1]]
			_, stands := f.of(p[1], language)
			switch {
			case !known:
				return fmt.Sprintf("there is no placeholder {%s}: write one of %s", p[1], strings.Join(slices.Sorted(maps.Keys(Placeholders())), ", "))
			case !always && !stands && !strings.Contains(p[0], "|"):
				return fmt.Sprintf("{%s} may not be known, and there is no fallback in %s: write {%s|…}, or set fallbacks", p[1], language, p[1])
			}
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
			return "a placeholder stands in one brace at each side: {customer.name}"
		}
	}
	return ""
}

func (f Fallbacks) of(placeholder, language string) (string, bool) {
	if word, ok := f[language][placeholder]; ok {
		return word, true
	}
	return built(placeholder, base(language))
}

func base(language string) string {
	b, _, _ := strings.Cut(strings.ToLower(language), "-")
	return b
}

// Render fills a macro in: in the customer's language where it has that, else in
// English, else in its first one, which it returns. What is not known gets its
// fallback. Values are put in as they are: braces in them stay what they are
// not, placeholders.
func (m *Macro) Render(language string, known map[string]string, f Fallbacks) (text, in string) {
	in = m.speaks(language)
	text = placeholder.ReplaceAllStringFunc(m.Texts[in], func(p string) string {
		parts := placeholder.FindStringSubmatch(p)
		value := strings.Map(func(r rune) rune {
			if r == '{' || r == '}' || r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, known[parts[1]])
		if value = strings.TrimSpace(value); value != "" {
			return value
		}
		if strings.Contains(p, "|") {
			value = strings.TrimSpace(parts[2])
		} else {
			value, _ = f.of(parts[1], in)
		}
		if value == "" {
			return gap
		}
		return value
	})
	text = strings.ReplaceAll(text, " "+gap, "") // "Hallo {customer.name}," becomes "Hallo,"
	return strings.ReplaceAll(text, gap, ""), in
}

// gap marks where nothing stands for a placeholder: no text holds it.
const gap = "\x00"

func (m *Macro) speaks(language string) string {
	if _, ok := m.Texts[language]; ok {
		return language
	}
	languages := slices.Sorted(maps.Keys(m.Texts))
	for _, wanted := range []string{base(language), "en"} {
		if i := slices.IndexFunc(languages, func(l string) bool { return base(l) == wanted }); i >= 0 {
			return languages[i]
		}
	}
	return languages[0]
}

// Offered says whether a macro is for a queue.
func (m *Macro) Offered(queue string) bool {
	return len(m.Queues) == 0 || slices.Contains(m.Queues, queue)
}

// Follow is what goes with a reply that was made of a macro: tags, a snooze, a
// promise, whose text is text/<case>/<promise>.
func (m *Macro) Follow(c *Case, by AgentID, reply, promise int, now time.Time) (events []Event, err error) {
	if len(m.Tags) > 0 {
		if events, err = c.Tag(m.Tags, nil); err != nil {
			return nil, err
		}
	}
	if m.Promise != "" {
		events = append(events, PromiseMade{Promise: promise, DueAt: now.Add(m.Within).Truncate(time.Millisecond), Owner: by, What: m.Promise, Reply: reply})
	}
	if m.Snooze > 0 {
		events = append(events, Snoozed{Until: now.Add(m.Snooze).Truncate(time.Millisecond)})
	}
	return events, nil
}
