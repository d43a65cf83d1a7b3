package care

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// A SurveyKind is what a customer is asked.
type SurveyKind string

// The kinds of survey.
const (
	CSAT SurveyKind = "csat" // how satisfied they are, 1 to 5
	CES  SurveyKind = "ces"  // how easy it was, 1 to 7
	NPS  SurveyKind = "nps"  // whether they would recommend us, 0 to 10
)

// SurveyKinds are all there are.
func SurveyKinds() []SurveyKind { return []SurveyKind{CSAT, CES, NPS} }

// Scale is the lowest and the highest score. ok is false for no kind of ours.
func (k SurveyKind) Scale() (low, high int, ok bool) {
	switch k {
	case CSAT:
		return 1, 5, true
	case CES:
		return 1, 7, true
	case NPS:
		return 0, 10, true
	}
	return 0, 0, false
}

// A SurveyRule says when customers of a queue are asked.
type SurveyRule struct {
	Ask   SurveyKind
	After time.Duration // the case was resolved
	Share float64       // of the resolved cases, 0 to 1
}

// A LowScore says what a score of AtMost or less sets off.
type LowScore struct {
	AtMost int
	Notify []string // channels
	Raise  bool     // lift the case one level
	Reopen bool     // take it up again
}

// A Survey is one question that was sent, with its answer.
type Survey struct {
	N          int        `json:"n"`
	Ask        SurveyKind `json:"ask"`
	Reply      int        `json:"reply"`
	Language   string     `json:"language,omitempty"`
	AskedAt    time.Time  `json:"asked_at,omitzero"`
	Until      time.Time  `json:"until,omitzero"`
	AnsweredAt time.Time  `json:"answered_at,omitzero"` // last; zero: not
	Score      int        `json:"score,omitempty"`
	Comment    int        `json:"comment,omitempty"` // n of text/<case>/<n>; 0: none
	Answers    int        `json:"answers,omitempty"` // how often it was answered: one, and each change
}

// Answered says that there is a score.
func (s *Survey) Answered() bool { return s.Answers > 0 }

// SurveyN returns the n-th survey of the case, or nil.
func (c *Case) SurveyN(n int) *Survey {
	for i := range c.Surveys {
		if c.Surveys[i].N == n {
			return &c.Surveys[i]
		}
	}
	return nil
}

// Asks says that a reply carries a survey.
func (c *Case) Asks(reply int) bool {
	return slices.ContainsFunc(c.Surveys, func(s Survey) bool { return s.Reply == reply })
}

func (c *Case) applySurvey(r Record, e Event) bool {
	switch e := e.(type) {
	case SurveyPlanned:
		c.Survey = e
	case SurveySkipped:
		c.Survey = SurveyPlanned{}
	case SurveyAsked:
		if c.Survey = (SurveyPlanned{}); c.SurveyN(e.Survey) == nil {
			c.Surveys = append(c.Surveys, Survey{N: e.Survey, Ask: e.Ask, Reply: e.Reply, Language: e.Language, AskedAt: r.At, Until: e.Until})
		}
	case SurveyAnswered:
		c.Texts = max(c.Texts, e.Comment)
		if s := c.SurveyN(e.Survey); s != nil {
			s.Score, s.Comment, s.AnsweredAt = e.Score, e.Comment, r.At
			s.Answers++
		}
	default:
		return false
	}
	return true
}

// PlanSurvey plans to ask a customer whose case has just been resolved. before is
// the case as it was; c is after that. Which cases are asked about, where it is
// not all, is decided by the case's id: the same for ever, and nobody chooses.
func (c *Case) PlanSurvey(before *Case, r SurveyRule) []Event {
	just := c.State == StateResolved && (before.State != StateResolved || !before.ResolvedAt.Equal(c.ResolvedAt))
	if _, _, ok := r.Ask.Scale(); !ok || !just || c.Late || c.FirstReplyAt.IsZero() || !drawn(c.ID, r.Share) {
		return nil
	}
	return []Event{SurveyPlanned{Ask: r.Ask, At: c.ResolvedAt.Add(r.After)}}
}

// drawn says whether a case is in a sample of a share of all.
func drawn(id CaseID, share float64) bool {
	sum := sha256.Sum256([]byte("survey\x00" + id))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11)/(1<<53) < share
}

// Reasons not to ask a customer, see [Case.MayAsk].
var unasked = map[string]Phrase{
	"not_resolved": "Only a case that is resolved can be asked about.",
	"late":         "This case was old when we first saw it.",
	"held":         "This case is kept for a court: nobody is asked about it.",
	"promise":      "A promise to this customer is still open.",
	"unanswered":   "Nobody of us answered this customer.",
	"reply":        "An answer to this customer is still on its way, or it is not known what became of it.",
	"opted_out":    "They asked us not to contact them.",
	"issue":        "This customer is about to be written to about a known issue.",
	"throttled":    "This customer was asked a short while ago.",
	"withdrawn":    "The customer took their posts back.",
	"no_address":   "Surveys need public_url in the configuration: without it no link can lead here.",
	"no_way":       "There is no way to ask this customer: only direct messages may carry the link, and this network allows none here.",
	"too_long":     "The question does not fit into an answer on this network.",
}

// Unasked is a reason not to ask in a sentence.
func Unasked(why string) Phrase { return cmp.Or(unasked[why], "This customer can't be asked.") }

