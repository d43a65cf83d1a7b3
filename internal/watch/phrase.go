package watch

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"
)

// Bounds of what is told of one mention.
const (
	maxNames   = 6
	maxPhrases = 8
	maxWords   = 4
)

// Phrases are what a tagged English text is about: its noun phrases, in lower
// case, without articles and pronouns, in order and none twice. Two complaints
// about one thing tend to share some.
func Phrases(tokens []prose.Token) []string {
	var out, run []string
	noun := false
	flush := func() {
		for len(run) > 0 && !noun {
			run = nil
		}
		if len(run) > 0 {
			p := strings.Join(run[max(0, len(run)-maxWords):], " ")
			if !slices.Contains(out, p) && len(out) < maxPhrases {
				out = append(out, p)
			}
		}
		run, noun = nil, false
	}
	for _, t := range tokens {
		w := strings.ToLower(t.Text)
		switch {
		case !wordLike(w):
			flush()
		case strings.HasPrefix(t.Tag, "NN"):
			run, noun = append(run, w), true
		case (t.Tag == "JJ" || t.Tag == "VBN") && !noun:
			run = append(run, w)
		default:
			flush()
		}
	}
	flush()
	return slices.DeleteFunc(out, vague)
}

// wordLike says that a token is a word, and no handle, link or number.
func wordLike(w string) bool {
	if utf8.RuneCountInString(w) < 2 || len(w) > 40 || strings.ContainsAny(w, "@/:#.&_0123456789") {
		return false
	}
	return strings.ContainsFunc(w, unicode.IsLetter)
}

// vague phrases are in half of all complaints.
func vague(p string) bool {
	switch p {
	case "thing", "things", "something", "nothing", "anything", "everything", "someone", "anyone", "nobody", "everyone", "way", "lot",
		"rt", "lol", "omg", "pls", "plz", "please", "thanks", "hi", "hey", "hello", "guys", "im", "dont", "cant", "wtf":
		return true
	}
	return false
}

// names are whom and what a text names, none twice.
func names(entities []prose.Entity) []string {
	var out []string
	for _, e := range entities {
		n := strings.TrimSpace(e.Text)
		if r, _ := utf8.DecodeRuneInString(n); !unicode.IsUpper(r) || !wordLike(strings.ToLower(strings.ReplaceAll(n, " ", ""))) || slices.Contains(out, n) {
			continue
		}
		if out = append(out, n); len(out) == maxNames {
			break
		}
	}
	return out
}
