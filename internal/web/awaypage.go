package web

import (
	"context"
	"net/http"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// absenceOf is an absence as the pages ask for it: by the first day on which
// somebody takes cases again, in the zone of whoever asks.
func (s *Server) absenceOf(r *http.Request) (Absence, error) {
	a := Absence{Cover: care.AgentID(r.PostFormValue("cover"))}
	day := r.PostFormValue("back_on")
	if day == "" {
		return a, nil
	}
	zone, err := s.zoneOf(r.Context())
	if err != nil {
		return a, err
	}
	if a.Until, err = time.ParseInLocation(time.DateOnly, day, zone); err != nil {
		return a, problem(http.StatusUnprocessableEntity, "invalid", "wrong.day")
	}
	return a, nil
}

// zoneOf is what a person set, or the desk's.
func (s *Server) zoneOf(ctx context.Context) (*time.Location, error) {
	set, err := s.Personal.Settings(ctx, askedOf(ctx).who.Name)
	if err != nil {
		return nil, err
	}
	if zone, err := time.LoadLocation(set.Zone); set.Zone != "" && err == nil {
		return zone, nil
	}
	return s.deskZone(), nil
}

func (s *Server) myAwayPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.restBy(r, askedOf(r.Context()).who.Name)
	if err != nil {
		return s.wrongOnMe(w, r, err)
	}
	s.after(w, r, "/me", "away", out.Body)
	return nil
}

func (s *Server) restBy(r *http.Request, name care.AgentID) (*written, error) {
	a, err := s.absenceOf(r)
	if err != nil {
		return nil, err
	}
	return s.rest(r.Context(), name, Writing{Key: r.PostFormValue("op")}.op(r.Context()), a)
}

func (s *Server) myBackPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.myBack(r.Context(), nil)
	if err != nil {
		return err
	}
	s.after(w, r, "/me", "back", out.Body)
	return nil
}

// namePost changes how one is called.
func (s *Server) namePost(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.changeMe(r.Context(), &meInput{MeChange{Display: new(r.PostFormValue("display"))}}); err != nil {
		return s.wrongOnMe(w, r, err)
	}
	s.after(w, r, "/me", "name", Written{})
	return nil
}

// A MeChange changes what somebody may change of their own account.
type MeChange struct {
	Display *string `json:"display,omitempty" maxLength:"60" doc:"How colleagues and the story of cases call one; empty: by the sign-in name."`
}

type meInput struct{ Body MeChange }

func (s *Server) changeMe(ctx context.Context, in *meInput) (*personOutput, error) {
	who := askedOf(ctx).who
	a, err := s.People.Change(ctx, who.Actor(), who.Name, auth.Edit{Display: in.Body.Display})
	s.directory.forget()
	return &personOutput{person(a, false)}, err
}

func (s *Server) personAwayPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.restBy(r, care.AgentID(r.PathValue("name")))
	return s.afterPerson(w, r, out, err)
}

func (s *Server) personBackPost(w http.ResponseWriter, r *http.Request) error {
	out, err := s.unrest(r.Context(), care.AgentID(r.PathValue("name")))
	return s.afterPerson(w, r, out, err)
}

func (s *Server) personPassPost(w http.ResponseWriter, r *http.Request) error {
	in := passInput{Writing: Writing{Key: r.PostFormValue("op")}, OneAgent: OneAgent{Name: care.AgentID(r.PathValue("name"))}, Body: NewOwner{To: care.AgentID(r.PostFormValue("to"))}}
	_, err := s.passOn(r.Context(), &in)
	return s.afterPerson(w, r, &written{}, err)
}

func (s *Server) afterPerson(w http.ResponseWriter, r *http.Request, out *written, err error) error {
	if err != nil {
		return s.wrongOnPeople(w, r, err, NewPerson{})
	}
	s.after(w, r, "/people", "person", out.Body)
	return nil
}
