package auth

import (
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// A Role says how much a person may do. Each includes those before it.
type Role string

// The roles, in order.
const (
	Viewer Role = "viewer" // reads
	Agent  Role = "agent"  // works
	Lead   Role = "lead"   // also assigns, reviews, reports, sets up queues
	Admin  Role = "admin"  // also people, keys, erasure
)

// Roles are all there are, the least first.
func Roles() []Role { return []Role{Viewer, Agent, Lead, Admin} }

// Valid says whether the role is one of ours.
func (r Role) Valid() bool { return r.rank() > 0 }

// rank is 0 for what is no role, so that it may do nothing.
func (r Role) rank() int { return slices.Index(Roles(), r) + 1 }

// Least is the lower of two roles.
func Least(a, b Role) Role {
	if a.rank() < b.rank() {
		return a
	}
	return b
}

// An Action is something that not every role may do.
type Action string

// The actions.
const (
	Read     Action = "read"     // cases, mentions, queues, sources, live events
	Self     Action = "self"     // one's own sessions and tokens; only with a session
	Password Action = "password" // one's own; only with a session
	Work     Action = "work"     // claim, reply, note, resolve and the rest of a case's life
	Assign   Action = "assign"   // give a case to somebody else
	Review   Action = "review"   // correct or confirm a verdict
	Report   Action = "report"   // figures about people
	SetUp    Action = "set_up"   // queues, routing, policies
	Team     Action = "team"     // accounts, other people's sessions and tokens
	Erasure  Action = "erasure"  // forget an author
	Release  Action = "release"  // let a desk that is held read and send again
	Keys     Action = "keys"     // sources and their keys, and what else is set up in the console
	Teach    Action = "teach"    // choose what the threshold aims at, roll the model back
)

// needed is the least role for each action. What is not here nobody may do.
func needed(a Action) Role {
	switch a {
	case Read, Self, Password:
		return Viewer
	case Work:
		return Agent
	case Assign, Review, Report, SetUp:
		return Lead
	case Team, Erasure, Release, Keys, Teach:
		return Admin
	}
	return ""
}

// May says whether a role allows an action.
func May(r Role, a Action) bool {
	n := needed(a)
	return n != "" && r.rank() >= n.rank()
}

// An Identity is who asks: a person of the team, by a session or a token.
type Identity struct {
	Name       care.AgentID
	Display    string
	Languages  []string
	Role       Role   // the account's, or the token's where that is less
	Session    string // public id of the session; empty: a token
	Token      string // name of the token; empty: a session
	MustChange bool   // a new password has to be chosen first
	NoPassword bool   // none was ever chosen: only a link signs this person in
	// Via is how records name who asks, where that is not the person: the
	// administrator at the command line, who may act for somebody.
	Via care.Actor
}

// May says whether this person may do something now, this way.
func (i Identity) May(a Action) bool {
	switch {
	case i.MustChange && a != Password:
		return false
	case i.Session == "" && (a == Self || a == Password):
		return false // so a token can't make itself another that may do more
	}
	return May(i.Role, a)
}

// Actions are all there are.
func Actions() []Action {
	return []Action{Read, Self, Password, Work, Assign, Review, Report, SetUp, Team, Erasure, Release, Keys, Teach}
}

// Actor is how records name the person. Work done by a token is its person's.
func (i Identity) Actor() care.Actor {
	if i.Via != "" {
		return i.Via
	}
	return care.ByAgent(i.Name)
}
