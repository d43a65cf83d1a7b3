package web

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// words turns a code into something to read: passed_on becomes "passed on".
// Codes that read badly have words of their own.
func words(code string) string {
	switch code {
	case "":
		return "unknown"
	case "first_response":
		return "first reply"
	case "next_response":
		return "next reply"
	case "not_about_us":
		return "not about us"
	case "not_there":
		return "it is not on the network"
	case "opted_out":
		return "they asked us not to contact them"
	case "to_look":
		return "to be looked at"
	case "wrote":
		return "written"
	case "same_person":
		return "the same person gets another one"
	case "stands_acknowledged":
		return "The pager was told that somebody has it in hand."
	case "stands_over":
		return "Nobody need be told of it any more: it is over."
	case "alike":
		return "it says much the same"
	case "no_issue":
		return "it was none"
	case "same_email":
		return "same e-mail address"
	case "said_so":
		return "they said so"
	case "seen":
		return "confirmed by the team"
	case "unanswered":
		return "resolved without an answer"
	}
	return strings.ReplaceAll(code, "_", " ")
}

// title is words with a capital at the beginning. A topic may be anybody's text.
func title(code string) string {
	w := cleanLine(words(code))
	first, n := utf8.DecodeRuneInString(w)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + w[n:]
}

// length is a span of time as people say it, to two units.
func length(d time.Duration) string {
	if d < 0 {
		return "no time"
	}
	d = d.Round(time.Second)
	day, hour, minute := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case d < 24*time.Hour && minute == 0:
		return fmt.Sprintf("%d h", hour)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", hour, minute)
	case hour == 0:
		return days(day)
	}
	return fmt.Sprintf("%s %d h", days(day), hour)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// plural is a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// figure is an estimate with what it may be, to so many digits.
func figure(f Figure, digits int) string {
	if f.Value == nil {
		return "not known"
	}
	return fmt.Sprintf("%.*f (%.*f to %.*f)", digits, *f.Value, digits, f.Low, digits, f.High)
}

// stamp is an instant for a page; a script makes it the reader's own time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006 15:04") + " UTC"
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }
