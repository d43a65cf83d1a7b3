package care

import "time"

// WaitingOn says that somebody outside the team has to act, and by when we
// look again.
type WaitingOn struct {
	On    string    `json:"on"` // a name of the configuration
	Until time.Time `json:"until"`
}

// WaitOver ends WaitingOn.
type WaitOver struct {
	Why string `json:"why"` // time | mention | hand
}

// Kinds of the events of working a case together.
func (WaitingOn) Kind() Kind { return "case.waiting_on" }
func (WaitOver) Kind() Kind  { return "case.wait_over" }

func (e *WaitingOn) fields(c *codec) { c.text(&e.On); c.time(&e.Until) }
func (e *WaitOver) fields(c *codec)  { c.text(&e.Why) }
