package main

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/web"
)

// showCase prints a case as somebody reads it before they answer.
func showCase(c console, f *web.CaseFull, now time.Time) {
	who := cmp.Or(string(f.Assignee), "nobody")
	c.printf("Case %d  %s  %s  %s  %s\n", f.Number, stateOf(&f.CaseRow), oneLine(f.Queue, 60), who, oneLine(strings.Join(f.Tags, " "), 200))
	c.printf("%s on %s%s%s\n", oneLine(cmp.Or(f.Author.Name, f.Author.Handle, "Somebody"), 80), f.Network, prefixed(", ", f.Topic), prefixed(", ", f.Language))
	if !f.Snoozed.IsZero() {
		c.printf("Asleep until %s.\n", f.Snoozed.Local().Format(time.DateTime))
	}
	if f.End != "" {
		c.printf("Ended as %s.\n", f.End)
	}
	c.printf("\n")
	for _, p := range thread(f) {
		c.printf("%s  %s%s\n%s\n\n", p.at.Local().Format(time.DateTime), oneLine(p.who, 80), p.mark, indented(p.text))
	}
	for _, t := range f.Targets {
		when := string(t.State)
		if t.State == care.TargetRunning {
			when = until(t.DueAt, now) + ", due " + t.DueAt.Local().Format(time.DateTime)
		}
		c.printf("%-16s %s\n", t.Target, when)
	}
	for _, p := range f.PromiseList {
		c.printf("promise %-8d %s, due %s: %s\n", p.N, p.State, p.DueAt.Local().Format(time.DateTime), oneLine(p.Text, 200))
	}
	if p := f.Permission; p != nil {
		how := map[care.Way]string{care.ByAPI: "can be answered from here", care.ByHand: "has to be answered on the network itself", care.ByNone: "can't be answered"}[p.How]
		c.printf("%-16s %s. %s\n", "reply", how, oneLine(p.Why, 300))
	}
}

// A part is one piece of the conversation.
type part struct {
	at              time.Time
	who, mark, text string
}

// thread is the conversation in order of time.
func thread(f *web.CaseFull) (all []part) {
	for i := range f.MentionList {
		m := &f.MentionList[i]
		p := part{m.PostedAt, cmp.Or(m.Author.Handle, m.Author.Name, "Somebody"), "", text(m.Shown)}
		switch {
		case m.Deleted:
			p.mark = " (taken back)"
		case m.Erased:
			p.mark = " (the text is gone)"
		case m.ID == f.To && !m.Settled:
			p.mark = " (waits for an answer)"
		}
		all = append(all, p)
	}
	for i := range f.ReplyList {
		r := &f.ReplyList[i]
		at := r.RequestedAt
		if at.IsZero() {
			at = r.VisibleAt
		}
		who := cmp.Or(string(r.By.Agent()), "our team")
		all = append(all, part{at, who, " (reply " + string(r.State) + prefixed(": ", r.Why) + ")", text(r.Shown)})
	}
	for _, n := range f.Notes {
		all = append(all, part{n.At, cmp.Or(string(n.By.Agent()), string(n.By)), " (note)", n.Text})
	}
	slices.SortStableFunc(all, func(a, b part) int { return a.at.Compare(b.at) })
	return all
}

func text(runs []web.Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

// visible drops what would make a terminal do something: a stranger wrote it.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar) {
			return ' '
		}
		return r
	}, s)
}

// oneLine is a text on one line, cut to so many characters.
func oneLine(s string, most int) string {
	s = strings.Join(strings.Fields(visible(s)), " ")
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return s
}

func indented(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(visible(s)), "\n", "\n  ")
}
