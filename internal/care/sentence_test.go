package care_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestSentencesInEnglish(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 5, 0, 0, time.FixedZone("", 3600))
	for want, s := range map[string]care.Sentence{
		"":                                      {},
		"ada has {n} cases.":                    care.Say("{who} has {n} cases.", "who", care.AgentID("ada")),
		"{n} has 2 cases.":                      care.Say("{who} has {n} cases.", "who", "{n}", "n", 2), // what is filled in is not looked at again
		"It cost 5.00 on 2 Mar 2026 08:05 UTC.": care.Say("It cost {sum} on {at}.", "sum", 5.0, "at", at),
		"Not so: it is gone. Ask ada.":          care.Say("Not so: {why} {what}", "why", care.Phrase("it is gone."), "what", care.Say("Ask {who}.", "who", "ada")),
		"A {half.":                              care.Say("A {half.", "half", "x"),
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a document kept is told as it was, by the same plural, in any language;
// so is what an earlier version kept, in the words that it had.
func TestKeptSentences(t *testing.T) {
	was := care.Say("{who} has {n} of {why}.", "who", care.AgentID("ada"), "n", 1, "why", care.Say("those {x}", "x", care.Phrase("there")))
	data, err := json.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	var is care.Sentence
	if err := json.Unmarshal(data, &is); err != nil {
		t.Fatal(err)
	}
	if _, counted := is.With[3].(int); is.Phrase != was.Phrase || is.String() != "ada has 1 of those there." || !counted {
		t.Errorf("%#v from %s", is, data)
	}
	if _, ours := is.With[5].(care.Sentence); !ours {
		t.Errorf("%#v", is.With[5])
	}
	if err := json.Unmarshal([]byte(`"bob has this case."`), &is); err != nil || is.String() != "bob has this case." {
		t.Errorf("%v, %v", is, err)
	}
	if json.Unmarshal([]byte(`7`), &is) == nil {
		t.Error("a number is a sentence")
	}
}

func TestErrorsSayTheirSentence(t *testing.T) {
	e := &care.Error{Code: care.Conflict, Msg: "{who} has this case.", With: []any{"who", "ada"}}
	if e.Error() != "ada has this case." || e.Says().Phrase != "{who} has this case." {
		t.Error(e)
	}
}
