package report

import (
	"iter"
	"math"

	"github.com/amends-care/amends/internal/care"
)

const (
	defCSAT     = "Share of answers 4 and 5 of 5. Counted by when the question was sent."
	defNPS      = "Share of 9–10 minus share of 0–6, with 7–8 in the denominator: −100 to +100. Withheld below 30 answers."
	defCES      = "Answers on a scale of 7: the share of 5–7, and the mean."
	defFCR      = "Cases that were answered and resolved, and whose 7 days since the first resolution are over: the share in which the customer did not come back on the same topic between our first answer and the end of those days. Thanks don't count as coming back. Net leaves out dispositions that say it could not be resolved."
	defRecovery = "The last thing that the customer said in public within the days after the complaint: praise (recovered), another complaint (lost), anything else (neutral), or nothing (silent). Beside it complaints that got no answer in that time: for anger cools by itself. The difference is taken within each severity. Only what came into a case is known. Satisfaction may recover while loyalty does not."

	noSurveys = "Nobody was asked, so there is no CSAT, NPS or CES; docs/surveys.md tells how to ask."
)

// npsLeast is the number of answers below which NPS is withheld.
const npsLeast = 30

// A survey is one question of a case, and the last answer to it.
type survey struct {
	sent     moment // when the answer that carried it was; 0: not yet
	of       uint32
	n, reply int32
	kind     care.SurveyKind
	answered bool
	score    int8
}

// applySurvey follows questions to customers. One counts once it was sent; that
// it was answered shows that it was.
func (f *Fold) applySurvey(n uint32, r *care.Record, e care.Event) {
	switch e := e.(type) {
	case care.SurveyAsked:
		if _, _, ok := e.Ask.Scale(); ok {
			f.asked[n] = append(f.asked[n], len(f.surveys))
			f.surveys = append(f.surveys, survey{of: n, n: int32(e.Survey), reply: int32(e.Reply), kind: e.Ask})
		}
	case care.ReplySent:
		for _, i := range f.asked[n] {
			if s := &f.surveys[i]; s.reply == int32(e.Reply) {
				s.sent = momentOf(e.VisibleAt)
			}
		}
	case care.SurveyAnswered:
		for _, i := range f.asked[n] {
			s := &f.surveys[i]
			low, high, _ := s.kind.Scale()
			if s.n != int32(e.Survey) || e.Score < low || e.Score > high {
				continue
			}
			if s.answered, s.score = true, int8(e.Score); s.sent == 0 {
				s.sent = momentOf(r.At)
			}
		}
	}
}

func (e *eval) voice() []Table {
	var tables []Table
	if len(e.f.surveys) > 0 {
		tables = e.surveyed()
	}
	once, week, month := e.sheet("fcr"), e.sheetBy("recovery_7", BySeverity), e.sheetBy("recovery_30", BySeverity)
	e.resweep([]*extent{&e.f.when.voices}, func(e *eval, s []*sheet) {
		beyond := map[word]bool{}
		for _, d := range e.q.Beyond {
			if n, ok := e.f.words.of[d]; ok {
				beyond[n] = true
			}
		}
		for n, c := range e.speaking() {
			if e.fcr(s[0], n, c, beyond); !c.byHand || !c.missed {
				e.recover(s[1], 7, n, c)
				e.recover(s[2], 30, n, c)
			}
		}
	}, once, week, month)
	return append(tables, fcrTable(once), recoveryTable(week, 7), recoveryTable(month, 30))
}

// speaking are the cases of the span whose author we know, those that were
// dismissed left out. What is listened to may still be said in one that belongs to
// what is kept: then it is counted anew each time.
func (e *eval) speaking() iter.Seq2[uint32, *fact] {
	return func(yield func(uint32, *fact) bool) {
		for n, c := range inSpan(e, e.f.cases, &e.f.when.voices) {
			if !e.within(e.date(c)) || !e.counts(c) || c.author == 0 || c.state == dismissed {
				continue
			}
			if _, upTo := c.listens(); e.blocks.which == settledOnes && upTo > e.asOf {
				e.unkept = append(e.unkept, n)
			} else if !yield(n, c) {
				return
			}
		}
		for i := e.share.this; i < len(e.blocks.unkept); i += e.share.of {
			if n := e.blocks.unkept[i]; !yield(n, &e.f.cases[n]) {
				return
			}
		}
	}
}

// surveyed are the tables of what customers were asked.
func (e *eval) surveyed() []Table {
	csat, nps, ces := e.sheet("csat"), e.sheet("nps"), e.sheet("ces")
	e.sweep(func(e *eval, s []*sheet) {
		e.say(care.CSAT, s[0], 3, 4)
		e.say(care.NPS, s[1], 6, 9)
		e.say(care.CES, s[2], 4, 5)
	}, csat, nps, ces)
	return []Table{csatTable(csat), npsTable(nps), cesTable(ces)}
}

// asked calls do for each survey of a kind that was sent in the span.
func (e *eval) asked(k care.SurveyKind, s *sheet, do func(g *group, v *survey)) {
	for _, v := range each(e, e.f.surveys) {
		if v.kind != k || v.sent == 0 || !e.within(v.sent) || !e.has(&e.f.cases[v.of]) {
			continue
		}
		do(s.of(&e.f.cases[v.of], v.sent), v)
	}
}

