package lexicon

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// Classes of the lists in words/.
const (
	Deny = iota
	You
	Me
	Should
	Wait
	Promise
	Silence
	Money
	Cancel
	Again
	Broken
	Bad
	Swear
	Service
	Thanks
	Please
	Good
	Ask
	Why
	Help
	Irony
	Sad
	Glad
	Laugh
	But  // what turns a text round
	Cues // how many classes are cues of a complaint; those below are for triage
)

// Classes for triage.
const (
	Safety = Cues + iota
	Vulnerable
	Legal
	Regulator
	Press
	Spam
	Bait
	Classes // how many there are
)

// Names of the classes, as the lists have them.
func Names() []string {
	return []string{"deny", "you", "me", "should", "wait", "promise", "silence", "money", "cancel", "again",
		"broken", "bad", "swear", "service", "thanks", "please", "good", "ask", "why", "help", "irony",
		"sad", "glad", "laugh", "but", "safety", "vulnerable", "legal", "regulator", "press", "spam", "bait"}
}

//go:embed words/*.txt
var files embed.FS

// Default is the matcher of the lists in words/, built on first use.
var Default = sync.OnceValue(func() *Matcher {
	m, err := load()
	if err != nil {
		panic(err) // the lists are part of the program; a test loads them
	}
	return m
})

func load() (*Matcher, error) {
	b := NewBuilder()
	entries, err := files.ReadDir("words")
	if err != nil {
		return nil, err
	}
	names := Names()
	for _, e := range entries {
		lang := strings.TrimSuffix(e.Name(), ".txt")
		if lang == "any" {
			lang = Any
		}
		f, err := files.Open(path.Join("words", e.Name()))
		if err != nil {
			return nil, err
		}
		err = b.Read(lang, f, func(name string) (int, bool) {
			i := slices.Index(names, name)
			return i, i >= 0
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return b.Matcher(), nil
}

// Of returns the phrases of a language's list, in its order; none if there is
// no list.
func Of(lang string) ([]string, error) {
	f, err := files.Open(path.Join("words", lang+".txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	err = Phrases(f, func(p string) { out = append(out, p) })
	return out, err
}
