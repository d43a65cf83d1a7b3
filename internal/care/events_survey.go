package care

import "time"

// SurveyPlanned says that the customer is to be asked once the case is resolved,
// and when. Anything that takes the case up again ends it.
type SurveyPlanned struct {
	Ask SurveyKind `json:"ask"`
	At  time.Time  `json:"at"`
}

// SurveyAsked says that the question goes out with a reply: it was sent when
// that reply was.
type SurveyAsked struct {
	Survey   int        `json:"survey"` // 1 for the first of the case
	Ask      SurveyKind `json:"ask"`
	Reply    int        `json:"reply"`
	Language string     `json:"language,omitempty"` // of the question
	Until    time.Time  `json:"until"`              // it can be answered
}

// SurveySkipped says why a customer was not asked after all; see [Case.MayAsk].
type SurveySkipped struct {
	Why string `json:"why"`
}

// SurveyAnswered is what the customer said; of several the last. Comment is n of
// text/<case>/<n>; 0: none.
type SurveyAnswered struct {
	Survey  int `json:"survey"`
	Score   int `json:"score"`
	Comment int `json:"comment,omitempty"`
}

// ContactAsked says that the person was asked something in a case: they are let
// alone for a while.
type ContactAsked struct {
	Case CaseID `json:"case"`
}

// DigestIssued says that the figures of a span were told, at a point of the
// schedule, as the log stood then.
type DigestIssued struct {
	Point    time.Time `json:"point"`
	Position uint64    `json:"position"`
}

// AlertBegan says that a figure went past its limit. Figures of time are in
// seconds, shares from 0 to 1.
type AlertBegan struct {
	Value    float64 `json:"value"`
	Limit    float64 `json:"limit"`
	N        int     `json:"n"` // of how many the figure is made
	Position uint64  `json:"position"`
}

// AlertEnded says that it is well on this side of the limit again, or that there
// is nothing to measure any more, or that nobody asks for it.
type AlertEnded struct {
	Value    float64 `json:"value"`
	N        int     `json:"n"`
	Why      string  `json:"why"` // over | nothing | removed
	Position uint64  `json:"position"`
}

// Kinds of the events of surveys, digests and alerts.
func (SurveyPlanned) Kind() Kind  { return "survey.planned" }
func (SurveyAsked) Kind() Kind    { return "survey.asked" }
func (SurveySkipped) Kind() Kind  { return "survey.skipped" }
func (SurveyAnswered) Kind() Kind { return "survey.answered" }
func (ContactAsked) Kind() Kind   { return "contact.asked" }
func (DigestIssued) Kind() Kind   { return "digest.issued" }
func (AlertBegan) Kind() Kind     { return "alert.began" }
func (AlertEnded) Kind() Kind     { return "alert.ended" }

func (e *SurveyPlanned) fields(c *codec) { str(c, &e.Ask); c.time(&e.At) }
func (e *SurveyAsked) fields(c *codec) {
	c.int(&e.Survey)
	str(c, &e.Ask)
	c.int(&e.Reply)
	c.text(&e.Language)
	c.time(&e.Until)
}
func (e *SurveySkipped) fields(c *codec)  { c.text(&e.Why) }
func (e *SurveyAnswered) fields(c *codec) { c.int(&e.Survey); c.int(&e.Score); c.int(&e.Comment) }
func (e *ContactAsked) fields(c *codec)   { str(c, &e.Case) }
func (e *DigestIssued) fields(c *codec)   { c.time(&e.Point); c.uint(&e.Position) }
func (e *AlertBegan) fields(c *codec) {
	c.float(&e.Value)
	c.float(&e.Limit)
	c.int(&e.N)
	c.uint(&e.Position)
}
func (e *AlertEnded) fields(c *codec) {
	c.float(&e.Value)
	c.int(&e.N)
	c.text(&e.Why)
	c.uint(&e.Position)
}
