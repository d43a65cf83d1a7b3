package lexicon

import (
	"embed"
	"fmt"
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
		"sad", "glad", "laugh", "safety", "vulnerable", "legal", "regulator", "press", "spam", "bait"}
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
