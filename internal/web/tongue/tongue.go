// Package tongue has what the console's server says, in the languages of the
// desk: catalogues of strings by key, in the form that the desk's script reads
// too, with numbers, dates and spans as each language writes them. A string is
// text and never markup; whoever shows it escapes it. The package reads files
// that are part of the program once, keeps nothing else and knows nobody.
package tongue

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// English is what is said where a language lacks something, or none was asked for.
const English = "en"

// A Tongue says things in one language.
type Tongue struct {
	Name    string // BCP 47, such as de
	tag     language.Tag
	said    map[string]string
	english map[string]string
	names   display.Namer
}

// A Catalogue is every language that is spoken, by its name.
type Catalogue map[string]*Tongue

// Load reads the files <language>.json of each folder, which together are a
// catalogue, and adds what else is said in English. A key that two of them
// have is an error.
func Load(files fs.FS, more map[string]string, folders ...string) (Catalogue, error) {
	c := Catalogue{English: {said: map[string]string{}}}
	maps.Copy(c[English].said, more)
	for _, folder := range folders {
		if err := c.read(files, folder, c.add); err != nil {
			return nil, err
		}
	}
	for name, t := range c {
		var err error
		if t.tag, err = language.Parse(name); err != nil {
			return nil, fmt.Errorf("language %s: %w", name, err)
		}
		t.Name, t.english, t.names = name, c[English].said, display.Tags(t.tag)
	}
	return c, nil
}

// LoadSentences adds the files of a folder where a key is what is said in
// English, which in the catalogue a prefix may begin; its English file has other
// plural forms at most. The languages are those that are there.
func (c Catalogue) LoadSentences(files fs.FS, folder, prefix string) error {
	return c.read(files, folder, func(lang, key, text string) error {
		plural := func(form string) bool { return strings.HasSuffix(key, "."+form) }
		if lang != English && !slices.ContainsFunc(forms[:], plural) {
			if said, ok := c[English].said[prefix+key]; ok && said != key {
				return fmt.Errorf("%s is in another file too", key)
			}
			c[English].said[prefix+key] = key
		}
		return c.add(lang, prefix+key, text)
	})
}

// read calls use for each string of a folder's files.
func (c Catalogue) read(files fs.FS, folder string, use func(lang, key, text string) error) error {
	names, err := fs.Glob(files, folder+"/*.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		var said map[string]string
		if err := json.Unmarshal(data, &said); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		lang, _ := strings.CutSuffix(path.Base(name), ".json")
		for key, text := range said {
			if err := use(lang, key, text); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (c Catalogue) add(lang, key, text string) error {
	if c[lang] == nil {
		c[lang] = &Tongue{said: map[string]string{}}
	}
	if _, twice := c[lang].said[key]; twice {
		return fmt.Errorf("%s is in another file too", key)
	}
	c[lang].said[key] = text
	return nil
}

// In is the language that somebody has chosen, or the first of an
// Accept-Language header that is spoken here, or English.
func (c Catalogue) In(chosen, accept string) *Tongue {
	if t, ok := c[chosen]; ok {
		return t
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return c[English]
	}
	for _, w := range wanted {
		base, _ := w.Base()
		if t, ok := c[base.String()]; ok {
			return t
		}
	}
	return c[English]
}

// Strings is everything that the language says itself, by key. It is not to be
// changed.
func (t *Tongue) Strings() map[string]string { return t.said }

// Has says whether there is a string of that key.
func (t *Tongue) Has(key string) bool {
	_, ok := t.english[key]
	return ok
}

// Nearest is the key that begins with a prefix and goes on with the longest end
// of a path that there is a string for: x.a.b, or else x.b.
func (t *Tongue) Nearest(prefix string, path ...string) (key string, ok bool) {
	for i := range path {
		if key = prefix + "." + strings.Join(path[i:], "."); t.Has(key) {
			return key, true
		}
	}
	return "", false
}

// Say is a string with its {places} filled: pairs are their names and values.
// Where n is a number, the string of its plural form is taken: key.one and the
// like, before key itself. What is filled in is never looked at again.
func (t *Tongue) Say(key string, pairs ...any) string {
	var b strings.Builder
	fill(t.form(key, pairs), pairs, func(text string) { b.WriteString(text) }, func(mark string) { b.WriteString(mark) })
	return b.String()
}

// Cut is Say in pieces: it is cut at [ and ], between which stand the words of
// a link, and at each place that pairs don't fill. What comes there is markup,
// and so the business of whoever draws the page.
func (t *Tongue) Cut(key string, pairs ...any) []string {
	out := []string{""}
	fill(t.form(key, pairs), pairs, func(text string) { out[len(out)-1] += text }, func(string) { out = append(out, "") })
	return out
}

// form is the text of a key in the plural form that the pairs ask for.
func (t *Tongue) form(key string, pairs []any) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if n, ok := pairs[i+1].(int); ok && pairs[i] == "n" {
			form := forms[plural.Cardinal.MatchPlural(t.tag, max(n, -n), 0, 0, 0, 0)]
			for _, said := range []map[string]string{t.said, t.english} {
				if text, ok := said[key+"."+form]; ok {
					return text
				}
				if text, ok := said[key]; ok {
					return text
				}
			}
		}
	}
	if text, ok := t.said[key]; ok {
		return text
	}
	if text, ok := t.english[key]; ok {
		return text
	}
	return key
}

var forms = [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// fill walks through a string: what is said goes to say, and each bracket and
// each place that nobody fills to mark.
func fill(text string, pairs []any, say, mark func(string)) {
	for text != "" {
		i := strings.IndexAny(text, "{[]")
		if i < 0 {
			say(text)
			return
		}
		say(text[:i])
		end := i + 1
		if text[i] == '{' {
			n := strings.IndexByte(text[i:], '}')
			if n < 0 {
				say(text[i:])
				return
			}
			end = i + n + 1
		}
		if v, ok := value(text[i:end], pairs); ok {
			say(fmt.Sprint(v))
		} else {
			mark(text[i:end])
		}
		text = text[end:]
	}
}

func value(place string, pairs []any) (any, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok && place == "{"+name+"}" {
			return pairs[i+1], true
		}
	}
	return nil, false
}

// Code is a code of the API as words: passed_on becomes passed on. One that no
// language knows is somebody's own, and stays as it is.
func (t *Tongue) Code(code string) string {
	if code == "" {
		return t.Say("code.")
	}
	if t.said["code."+code] != "" || t.english["code."+code] != "" {
		return t.Say("code." + code)
	}
	return strings.ReplaceAll(code, "_", " ")
}

// Capital is a text with a capital at the beginning.
func Capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// Language is a language as people call it; a tag that says nothing stays.
func (t *Tongue) Language(tag string) string {
	l, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := t.names.Name(l); name != "" {
		return name
	}
	return tag
}
