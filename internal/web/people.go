package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A Person is somebody of the team.
type Person struct {
	Name        care.AgentID `json:"name"`
	Display     string       `json:"display"`
	Role        auth.Role    `json:"role" enum:"viewer,agent,lead,admin"`
	Languages   []string     `json:"languages"`
	Disabled    bool         `json:"disabled,omitempty"`
	HasPassword bool         `json:"has_password,omitempty" doc:"Told to administrators only."`
	CreatedAt   time.Time    `json:"created_at"`
	SignedInOn  time.Time    `json:"signed_in_on,omitzero" doc:"The day of the last sign-in; told to administrators only."`
	Away        bool         `json:"away,omitempty" doc:"Takes no cases just now."`
	AwayUntil   time.Time    `json:"away_until,omitzero" doc:"Absent: until they say that they are back."`
}

func person(a auth.Account, full bool) Person {
	p := Person{Name: a.Name, Display: a.Display, Role: a.Role, Languages: list(a.Languages), Disabled: a.Disabled, CreatedAt: a.CreatedAt}
	if full {
		p.HasPassword, p.SignedInOn = a.HasPassword, a.SignedInOn
	}
	return p
}

// A PersonList is everybody of the team.
type PersonList struct {
	People []Person `json:"people"`
}

type peopleOutput struct{ Body PersonList }

func (s *Server) listPeople(ctx context.Context, _ *Reading) (*peopleOutput, error) {
	out := &peopleOutput{}
	out.Body.People = []Person{}
	full, now := askedOf(ctx).who.May(auth.Team), s.Now()
	agents, err := s.Persons.Agents()
	if err != nil {
		return nil, err
	}
	for a, err := range s.People.Accounts(ctx) {
		if err != nil {
			return nil, err
		}
		p := person(a, full)
		if g := agents[a.Name]; g.AwayAt(now) {
			p.Away, p.AwayUntil = true, g.Until
		}
		out.Body.People = append(out.Body.People, p)
	}
	return out, nil
}

// A NewPerson is somebody to be added.
type NewPerson struct {
	Name      string    `json:"name" minLength:"1" maxLength:"32" doc:"For signing in; never used twice."`
	Display   string    `json:"display,omitempty" maxLength:"60"`
	Role      auth.Role `json:"role" enum:"viewer,agent,lead,admin"`
	Languages []string  `json:"languages,omitempty" maxItems:"20"`
	Password  string    `json:"password,omitempty" maxLength:"1024" doc:"To be changed at the first sign-in; absent: a link signs the person in."`
}

// A Welcome is a person who was added, with a link where there is no password.
type Welcome struct {
	Person
	Link    string    `json:"link,omitempty" doc:"Signs the person in once."`
	Expires time.Time `json:"link_expires,omitzero"`
}

type newPersonInput struct{ Body NewPerson }

type welcomeOutput struct {
	Status int
	Body   Welcome
}

func (s *Server) addPerson(ctx context.Context, in *newPersonInput) (*welcomeOutput, error) {
	w, err := s.welcome(ctx, in.Body)
	return &welcomeOutput{Status: http.StatusCreated, Body: w}, err
}

func (s *Server) welcome(ctx context.Context, n NewPerson) (Welcome, error) {
	by := askedOf(ctx).who.Actor()
	a, err := s.People.Add(ctx, by, auth.NewAccount{
		Name: n.Name, Display: n.Display, Role: n.Role, Languages: n.Languages, Password: n.Password, Temporary: true,
	})
	s.directory.forget()
	if err != nil || n.Password != "" {
		return Welcome{Person: person(a, true)}, err
	}
	w, err := s.linkFor(ctx, a.Name)
	w.Person = person(a, true)
	return w, err
}

// linkFor makes a link that lets a person in to choose a password.
func (s *Server) linkFor(ctx context.Context, name care.AgentID) (Welcome, error) {
	secret, expires, err := s.People.MakeLink(ctx, askedOf(ctx).who.Actor(), name, auth.ToReset)
	if err != nil {
		return Welcome{}, err
	}
	return Welcome{Link: askedOf(ctx).origin + "/link/" + secret, Expires: expires}, nil
}

// A OnePerson names a person in an address.
type OnePerson struct {
	Name care.AgentID `path:"name" maxLength:"40"`
}

func (s *Server) makeLink(ctx context.Context, in *OnePerson) (*welcomeOutput, error) {
	a, err := s.People.Account(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	w, err := s.linkFor(ctx, in.Name)
	w.Person = person(a, true)
	return &welcomeOutput{Status: http.StatusCreated, Body: w}, err
}

// A PersonChange changes what it names.
type PersonChange struct {
	Display   *string    `json:"display,omitempty" maxLength:"60"`
	Role      *auth.Role `json:"role,omitempty" enum:"viewer,agent,lead,admin"`
	Languages []string   `json:"languages,omitempty" maxItems:"20"`
	Disabled  *bool      `json:"disabled,omitempty" doc:"Ends all sessions and tokens at once, and puts back what they have."`
}

type personChangeInput struct {
	OnePerson
	Body PersonChange
}

type personOutput struct{ Body Person }

func (s *Server) changePerson(ctx context.Context, in *personChangeInput) (*personOutput, error) {
	b := &in.Body
	a, err := s.People.Change(ctx, askedOf(ctx).who.Actor(), in.Name,
		auth.Edit{Display: b.Display, Languages: b.Languages, Role: b.Role, Disabled: b.Disabled})
	s.directory.forget()
	if err != nil || !a.Disabled {
		return &personOutput{person(a, true)}, err
	}
	_, _, err = s.Desk.LetGo(ctx, askedOf(ctx).who.Actor(), in.Name)
	return &personOutput{person(a, true)}, err
}

func (s *Server) signOutPerson(ctx context.Context, in *OnePerson) (*done, error) {
	return &done{}, s.People.SignOutAll(ctx, askedOf(ctx).who.Actor(), in.Name)
}

// A directory remembers for a moment how people are called, for pages that
// show many names.
type directory struct {
	mu    sync.Mutex
	at    time.Time
	named []auth.Account
}

const directoryTime = 10 * time.Second

func (d *directory) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = time.Time{}
}

// team is everybody, at most a moment old.
func (s *Server) team(ctx context.Context) ([]auth.Account, error) {
	d := &s.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := s.Now(); d.at.IsZero() || now.Sub(d.at) >= directoryTime || now.Before(d.at) {
		var all []auth.Account
		for a, err := range s.People.Accounts(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, a)
		}
		d.named, d.at = all, now
	}
	return d.named, nil
}
