package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// Learning is what the team's reviews have taught, and what is to be reviewed.
type Learning interface {
	Model(ctx context.Context) (*ModelState, error)
	Aim(ctx context.Context, by care.Actor, op string, a ModelAim) (store.Seq, error)
	RollBack(ctx context.Context, by care.Actor, op string) (store.Seq, error)
	// Offers are at most n mentions for a person to review, the newest first.
	Offers(ctx context.Context, who care.AgentID, n int) ([]Offer, error)
}

// A Figure is an estimate with its interval.
type Figure struct {
	Value *float64 `json:"value,omitempty" doc:"Absent: nothing is known yet."`
	Low   float64  `json:"low"`
	High  float64  `json:"high"`
	N     int      `json:"n,omitempty" doc:"Of how many."`
}

// A ModelState is what judges, how good it is by the team's own reviews, and
// what it may become.
type ModelState struct {
	Base      string    `json:"base" doc:"The model that ships."`
	Version   string    `json:"version,omitempty" doc:"What the reviews made of it; absent: it judges as it is."`
	Outdated  bool      `json:"outdated,omitempty" doc:"The version was made on another model than this program's, and is not used."`
	Since     time.Time `json:"since,omitzero" doc:"When the version was made."`
	Shift     float64   `json:"shift" doc:"What is added to the log odds of every mention: the brand's prior."`
	Slope     float64   `json:"slope" doc:"By what the log odds are stretched before."`
	Corrects  bool      `json:"corrects" doc:"The version has learned from texts."`
	Threshold float64   `json:"threshold" doc:"The probability from which a mention is flagged."`
	Fixed     bool      `json:"fixed,omitempty" doc:"The configuration fixes the threshold."`
	Aim       ModelAim  `json:"aim"`
	AimInFile bool      `json:"aim_in_file,omitempty" doc:"The configuration says what the threshold aims at."`
	CanGoBack bool      `json:"can_go_back" doc:"There is something to roll back to."`
	Paused    int       `json:"paused,omitempty" doc:"Since a roll back: from how many reviews on it moves again by itself."`

	Reviews    ModelReviews     `json:"reviews"`
	PerDay     float64          `json:"per_day" doc:"Mentions a day, of the last four weeks."`
	Agents     int              `json:"agents" doc:"People who work; false ones are shared among them."`
	Share      Figure           `json:"share" doc:"Of mentions that are complaints, 0 to 1, by the reviews."`
	Missed     Figure           `json:"missed" doc:"Of 100 complaints, how many were not flagged; by the sample of what was not flagged, of which N were looked at."`
	Overturned Figure           `json:"overturned" doc:"Share of the dismissals that a second person took for complaints, of N looked at."`
	Costs      []ModelCost      `json:"costs" doc:"What thresholds would cost."`
	Challenger *ModelChallenger `json:"challenger,omitempty"`
	History    []ModelChange    `json:"history" doc:"What was put in force, the latest first."`
}

// A ModelAim is what the threshold is for; at most one is above 0.
type ModelAim struct {
	MissAtMost  float64 `json:"miss_at_most,omitempty" minimum:"0" maximum:"99.9" doc:"Of 100 complaints."`
	FalseAtMost float64 `json:"false_at_most,omitempty" minimum:"0" maximum:"10000" doc:"Flagged in vain, per agent and day."`
}

// ModelReviews count the team's reviews.
type ModelReviews struct {
	Total      int            `json:"total"`
	Needed     int            `json:"needed" doc:"From how many on prior and threshold move."`
	Complaints int            `json:"complaints"`
	Worked     int            `json:"worked" doc:"Cases that somebody took and answered or resolved."`
	Dismissed  int            `json:"dismissed" doc:"As no complaint."`
	Outright   int            `json:"outright" doc:"Agreed or disagreed with outright."`
	Reviewers  int            `json:"reviewers"`
	Teaching   int            `json:"teaching" doc:"Whose texts a model may learn from."`
	Contrary   []care.AgentID `json:"contrary" doc:"People whose reviews say the opposite of what the model finds likely, so that they count for nothing: look at them."`
}

// A ModelCost is what a threshold costs.
type ModelCost struct {
	Threshold float64 `json:"threshold"`
	InForce   bool    `json:"in_force,omitempty"`
	Missed    Figure  `json:"missed" doc:"Of 100 complaints."`
	False     Figure  `json:"false" doc:"Flagged in vain, per agent and day."`
	Right     Figure  `json:"right" doc:"Of 100 flagged, how many are complaints."`
}