// MayAsk says what stands against asking the customer of a case now, as a code;
// empty: nothing. every is how long a person is left alone after a question, over
// all their accounts; reached says that they are about to hear from us about a
// known issue.
func (c *Case) MayAsk(p *Person, now time.Time, every time.Duration, reached bool) (why string) {
	switch {
	case c.State != StateResolved: // a dismissed one is spam, or not about us
		return "not_resolved"
	case c.Late:
		return "late"
	case c.OnHold:
		return "held"
	case slices.ContainsFunc(c.Promises, func(p Promise) bool { return p.Outstanding() }):
		return "promise"
	case c.FirstReplyAt.IsZero():
		return "unanswered"
	case slices.ContainsFunc(c.Replies, func(r Reply) bool { return !r.Settled() }):
		return "reply"
	case p.OptedOut() != nil:
		return "opted_out"
	case reached:
		return "issue"
	case c.ToAnswer() == nil:
		return "withdrawn"
	}
	if at := p.AskedAt(); !at.IsZero() && now.Sub(at) < every {
		return "throttled"
	}
	return ""
}

// Reaches says that the customer of a case is about to hear from us about the
// issue, or that nobody knows yet whether they did.
func (i *Issue) Reaches(c *Case) bool {
	for _, s := range i.Steps {
		for _, d := range s.Drafts {
			if d.Case != c.ID {
				continue
			}
			r := c.Reply(d.Reply)
			if d.State == DraftToLook || d.State == DraftApproved || d.State == DraftWrote && r != nil && !r.Settled() {
				return true
			}
		}
	}
	return false
}

// AskedAt is when the person was last asked something, whichever account it was
// by; zero: never.
func (p *Person) AskedAt() (last time.Time) {
	for _, c := range p.All {
		if c.AskedAt.After(last) {
			last = c.AskedAt
		}
	}
	return last
}

// A Question is a survey about to be sent.
type Question struct {
	Ask       SurveyKind
	Language  string
	Body      string // of the answer that carries the link
	Direct    bool
	NotBefore time.Time
	Until     time.Time
}

// SurveyKeys begins the key of every answer that carries a survey.
const SurveyKeys = "survey/"

// SurveyKey is the key of the one answer that carries the n-th survey of a case.
func SurveyKey(id CaseID, n int) string { return fmt.Sprintf("%s%s/%d", SurveyKeys, id, n) }

// NextSurvey is the number of the case's next survey.
func (c *Case) NextSurvey() int { return len(c.Surveys) + 1 }

// Put asks: the answer with the link, the note that it was asked, and that the
// person is to be left alone now. Nothing stands against it, by [Case.MayAsk].
func (q Question) Put(c *Case, p *Person) Change {
	n, text := c.NextSurvey(), c.NextText()
	return Change{
		Cases: []CaseEvents{{Case: c.ID, Events: []Event{
			ReplyRequested{
				Reply: text, To: c.ToAnswer().Mention, Key: SurveyKey(c.ID, n), Direct: q.Direct, NotBefore: q.NotBefore,
				Then: ThenKeep, Automatic: true,
			},
			SurveyAsked{Survey: n, Ask: q.Ask, Reply: text, Language: q.Language, Until: q.Until},
		}}},
		Texts: []KeptText{{Case: c.ID, N: text, Text: Text{Body: q.Body}}},
		// It stands with the first of the person's accounts, so that two questions to
		// two of them at once can't both go out.
		Contacts: []ContactEvents{{Author: p.Root(), Events: []Event{ContactAsked{Case: c.ID}}}},
	}
}

// MaxAnswers is how often a survey can be answered: once, and changes.
const MaxAnswers = 20

// AnswerSurvey takes an answer to the n-th survey. comment is what they wrote
// besides; nil: it stays what it was. Anybody who has the link can answer, so
// that is all they can do.
func (c *Case) AnswerSurvey(n, score int, comment *string, now time.Time, low LowScore) ([]Event, []KeptText, error) {
	s := c.SurveyN(n)
	if s == nil {
		return nil, nil, &Error{Code: NotFound, Msg: "There is no such survey."}
	}
	lo, hi, _ := s.Ask.Scale()
	switch {
	case !now.Before(s.Until):
		return nil, nil, conflict("This survey is closed.")
	case score < lo || score > hi:
		return nil, nil, invalid("score", "Choose {low} to {high}.", "low", lo, "high", hi)
	}
	e := SurveyAnswered{Survey: n, Score: score, Comment: s.Comment}
	var texts []KeptText
	if comment != nil && (*comment != "" || s.Comment > 0) {
		if e.Comment == 0 {
			e.Comment = c.NextText()
		}
		texts = []KeptText{{Case: c.ID, N: e.Comment, Text: Text{Body: *comment}}}
	}
	if s.Answered() && s.Score == score && len(texts) == 0 {
		return nil, nil, nil
	}
	if s.Answers >= MaxAnswers {
		return nil, nil, conflict("This answer was changed very often. It stays what it is now.")
	}
	return append([]Event{e}, c.disappointed(e, low)...), texts, nil
}

// disappointed is what a low score sets off: once for a survey, however often the
// answer is changed.
func (c *Case) disappointed(e SurveyAnswered, low LowScore) (events []Event) {
	step := fmt.Sprintf("survey/%d", e.Survey)
	if e.Score > low.AtMost || slices.Contains(c.Steps, step) || len(low.Notify) == 0 && !low.Raise && !low.Reopen {
		return nil
	}
	raised := Escalated{Queue: c.Queue, Why: BadScore, Step: step}
	if low.Raise {
		raised.Level = c.Level + 1
	}
	events = []Event{raised}
	for _, channel := range low.Notify {
		events = append(events, NoticeRequested{Key: step + "/" + channel, Channel: channel, Why: BadScore})
	}
	if low.Reopen && c.State == StateResolved {
		events = append(events, Reopened{})
	}
	return events
}

// BadScore is why a case was escalated that a customer gave a low score.
const BadScore = "bad_score"

// A SurveyPage is a survey with what its page has to know of the case.
type SurveyPage struct {
	Survey
	Brand string
}