// Slots of surveys: silent, bad, middling, good.
const (
	saidNothing = iota
	saidBad
	saidMiddling
	saidGood
)

func surveyColumns(columns ...column) []column {
	answers := []int{saidBad, saidMiddling, saidGood}
	return append([]column{
		counted("asked", "asked", saidNothing, saidBad, saidMiddling, saidGood), counted("answers", "answers", answers...),
		shared("rate", "response rate", answers, saidNothing, saidBad, saidMiddling, saidGood),
	}, columns...)
}

// say sorts answers: good from a score on, bad up to one.
func (e *eval) say(k care.SurveyKind, s *sheet, bad, good int8) {
	e.asked(k, s, func(g *group, v *survey) {
		switch {
		case !v.answered:
			g.hit(saidNothing, v.of)
			return
		case v.score <= bad:
			g.hit(saidBad, v.of)
		case v.score >= good:
			g.hit(saidGood, v.of)
		default:
			g.hit(saidMiddling, v.of)
		}
		g.sum[0] += float64(v.score)
		g.gives(0, float64(v.score), false)
	})
}

func csatTable(s *sheet) Table {
	return s.table("Satisfaction (CSAT)", defCSAT, EventDate,
		surveyColumns(shared("csat", "CSAT", []int{saidGood}, saidBad, saidMiddling, saidGood).given(0, Score))...)
}

func npsTable(s *sheet) Table {
	return s.table("Recommendation (NPS)", defNPS, EventDate, surveyColumns(
		column{Column: Column{"nps", "NPS", Points}, of: []int{saidBad, saidMiddling, saidGood}, cell: func(g *group) Cell {
			return npsCell(g.n[saidGood], g.n[saidMiddling], g.n[saidBad])
		}}.given(0, Score))...)
}

// npsCell is the NPS with the 95 % interval of a difference of two shares of
// one sample.
func npsCell(good, middling, bad int) Cell {
	n := good + middling + bad
	if n < npsLeast {
		return Cell{N: n, Thin: n < thin, Why: "withheld below 30 answers"}
	}
	m := float64(n)
	p, d := float64(good)/m, float64(bad)/m
	half := z95 * math.Sqrt((p+d-(p-d)*(p-d))/m)
	return Cell{
		Value: number(100 * (p - d)), N: n,
		Low: number(100 * max(-1, p-d-half)), High: number(100 * min(1, p-d+half)),
	}
}

func cesTable(s *sheet) Table {
	answers := []int{saidBad, saidMiddling, saidGood}
	return s.table("Effort (CES)", defCES, EventDate, surveyColumns(
		shared("ces", "5–7 of 7", []int{saidGood}, answers...).given(0, Score),
		column{Column: Column{"mean", "mean", Score}, of: answers, cell: func(g *group) Cell {
			n := g.total(answers)
			if n == 0 {
				return Cell{Thin: true, Why: "there was nothing to count"}
			}
			return Cell{Value: number(g.sum[0] / float64(n)), N: n, Thin: n < thin}
		}}.given(0, Score))...)
}

type said uint8

const (
	neutrally said = iota
	praising
	complaining
)

// says is what a mention says, by the last word of a person on it.
func (f *Fold) says(m *mention) said {
	complaint := m.flagged
	if m.review != 0 {
		switch f.acts[m.review-1].kind {
		case actConfirmed, actMissed:
			complaint = true
		case actRefused, actPassed:
			complaint = false
		}
	}
	switch {
	case complaint:
		return complaining
	case m.praise:
		return praising
	}
	return neutrally
}

// Slots of the resolution at first contact.
const (
	fcrOnce = iota
	fcrAgain
	fcrOnceNet
	fcrAgainNet
	fcrTooEarly
)

// fcr counts resolution at the first contact.
func (e *eval) fcr(s *sheet, n uint32, c *fact, beyond map[word]bool) {
	if c.replied == 0 || c.resolved == 0 {
		return
	}
	g := s.of(c, e.date(c))
	until := max(c.resolved, c.replied) + hearsAfter
	if until > e.asOf {
		g.hit(fcrTooEarly, n)
		return
	}
	slot := fcrOnce
	for o := range e.f.heard(c.author, c.replied, until) {
		same := o.of == n || o.topic == c.topic || o.topic == 0 || c.topic == 0
		if same && o.says != praising {
			slot = fcrAgain
			break
		}
	}
	if g.hit(slot, n); len(beyond) == 0 || !beyond[c.disposition] {
		g.hit(slot+fcrOnceNet, n)
	}
}

func fcrTable(s *sheet) Table {
	return s.table("Resolved at first contact", defFCR, CaseDate,
		counted("cases", "cases", fcrOnce, fcrAgain), shared("gross", "FCR, gross", []int{fcrOnce}, fcrOnce, fcrAgain),
		counted("net_cases", "cases, net", fcrOnceNet, fcrAgainNet), shared("net", "FCR, net", []int{fcrOnceNet}, fcrOnceNet, fcrAgainNet),
		counted("too_early", "window still open", fcrTooEarly))
}
