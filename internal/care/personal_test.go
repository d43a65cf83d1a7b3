package care_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
)

func TestNoTwoCustomersGetTheSameWords(t *testing.T) {
	var customers []care.Customer
	for n := range 300 {
		c := care.Customer{Case: care.CaseID(fmt.Sprint("c", n)), Number: uint64(1000 + n)}
		if n%3 == 0 {
			c.Name = "Ana"
		}
		customers = append(customers, c)
	}
	for _, template := range []string{
		"[Hi|Hello|Good morning] {name|there}, [we are sorry|sorry about this]. [The fault is found|We found it].",
		"It is fixed.",
		"Hi {name}, you wrote: {detail|no connection}. We are on it.",
	} {
		texts, err := care.Personal(template, customers, "it is FIXED")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{"it is fixed": true}
		for _, x := range texts {
			key := strings.Join(strings.FieldsFunc(strings.ToLower(x), func(r rune) bool { return strings.ContainsRune(" .,()#", r) }), " ")
			if seen[key] || strings.ContainsAny(x, "{}[]|") {
				t.Fatalf("%q: %q", template, x)
			}
			seen[key] = true
		}
	}
	if texts, _ := care.Personal("Hi {name}, all is well {name|neighbour}", customers[1:2]); texts[0] != "Hi, all is well neighbour" {
		t.Errorf("%q", texts[0])
	}
	a, _ := care.Personal("[a|b|c] [d|e|f] {case}", customers[:5])
	b, _ := care.Personal("[a|b|c] [d|e|f] {case}", customers[:5])
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("the same template gives other texts")
	}
}

func TestTemplatesThatCanNotBeFilledIn(t *testing.T) {
	for _, bad := range []string{"Hi {nam}", "Hi {name", "Hi name}", "{order_number}"} {
		if care.CheckTemplate(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, good := range []string{"Hi {name|you}", "[a|b]", "[1] see below", ""} {
		if err := care.CheckTemplate(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestNamesAndDetails(t *testing.T) {
	for shown, want := range map[string]string{
		"Ana Weber": "Ana", "ana": "", "KevinXX99": "", "JEAN-LUC": "", "Jean-Luc Picard": "Jean-Luc", "Ömer": "Ömer", "The Angry Customer Of The Day": "",
		"محمد علي": "محمد", "李": "李", "": "", "🔥 Ana": "", "Al Green": "Al",
	} {
		if got := care.FirstName(shown); got != want {
			t.Errorf("%q: %q, want %q", shown, got, want)
		}
	}
	for text, want := range map[string]string{
		"@acme no internet since 7am! Contract 12345678.":  "no internet since 7am",
		"Order 12345678 is lost. Nobody answers my calls.": "Nobody answers my calls",
		"https://x.example/1":                              "",
		"Write to ana@example.org, the router I bought last week has never once worked in my living room": "the router I bought last week has never once worked in my…",
		"": "",
	} {
		if got := care.DetailOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := care.DetailOf(strings.Repeat("\xff大", 4000)); utf8.RuneCountInString(got) > 61 || !utf8.ValidString(got) {
		t.Errorf("%q", got)
	}
}
