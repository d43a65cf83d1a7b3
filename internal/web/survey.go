package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/web/asking"
)

// surveyPath is where a survey's link leads. It is short, since the link has to
// fit into an answer.
const surveyPath = "/s/{token}"

// A Survey is one question that the customer was sent, and the answer.
type Survey struct {
	N          int             `json:"n"`
	Ask        care.SurveyKind `json:"ask" enum:"csat,ces,nps"`
	AskedAt    time.Time       `json:"asked_at"`
	Until      time.Time       `json:"until" doc:"It can be answered, or the answer changed."`
	AnsweredAt time.Time       `json:"answered_at,omitzero" doc:"Last; absent: not yet."`
	Score      *int            `json:"score,omitempty" doc:"csat 1 to 5, ces 1 to 7, nps 0 to 10."`
	Comment    string          `json:"comment,omitempty" doc:"What they wrote besides: a stranger's, so escape it."`
	Erased     bool            `json:"erased,omitempty" doc:"The comment is gone."`
	Answers    int             `json:"answers" doc:"How often it was answered: once, and each change."`
}

func (f *CaseFull) surveys(p *view.CasePage) {
	f.Surveys = []Survey{}
	for _, s := range p.Case.Surveys {
		out := Survey{N: s.N, Ask: s.Ask, AskedAt: s.AskedAt, Until: s.Until, AnsweredAt: s.AnsweredAt, Answers: s.Answers}
		if s.Answered() {
			out.Score = &s.Score
		}
		if s.Comment > 0 {
			t, ok := p.Texts[s.Comment]
			out.Comment, out.Erased = clean(t.Body), !ok
		}
		f.Surveys = append(f.Surveys, out)
	}
}