// A ModelChallenger judges in the shadow of the version in force.
type ModelChallenger struct {
	Version  string         `json:"version"`
	MadeAt   time.Time      `json:"made_at"`
	Held     int            `json:"held" doc:"Reviews of what came in since, by which it is compared."`
	NextLook int            `json:"next_look,omitempty" doc:"At how many of them it is looked at."`
	Both     int64          `json:"both" doc:"Mentions that both flagged since this server began."`
	OnlyOld  int64          `json:"only_old" doc:"That only the version in force flagged."`
	OnlyNew  int64          `json:"only_new" doc:"That only the challenger flagged."`
	Neither  int64          `json:"neither"`
	LastLook *ModelEvidence `json:"last_look,omitempty"`
}

// ModelEvidence compares a challenger with the version in force, by reviews that
// neither learned from.
type ModelEvidence struct {
	Held         int     `json:"held"`
	Recall       float64 `json:"recall"`
	RecallWas    float64 `json:"recall_was"`
	Precision    float64 `json:"precision"`
	PrecisionWas float64 `json:"precision_was"`
	DRecall      Figure  `json:"recall_change" doc:"With an interval of 99 %."`
	DPrecision   Figure  `json:"precision_change" doc:"With an interval of 99 %."`
}

// A ModelChange is a record of what was put in force.
type ModelChange struct {
	At time.Time  `json:"at"`
	By care.Actor `json:"by"`
	care.ModelChanged
}

type modelOutput struct{ Body ModelState }

var errNoLearning = &care.Error{Code: care.NotFound, Msg: "This server does not learn from reviews."}

func (s *Server) model(ctx context.Context, _ *Reading) (*modelOutput, error) {
	if s.Learning == nil {
		return nil, errNoLearning
	}
	m, err := s.Learning.Model(ctx)
	if err != nil {
		return nil, err
	}
	return &modelOutput{*m}, nil
}

type modelAimInput struct {
	Writing
	Body ModelAim
}

// setAim chooses what the threshold is for.
func (s *Server) setAim(ctx context.Context, in *modelAimInput) (*written, error) {
	if s.Learning == nil {
		return nil, errNoLearning
	}
	seq, err := s.Learning.Aim(ctx, askedOf(ctx).who.Actor(), in.op(ctx), in.Body)
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

type rollBackInput struct{ Writing }

// rollBack puts in force what was in force before.
func (s *Server) rollBack(ctx context.Context, in *rollBackInput) (*written, error) {
	if s.Learning == nil {
		return nil, errNoLearning
	}
	seq, err := s.Learning.RollBack(ctx, askedOf(ctx).who.Actor(), in.op(ctx))
	return &written{Seq: seq, Body: Written{Seq: seq}}, err
}

type modelPage struct {
	page
	Model  ModelState
	CanSet bool
}

func (s *Server) modelGet(w http.ResponseWriter, r *http.Request) error {
	return s.modelPage(w, r, nil)
}

func (s *Server) modelPage(w http.ResponseWriter, r *http.Request, wrong *failure) error {
	out, err := s.model(r.Context(), nil)
	if err != nil {
		return err
	}
	p := modelPage{Model: out.Body}
	if p.page, err = s.framed(r, "nav.model"); err != nil {
		return err
	}
	p.Wrong, p.CanSet = wrong, p.Me.May(auth.Teach)
	status := http.StatusOK
	if wrong != nil {
		status = wrong.status
	}
	return s.show(w, status, "model", p)
}

// wrongOnModel shows the page again with what went wrong.
func (s *Server) wrongOnModel(w http.ResponseWriter, r *http.Request, err error) error {
	f := s.explain(r.Context(), err)
	if f.status >= http.StatusInternalServerError || f.status == http.StatusNotFound {
		return f
	}
	return s.modelPage(w, r, f)
}

func (s *Server) aimPost(w http.ResponseWriter, r *http.Request) error {
	in := modelAimInput{Writing: Writing{Key: r.PostFormValue("op")}}
	n := 0.0
	if text := r.PostFormValue("n"); text != "" {
		var err error
		if n, err = strconv.ParseFloat(text, 64); err != nil || n < 0 || n > 10_000 {
			return s.wrongOnModel(w, r, &failure{status: http.StatusUnprocessableEntity, code: "invalid", field: "n", key: "wrong.number"})
		}
	}
	switch r.PostFormValue("aim") {
	case "miss":
		in.Body.MissAtMost = n
	case "false":
		in.Body.FalseAtMost = n
	}
	out, err := s.setAim(r.Context(), &in)
	if err != nil {
		return s.wrongOnModel(w, r, err)
	}
	s.after(w, r, "/model", "aim", out.Body)
	return nil
}

func (s *Server) rollBackPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.rollBack(r.Context(), &rollBackInput{Writing{Key: r.PostFormValue("op")}})
	if err != nil {
		return s.wrongOnModel(w, r, err)
	}
	s.after(w, r, "/model", "rollback", out.Body)
	return nil
}
