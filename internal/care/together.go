package care

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Friction is something of ours that stood in the way of helping: a rule, a
// tool, a limit. It is listed until it is mended.
type Friction struct {
	N        int       `json:"n,omitempty"` // text/<case>/<n>
	What     string    `json:"what,omitempty"`
	By       AgentID   `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`
	MendedAt time.Time `json:"mended_at,omitzero"`
}

// Follow lets somebody hear of a case.
func (c *Case) Follow(by AgentID) ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	if slices.Contains(c.Followers, by) {
		return nil, nil
	}
	return []Event{Followed{By: by}}, nil
}

// Unfollow ends that, and with it any note that called them.
func (c *Case) Unfollow(by AgentID) (events []Event, err error) {
	if !c.Exists() {
		return nil, c.working()
	}
	if slices.Contains(c.Followers, by) {
		events = append(events, Unfollowed{By: by})
	}
	if slices.Contains(c.Called, by) {
		events = append(events, Heard{By: by})
	}
	return events, nil
}

// NoteFor adds a remark that calls colleagues.
func (c *Case) NoteFor(n int, called []AgentID) ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	return []Event{Noted{Note: n, For: called}}, nil
}

// Calls are those of the team whom a note names as @name, each once.
func Calls(note string, team []AgentID) (called []AgentID) {
	for i, r := range note {
		if r != '@' {
			continue
		}
		name := note[i+1:]
		if end := strings.IndexFunc(name, func(r rune) bool { return !letter(r) && r != '-' && r != '_' && r != '.' }); end >= 0 {
			name = name[:end]
		}
		id := AgentID(strings.ToLower(strings.TrimRight(name, ".-_")))
		if slices.Contains(team, id) && !slices.Contains(called, id) {
			called = append(called, id)
		}
	}
	return called
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// LinkCases ties two cases that belong together; the other one gets the same.
func LinkCases(a, b *Case, why string) (Change, error) {
	switch {
	case !a.Exists() || !b.Exists():
		return Change{}, &Error{Code: NotFound, Field: "to", Msg: "There is no such case."}
	case a.ID == b.ID:
		return Change{}, invalid("to", "Name another case.")
	}
	var change Change
	for _, p := range [][2]*Case{{a, b}, {b, a}} {
		if !slices.Contains(p[0].Links, p[1].ID) {
			change.Cases = append(change.Cases, CaseEvents{Case: p[0].ID, Events: []Event{Linked{To: p[1].ID, Why: why}}})
		}
	}
	return change, nil
}

// UnlinkCases takes LinkCases back.
func UnlinkCases(a, b *Case) Change {
	var change Change
	for _, p := range [][2]*Case{{a, b}, {b, a}} {
		if slices.Contains(p[0].Links, p[1].ID) {
			change.Cases = append(change.Cases, CaseEvents{Case: p[0].ID, Events: []Event{Unlinked{To: p[1].ID}}})
		}
	}
	return change
}

// MeetFriction records what stood in the way.
func (c *Case) MeetFriction(n int, what string) ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	return []Event{FrictionMet{Friction: n, What: what}}, nil
}

// MendFriction takes it off the list.
func (c *Case) MendFriction(n int) ([]Event, error) {
	i := slices.IndexFunc(c.Frictions, func(f Friction) bool { return f.N == n })
	switch {
	case i < 0:
		return nil, &Error{Code: NotFound, Msg: "There is no such friction."}
	case !c.Frictions[i].MendedAt.IsZero():
		return nil, nil
	}
	return []Event{FrictionMended{Friction: n}}, nil
}

// HoldForLaw keeps everything of a case whatever its term is; LiftHold ends that.
func (c *Case) HoldForLaw(note int) ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	if c.OnHold {
		return nil, nil
	}
	return []Event{LegalHold{Note: note}}, nil
}

// LiftHold ends HoldForLaw.
func (c *Case) LiftHold() ([]Event, error) {
	if !c.Exists() {
		return nil, c.working()
	}
	if !c.OnHold {
		return nil, nil
	}
	return []Event{LegalHoldLifted{}}, nil
}

// ChangeableReply is a reply of ours that is on the network and can be changed
// there or taken off, by whoever wrote it; a lead may in anybody's place.
func (c *Case) ChangeableReply(by AgentID, lead bool, n int) (*Reply, error) {
	switch r := c.Reply(n); {
	case r == nil:
		return nil, &Error{Code: NotFound, Msg: "There is no such reply."}
	case r.State != ReplyIsSent:
		return nil, conflict("This reply is not on the network.")
	case r.Withdrawn:
		return nil, conflict("This reply was taken off already.")
	case r.By.Agent() != by && !lead:
		return nil, &Error{Code: Denied, Msg: "Only whoever wrote this reply, or a lead, may change it."}
	default:
		return r, nil
	}
}