// withoutLink takes the link out of an answer that carries a survey: whoever has
// it can answer in the customer's place, so people of the team don't see it.
func withoutLink(text string) string {
	i := strings.Index(text, "/s/")
	if i < 0 {
		return text
	}
	rest := strings.TrimLeft(text[i+3:], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
	return text[:i+3] + "…" + rest
}

func (t teller) saysSurvey(who string, e care.Event) string {
	switch e := e.(type) {
	case care.SurveyPlanned:
		return t.Say("story.survey_planned")
	case care.SurveySkipped:
		return t.Say("story.survey_skipped", "why", t.phrase(care.Unasked(e.Why)))
	case care.SurveyAsked:
		key := "story.survey_asked_by"
		if who == t.actor(care.ByClock) {
			key = "story.survey_asked"
		}
		return t.Say(key, "who", who, "what", strings.ToUpper(string(e.Ask)))
	case care.SurveyAnswered:
		if e.Comment > 0 {
			return t.Say("story.survey_commented", "score", e.Score)
		}
		return t.Say("story.survey_answered", "score", e.Score)
	}
	return ""
}

// AskSurvey says what a customer is asked.
type AskSurvey struct {
	Ask care.SurveyKind `json:"ask" enum:"csat,ces,nps" doc:"csat: how satisfied they are; ces: how easy it was; nps: whether they would recommend us."`
}

func (s *Server) askSurvey(ctx context.Context, a act, in AskSurvey) (Written, error) {
	if s.Ask == nil {
		return Written{}, &care.Error{Code: care.Conflict, Msg: care.Unasked("no_address")}
	}
	seq, err := s.Ask(ctx, a.who.Actor(), a.op, a.id, in.Ask)
	return Written{Case: a.id, Seq: seq}, err
}

// What the survey's page shows.
const (
	askScore   = "score"   // the question
	askMore    = "more"    // whether they want to say why
	askDone    = "done"    // nothing more
	askClosed  = "closed"  // it was answered too late
	askNowhere = "nowhere" // there is no such survey
	askWait    = "wait"    // too many tries
)

// maxComment bounds what a customer can write, in bytes.
const maxComment = 2_000

type surveyPage struct {
	asking.Words
	Brand     string
	Path      string
	Step      string
	Ask       care.SurveyKind
	Question  string
	Low, High string
	Scores    []surveyScore
	Chosen    string
	Done      string
	score     int // so far
}

type surveyScore struct {
	N     int
	Label string // as it is read out
	Is    bool   // chosen before
}

// surveyGet shows a survey. It sets no cookie and asks for no script, and looking
// changes nothing: programs look at every link.
func (s *Server) surveyGet(w http.ResponseWriter, r *http.Request) error {
	p, status, err := s.surveyAsked(w, r)
	if err != nil {
		return err
	}
	return s.show(w, status, "survey", p)
}

// surveyAsked is the page as it is now.
func (s *Server) surveyAsked(w http.ResponseWriter, r *http.Request) (p surveyPage, status int, err error) {
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex, nofollow")
	language, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",") // until we know what the customer speaks
	language, _, _ = strings.Cut(language, ";")
	p = surveyPage{Words: s.asking.In(language), Brand: s.Setup().Brand, Path: r.URL.Path, Step: askNowhere}
	if wait := s.pace.Take(askedOf(r.Context()).visit.From); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		p.Step = askWait
		return p, http.StatusTooManyRequests, nil
	}
	survey, err := s.Surveys.Survey(r.Context(), r.PathValue("token"))
	if e, ok := errors.AsType[*care.Error](err); ok && e.Code == care.NotFound {
		return p, http.StatusNotFound, nil
	}
	if err != nil {
		return p, 0, err
	}
	p.Words, p.Ask, p.score = s.asking.In(survey.Language), survey.Ask, survey.Score
	if survey.Brand != "" {
		p.Brand = survey.Brand
	}
	p.Question, p.Low, p.High = p.Words.Question(survey.Ask, p.Brand)
	p.Chosen, p.Done = p.Words.Chosen(survey.Score), p.Words.Done(survey.Until)
	low, high, _ := survey.Ask.Scale()
	for n := low; n <= high; n++ {
		score := surveyScore{N: n, Label: strconv.Itoa(n), Is: survey.Answered() && survey.Score == n}
		switch n {
		case low:
			score.Label += ", " + p.Low
		case high:
			score.Label += ", " + p.High
		}
		p.Scores = append(p.Scores, score)
	}
	switch step := r.URL.Query().Get("step"); {
	case !s.Now().Before(survey.Until):
		p.Step = askClosed
		return p, http.StatusGone, nil
	case !survey.Answered() || step == askScore:
		p.Step = askScore
	case survey.Comment > 0 || step == askDone:
		p.Step = askDone
	default:
		p.Step = askMore
	}
	return p, http.StatusOK, nil
}

// surveyPost takes a score, or what the customer says about it, and leads on.
func (s *Server) surveyPost(w http.ResponseWriter, r *http.Request) error {
	p, status, err := s.surveyAsked(w, r)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return s.show(w, status, "survey", p)
	}
	token, to := r.PathValue("token"), "?step="+askMore
	score, comment := p.score, (*string)(nil)
	if r.PostFormValue("score") != "" {
		if score, err = strconv.Atoi(r.PostFormValue("score")); err != nil {
			return problem(http.StatusUnprocessableEntity, "invalid", "wrong.score")
		}
	} else {
		said := tidy(r.PostFormValue("comment"))
		comment, to = &said, "?step="+askDone
	}
	_, err = s.Surveys.AnswerSurvey(r.Context(), token, score, comment)
	if e, ok := errors.AsType[*care.Error](err); ok && e.Code == care.Conflict {
		to, err = "?step="+askDone, nil // changed too often: it stays what it was
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/s/"+token+to, http.StatusSeeOther)
	return nil
}

// tidy is a comment as it is kept: valid, and no longer than may be.
func tidy(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
	return s[:whole(s, min(len(s), maxComment))]
}
