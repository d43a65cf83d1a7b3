package web

import (
	"context"
	"net/http"

	"github.com/amends-care/amends/internal/care"
)

// An Offer is a mention that somebody is asked to review.
type Offer struct {
	Mention care.MentionID
	Doubt   bool // a colleague dismissed its case; else it was not flagged
}

// A ToReview is a mention to agree or disagree about.
type ToReview struct {
	Mention
	Doubt bool `json:"doubt,omitempty" doc:"A colleague dismissed its case as no complaint. Else it was not flagged."`
}

// A ReviewList is what is offered for review: a share of what was not flagged
// and of what was dismissed, so that nobody is blind to what is never seen.
type ReviewList struct {
	Reviews []ToReview `json:"reviews"`
}

type reviewListInput struct {
	Reading
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type reviewListOutput struct{ Body ReviewList }

func (s *Server) listReviews(ctx context.Context, in *reviewListInput) (*reviewListOutput, error) {
	out, err := s.reviews(ctx, in.Limit)
	return &reviewListOutput{out}, err
}

func (s *Server) reviews(ctx context.Context, n int) (ReviewList, error) {
	out := ReviewList{Reviews: []ToReview{}}
	if s.Learning == nil {
		return out, nil
	}
	offers, err := s.Learning.Offers(ctx, askedOf(ctx).who.Name, n)
	if err != nil {
		return out, err
	}
	ids := make([]care.MentionID, len(offers))
	for i, o := range offers {
		ids[i] = o.Mention
	}
	ms, err := s.Mentions.Mentions(ctx, ids...)
	if err != nil {
		return out, err
	}
	for i := range ms {
		if ms[i].Post.Text != "" {
			out.Reviews = append(out.Reviews, ToReview{Mention: mention(&ms[i]), Doubt: offers[i].Doubt})
		}
	}
	return out, nil
}

// A Judgement says what a mention is.
type Judgement struct {
	Complaint bool `json:"complaint"`
}

type judgementInput struct {
	Writing
	ID   care.MentionID `path:"id" maxLength:"40"`
	Body Judgement
}

// judge records what a person says of a mention, flagged or not, in a case or in none.
func (s *Server) judge(ctx context.Context, in *judgementInput) (*written, error) {
	if _, ok := care.IDTime(string(in.ID)); !ok {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no such mention."}
	}
	id, seq, err := s.Desk.Review(ctx, askedOf(ctx).who.Actor(), in.op(ctx), in.ID, in.Body.Complaint)
	return &written{Seq: seq, Body: Written{Case: id, Seq: seq}}, err
}

type reviewsPage struct {
	page
	List ReviewList
	More bool // there may be more behind these
}

// onPage is how many are shown at once.
const onPage = 20

func (s *Server) reviewsGet(w http.ResponseWriter, r *http.Request) error {
	var p reviewsPage
	var err error
	if p.List, err = s.reviews(r.Context(), onPage); err != nil {
		return err
	}
	if p.page, err = s.framed(r, "nav.reviews"); err != nil {
		return err
	}
	p.More = len(p.List.Reviews) == onPage
	return s.show(w, http.StatusOK, "reviews", p)
}

func (s *Server) judgePost(w http.ResponseWriter, r *http.Request) error {
	in := judgementInput{Writing: Writing{Key: r.PostFormValue("op")}, ID: care.MentionID(r.PathValue("id")),
		Body: Judgement{Complaint: r.PostFormValue("complaint") == "true"}}
	out, err := s.judge(r.Context(), &in)
	if err != nil {
		return err
	}
	s.after(w, r, "/reviews", "review", out.Body)
	return nil
}
