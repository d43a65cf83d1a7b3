package sla

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	day      = 24 * time.Hour
	week     = 7 * day
	maxSpans = 24 // in one day
)

// A Span is a stretch of working hours, in time of day on the wall clock. It
// belongs to the day on which it starts; To is over 24 hours when it ends on
// the next day. As text: 09:00-17:00, 22:00-06:00, 00:00-24:00.
type Span struct {
	From, To time.Duration // since midnight; From < 24h, From < To <= From+24h
}

// ParseSpan reads 09:00-17:00. An end at or before the start is on the next day.
func ParseSpan(s string) (Span, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	if !ok {
		return Span{}, fmt.Errorf("%q is not a span of hours: write one as 09:00-17:00", clip(s))
	}
	a, err := parseTimeOfDay(from)
	if err != nil {
		return Span{}, err
	}
	b, err := parseTimeOfDay(to)
	if err != nil {
		return Span{}, err
	}
	switch {
	case a == day:
		return Span{}, fmt.Errorf("%q starts at 24:00: write 00:00 on the next day", clip(s))
	case a == b:
		return Span{}, fmt.Errorf("%q is empty: for a whole day write 00:00-24:00", clip(s))
	case b < a:
		b += day
	}
	return Span{a, b}, nil
}

// parseTimeOfDay reads 09:00, 9:00 or 24:00.
func parseTimeOfDay(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	h, m, ok := strings.Cut(s, ":")
	hours, err := strconv.ParseUint(h, 10, 8)
	minutes, err2 := strconv.ParseUint(m, 10, 8)
	if !ok || err != nil || err2 != nil || len(h) > 2 || len(m) != 2 ||
		hours > 24 || minutes > 59 || hours == 24 && minutes > 0 {
		return 0, fmt.Errorf("%q is not a time of day: write it from 00:00 to 24:00, as 09:30", clip(s))
	}
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute, nil
}

func (s Span) String() string {
	to := s.To
	if to > day {
		to -= day
	}
	return timeOfDay(s.From) + "-" + timeOfDay(to)
}

func timeOfDay(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

func (s Span) valid() bool {
	whole := s.From%time.Minute == 0 && s.To%time.Minute == 0
	return whole && s.From >= 0 && s.From < day && s.From < s.To && s.To <= s.From+day
}

// Hours are the spans of one day. As text: "09:00-12:30, 13:30-17:00",
// "all day" or "closed". Spans may overlap, as shifts do: time counts once.
type Hours []Span

// UnmarshalText reads the form that people write.
func (h *Hours) UnmarshalText(text []byte) error {
	switch s := strings.ToLower(strings.TrimSpace(string(text))); s {
	case "closed":
		*h = Hours{}
	case "all day", "24h":
		*h = Hours{{0, day}}
	case "":
		return fmt.Errorf(`no hours given: write 09:00-17:00, "all day" or "closed"`)
	default:
		if strings.Count(s, ",") >= maxSpans {
			return fmt.Errorf("more than %d spans in one day: join them", maxSpans)
		}
		*h = nil
		for part := range strings.SplitSeq(s, ",") {
			span, err := ParseSpan(part)
			if err != nil {
				return err
			}
			*h = append(*h, span)
		}
	}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

func (h Hours) String() string {
	if len(h) == 0 {
		return "closed"
	}
	parts := make([]string, len(h))
	for i, s := range h {
		parts[i] = s.String()
	}
	return strings.Join(parts, ", ")
}

// merged sorts the spans and joins those that touch or overlap.
func (h Hours) merged() Hours {
	out := Hours{}
	for _, s := range slices.SortedFunc(slices.Values(h), func(a, b Span) int { return cmp.Compare(a.From, b.From) }) {
		last := len(out) - 1
		// Two spans can't become one that is longer than a day.
		if last >= 0 && s.From <= out[last].To && max(out[last].To, s.To) <= out[last].From+day {
			out[last].To = max(out[last].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// A Week is the hours of ordinary days. Its keys are a day (mon), a range
// (mon-fri), several (mon, wed, fri) or daily; a day that is not named is
// closed. In YAML, "week: 24/7" is every hour of every day.
type Week map[string]Hours

// aroundTheClock is how a week without a closed hour is written.
const aroundTheClock = "24/7"

// UnmarshalYAML reads a mapping of days to hours, or 24/7.
func (w *Week) UnmarshalYAML(decode func(any) error) error {
	var days map[string]Hours
	err := decode(&days)
	if err == nil {
		*w = days
		return nil
	}
	var s string
	if decode(&s) != nil {
		return err // the mapping's mistakes, each with its line
	}
	if s != aroundTheClock {
		return fmt.Errorf(`%q is not a week: write 24/7, or a line for each day or days, as "mon-fri: 09:00-17:00"`, clip(s))
	}
	*w = Week{"daily": {{0, day}}}
	return nil
}

// dayNames are in the order of time.Weekday.
const dayNames = "sun mon tue wed thu fri sat"

// days gives the hours of each day by time.Weekday, or adds what is wrong.
func (w Week) days(p *problems) (out [7]Hours) {
	given := [7]string{}
	for _, key := range slices.Sorted(maps.Keys(w)) {
		path := "week." + clip(key)
		for i, s := range w[key] {
			if !s.valid() {
				p.add(path, "span %d is not within a day: write it as 09:00-17:00", i+1)
			}
		}
		if len(w[key]) > maxSpans {
			p.add(path, "more than %d spans in one day: join them", maxSpans)
		}
		days, err := parseDays(key)
		if err != nil {
			p.add(path, "%v", err)
		}
		for _, d := range days {
			if given[d] != "" {
				p.add(path, "%s already has its hours from %q: name each day once, with all of its spans", d, given[d])
				continue
			}
			given[d], out[d] = key, w[key].merged()
		}
	}
	return out
}

// parseDays reads a key of Week.
func parseDays(key string) ([]time.Weekday, error) {
	var days []time.Weekday
	for part := range strings.SplitSeq(strings.ToLower(key), ",") {
		part = strings.TrimSpace(part)
		if part == "daily" {
			part = "mon-sun"
		}
		first, last, ranged := strings.Cut(part, "-")
		a, ok := parseDay(first)
		b, ok2 := a, true
		if ranged {
			b, ok2 = parseDay(last)
		}
		if !ok || !ok2 {
			return nil, fmt.Errorf("%q is not a day: write mon, tue, wed, thu, fri, sat, sun, a range (mon-fri) or daily", clip(part))
		}
		for d := a; ; d = (d + 1) % 7 {
			days = append(days, d)
			if d == b {
				break
			}
		}
	}
	return days, nil
}

// parseDay takes mon and monday.
func parseDay(s string) (time.Weekday, bool) {
	s = strings.TrimSpace(s)
	for d := time.Sunday; d <= time.Saturday; d++ {
		if full := strings.ToLower(d.String()); s == full || s == full[:3] {
			return d, true
		}
	}
	return 0, false
}

// clip shortens what a stranger wrote, for a message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
