package web

import (
	"context"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A Me is who asks, and what they have to know to work.
type Me struct {
	Name         care.AgentID `json:"name"`
	Display      string       `json:"display"`
	Role         auth.Role    `json:"role" enum:"viewer,agent,lead,admin"`
	Languages    []string     `json:"languages"`
	Token        string       `json:"token,omitempty" doc:"Name of the API token that asks."`
	MustChange   bool         `json:"must_change_password,omitempty" doc:"Nothing else works before."`
	NoPassword   bool         `json:"no_password,omitempty" doc:"None was ever chosen: only a link signs this person in."`
	Brand        string       `json:"brand"`
	Dispositions []string     `json:"dispositions" doc:"How a case can end."`
	Ends         []End        `json:"ends" doc:"The same, with what has to be told, and where."`
	Goodwill     GiftLimit    `json:"goodwill" doc:"What may be given in one case without asking a lead."`
	Outside      []string     `json:"outside" doc:"Who outside the team a case can wait for."`
	Queues       []string     `json:"queues"`
	Surveys      bool         `json:"surveys,omitempty" doc:"Customers can be asked how it went: a link can lead here."`
	UndoSeconds  int          `json:"undo_seconds" doc:"How long a reply can be taken back."`
	Held         string       `json:"held,omitempty"`
	Settings     Settings     `json:"settings" doc:"What this person has set."`
	Away         bool         `json:"away,omitempty" doc:"Takes no cases just now."`
	Translation  *Translator  `json:"translation,omitempty" doc:"Who translates mentions; absent: nobody does."`
	Version      string       `json:"version"`
}

// An End is a way in which a case can end.
type End struct {
	Code   string   `json:"code"`
	Queues []string `json:"queues" doc:"Where it can be chosen; none: everywhere."`
	Fields []string `json:"fields" doc:"What has to be told with it, by name."`
}

// A GiftLimit is a sum that needs no asking.
type GiftLimit struct {
	Amount   int    `json:"amount" doc:"In hundredths of the currency; 0: a lead decides on all."`
	Currency string `json:"currency,omitempty"`
}

type meOutput struct{ Body Me }

func (s *Server) me(ctx context.Context, _ *Reading) (*meOutput, error) {
	me, err := s.meOf(ctx, askedOf(ctx).who)
	return &meOutput{me}, err
}

func (s *Server) meOf(ctx context.Context, who auth.Identity) (Me, error) {
	setup := s.Setup()
	set, err := s.Personal.Settings(ctx, who.Name)
	if err != nil {
		return Me{}, err
	}
	agents, err := s.Persons.Agents()
	if err != nil {
		return Me{}, err
	}
	away := agents[who.Name]
	return Me{
		Name: who.Name, Display: who.Display, Role: who.Role, Languages: list(who.Languages), Token: who.Token, MustChange: who.MustChange,
		NoPassword: who.NoPassword, Brand: setup.Brand, Dispositions: s.dispositions(), Ends: s.ends(), Goodwill: GiftLimit{setup.Limit.Amount, setup.Limit.Currency}, Outside: s.outside(), Surveys: s.Ask != nil, Queues: list(setup.Queues),
		UndoSeconds: int(setup.UndoFor / time.Second), Held: s.teller(ctx).Say(setup.Held), Translation: setup.Translator, Version: setup.Version,
		Settings: settings(set), Away: away.AwayAt(s.Now()),
	}, nil
}

// A Session is one sign-in.
type Session struct {
	ID     string    `json:"id"`
	Began  time.Time `json:"began"`
	Used   time.Time `json:"used"`
	From   string    `json:"from,omitempty"`
	Device string    `json:"device,omitempty" doc:"The browser's own words."`
	Words  string    `json:"words" doc:"The same as people would say it."`
	This   bool      `json:"this,omitempty"`
}

// A SessionList is where somebody is signed in.
type SessionList struct {
	Sessions []Session `json:"sessions"`
}

type sessionsOutput struct{ Body SessionList }

func (s *Server) mySessions(ctx context.Context, _ *Reading) (*sessionsOutput, error) {
	who := askedOf(ctx).who
	found, err := s.People.Sessions(ctx, who.Name, who.Session)
	out, t := &sessionsOutput{}, s.teller(ctx)
	out.Body.Sessions = []Session{}
	for _, f := range found {
		out.Body.Sessions = append(out.Body.Sessions, Session{ID: f.ID, Began: f.Began, Used: f.Used, From: f.From, Device: f.Device, Words: t.device(f.Device), This: f.This})
	}
	return out, err
}

type idInput struct {
	ID string `path:"id" maxLength:"80"`
}

func (s *Server) endSession(ctx context.Context, in *idInput) (*done, error) {
	return &done{}, s.People.EndSession(ctx, askedOf(ctx).who.Name, in.ID)
}

func (s *Server) endOtherSessions(ctx context.Context, _ *struct{}) (*done, error) {
	who := askedOf(ctx).who
	return &done{}, s.People.EndOtherSessions(ctx, who.Name, who.Session)
}

// A Token is an API token, without its secret.
type Token struct {
	ID        string       `json:"id"`
	Owner     care.AgentID `json:"owner"`
	Name      string       `json:"name"`
	Role      auth.Role    `json:"role" enum:"viewer,agent,lead,admin"`
	CreatedAt time.Time    `json:"created_at"`
	Expires   time.Time    `json:"expires,omitzero"`
	UsedOn    time.Time    `json:"used_on,omitzero" doc:"The day of the last use."`
}

// A TokenList is a list of API tokens.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

type tokensOutput struct{ Body TokenList }

func (s *Server) tokens(ctx context.Context, owner care.AgentID) (*tokensOutput, error) {
	found, err := s.People.Tokens(ctx, owner)
	out := &tokensOutput{}
	out.Body.Tokens = []Token{}
	for _, f := range found {
		out.Body.Tokens = append(out.Body.Tokens, Token(f))
	}
	return out, err
}

func (s *Server) myTokens(ctx context.Context, _ *Reading) (*tokensOutput, error) {
	return s.tokens(ctx, askedOf(ctx).who.Name)
}

func (s *Server) allTokens(ctx context.Context, _ *Reading) (*tokensOutput, error) {
	return s.tokens(ctx, "")
}

// A NewToken is an API token to be made.
type NewToken struct {
	Name string    `json:"name" minLength:"1" maxLength:"32"`
	Role auth.Role `json:"role,omitempty" enum:"viewer,agent,lead,admin" doc:"At most one's own, which is the default."`
	Days int       `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"How long it holds; absent: until it is revoked."`
}

// A MadeToken is a fresh API token. Its secret is shown this once.
type MadeToken struct {
	Token
	Secret string `json:"secret"`
}

type newTokenInput struct{ Body NewToken }

type madeTokenOutput struct{ Body MadeToken }

func (s *Server) addToken(ctx context.Context, in *newTokenInput) (*madeTokenOutput, error) {
	who := askedOf(ctx).who
	secret, t, err := s.People.AddToken(ctx, who.Actor(), who.Name,
		auth.NewToken{Name: in.Body.Name, Role: in.Body.Role, For: time.Duration(in.Body.Days) * 24 * time.Hour})
	return &madeTokenOutput{MadeToken{Token: Token(t), Secret: secret}}, err
}

func (s *Server) revokeMyToken(ctx context.Context, in *idInput) (*done, error) {
	who := askedOf(ctx).who
	return &done{}, s.People.RevokeToken(ctx, who.Actor(), who.Name, in.ID)
}

func (s *Server) revokeAnyToken(ctx context.Context, in *idInput) (*done, error) {
	return &done{}, s.People.RevokeToken(ctx, askedOf(ctx).who.Actor(), "", in.ID)
}
