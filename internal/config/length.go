package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day

	maxLength = 100 * 365 * day
)

// A unit of time, as people write it.
type unit struct {
	letters string
	length  time.Duration
}

// units are in the order in which they are written, the longest first.
func units() []unit {
	return []unit{{"w", week}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}
}

// parseLength reads a length of time: 30s, 90m, 16h, 2d, 1w, 1h 30m. A day has
// 24 hours. working says that it is a promise in working time, which has no
// days: in one calendar a day is eight hours, in another twenty-four.
func parseLength(s string, working bool) (time.Duration, error) {
	example := "30s, 45m, 12h, 7d or 2w"
	if working {
		example = "45m, 16h or 1h30m"
	}
	rest := strings.TrimSpace(s)
	if rest == "0" {
		return 0, nil
	}
	bad := fmt.Errorf("%q is no length of time: write it as %s%s", clip(s), example, meant(rest, working))
	if rest == "" {
		return 0, bad
	}
	total, all := 0.0, units()
	for rest != "" {
		from := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		to := len(rest) - len(strings.TrimLeft(rest[from:], "abcdefghijklmnopqrstuvwxyz"))
		number, err := strconv.ParseFloat(rest[:from], 64)
		at := slices.IndexFunc(all, func(u unit) bool { return u.letters == rest[from:to] })
		if err != nil || at < 0 {
			return 0, bad
		}
		if working && all[at].length >= day {
			return 0, fmt.Errorf("%q has days in it, and a day of working time is eight hours for one team and twenty-four for another: write hours, as 16h for two days of eight hours", clip(s))
		}
		total += number * float64(all[at].length)
		all = all[at+1:] // each unit once, the longest first
		rest = strings.TrimLeft(rest[to:], " ")
	}
	if total > float64(maxLength) {
		return 0, fmt.Errorf("%q is over a hundred years", clip(s))
	}
	return time.Duration(total), nil
}

// meant guesses what "2 days" or a bare number was to be; empty if it can't.
func meant(s string, working bool) string {
	number := s[:len(s)-len(strings.TrimLeft(s, "0123456789."))]
	word := strings.ToLower(strings.TrimSpace(s[len(number):]))
	switch {
	case number == "" || len(number) > 9 || strings.HasPrefix(word, "mo"):
		return ""
	case word == "":
		return fmt.Sprintf(" (%s of what? perhaps %sm)", number, number)
	case strings.ContainsRune("hms", rune(word[0])), !working && strings.ContainsRune("wd", rune(word[0])):
		return fmt.Sprintf(" (perhaps %s%s)", number, word[:1])
	}
	return ""
}

// zeros are what Go writes behind a length of time and people don't.
var zeros = regexp.MustCompile(`(\d[hm])(0m)?0s\b`)

// plain writes lengths of time in a text as people do: 30m, not 30m0s.
func plain(text string) string { return zeros.ReplaceAllString(text, "$1") }

// Spell writes a length of time as people do in the file: 30m, 1h30m, 7d.
// working says that it is working time, which has no days.
func Spell(d time.Duration, working bool) string {
	days := ""
	if n := d / day; !working && n > 0 {
		days, d = fmt.Sprintf("%dd", n), d%day
		if d == 0 {
			return days
		}
	}
	return days + plain(d.String())
}

// clip shortens what a person wrote, for a message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
