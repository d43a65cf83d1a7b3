package web

import (
	"context"
	"net/http"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/web/personal"
)

// Personal keeps what people set for themselves, and when they looked at what.
type Personal interface {
	Settings(ctx context.Context, who care.AgentID) (personal.Settings, error)
	Set(ctx context.Context, who care.AgentID, change func(*personal.Settings)) (personal.Settings, error)
	Looked(ctx context.Context, who care.AgentID) (personal.Looks, error)
	Look(ctx context.Context, who care.AgentID, seen personal.Looks) error
}

// Settings are how a person wants the console.
type Settings struct {
	Zone     string `json:"zone" doc:"For every instant that is shown, as Europe/Berlin; empty: the browser's."`
	Language string `json:"language" enum:",en,de,es,fr" doc:"Of the console; empty: the browser's."`
	Theme    string `json:"theme" enum:",light,dark" doc:"Empty: the system's."`
	KeysOff  bool   `json:"keys_off" doc:"No commands by single keys."`
	Alerts   Alerts `json:"alerts"`
}

// Alerts are what a person is called for while the desk is open, and how.
type Alerts struct {
	Notify    bool   `json:"notify" doc:"By the browser, where it was allowed to."`
	Sound     bool   `json:"sound" doc:"By two short notes."`
	Mine      bool   `json:"mine" doc:"For a case that somebody else, or a rule, gave to them."`
	Critical  bool   `json:"critical" doc:"For a case in the critical lane that nobody else has."`
	QuietFrom string `json:"quiet_from" doc:"Hours of the day between which nothing calls, as 22:00; empty: none."`
	QuietTo   string `json:"quiet_to"`
}

func settings(s personal.Settings) Settings {
	return Settings{Zone: s.Zone, Language: s.Language, Theme: s.Theme, KeysOff: s.KeysOff, Alerts: Alerts(s.Alerts)}
}

// A SettingsChange changes settings. What is absent stays.
type SettingsChange struct {
	Zone     *string `json:"zone,omitempty" maxLength:"60"`
	Language *string `json:"language,omitempty" enum:",en,de,es,fr"`
	Theme    *string `json:"theme,omitempty" enum:",light,dark"`
	KeysOff  *bool   `json:"keys_off,omitempty"`
	Alerts   *Alerts `json:"alerts,omitempty"`
}

type settingsOutput struct{ Body Settings }

type settingsInput struct{ Body SettingsChange }

func (s *Server) mySettings(ctx context.Context, _ *Reading) (*settingsOutput, error) {
	set, err := s.Personal.Settings(ctx, askedOf(ctx).who.Name)
	return &settingsOutput{settings(set)}, err
}

func (s *Server) changeSettings(ctx context.Context, in *settingsInput) (*settingsOutput, error) {
	b := &in.Body
	set, err := s.Personal.Set(ctx, askedOf(ctx).who.Name, func(p *personal.Settings) {
		keep(&p.Zone, b.Zone)
		keep(&p.Language, b.Language)
		keep(&p.Theme, b.Theme)
		keep(&p.KeysOff, b.KeysOff)
		if b.Alerts != nil {
			p.Alerts = personal.Alerts(*b.Alerts)
		}
	})
	return &settingsOutput{settings(set)}, err
}

// keep takes a value over where there is one.
func keep[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// settingsPost is the same from the form, which always has all of it.
func (s *Server) settingsPost(w http.ResponseWriter, r *http.Request) error {
	on := func(name string) bool { return r.PostFormValue(name) == "on" }
	c := SettingsChange{
		Zone: new(r.PostFormValue("zone")), Language: new(r.PostFormValue("language")), Theme: new(r.PostFormValue("theme")), KeysOff: new(!on("keys")),
		Alerts: &Alerts{
			Notify: on("notify"), Sound: on("sound"), Mine: on("mine"), Critical: on("critical"),
			QuietFrom: r.PostFormValue("quiet_from"), QuietTo: r.PostFormValue("quiet_to"),
		},
	}
	if _, err := s.changeSettings(r.Context(), &settingsInput{c}); err != nil {
		return s.wrongOnMe(w, r, err)
	}
	s.keepTheme(w, r, *c.Theme)
	s.after(w, r, "/me", "settings", Written{})
	return nil
}

// Seen are the newest things that somebody saw in cases.
type Seen struct {
	Cases map[care.CaseID]time.Time `json:"cases" doc:"By case id, the instant of the newest thing that was there to see; at most 100."`
}

type seenInput struct{ Body Seen }

const maxSeen = 100

// looked takes in what a person has seen: a window tells it together, now and
// then.
func (s *Server) looked(ctx context.Context, in *seenInput) (*done, error) {
	if len(in.Body.Cases) > maxSeen {
		return nil, &care.Error{Code: care.Invalid, Field: "cases", Msg: "These are more than 100 cases at once."}
	}
	latest := s.Now().Add(time.Minute)
	seen := personal.Looks{}
	for name, at := range in.Body.Cases {
		id, err := s.caseID(string(name))
		if err != nil {
			return nil, err
		}
		if at.After(latest) { // nothing of the future can have been seen
			at = latest
		}
		seen[id] = at
	}
	return &done{}, s.Personal.Look(ctx, askedOf(ctx).who.Name, seen)
}
