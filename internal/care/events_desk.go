package care

import "time"

// NoticeRequested asks the outbox to tell somebody of the team. Key is one for
// each case, target, step and repeat, so that no restart tells it twice.
type NoticeRequested struct {
	Key     string  `json:"key"`
	Channel string  `json:"channel"`
	To      AgentID `json:"to,omitempty"`
	Why     string  `json:"why"`
}

// NoticeAttempted is written before any byte leaves. Incident names what a receiver
// keeps open of it until it is over; empty: nothing.
type NoticeAttempted struct {
	Key      string `json:"key"`
	Try      int    `json:"try"`
	Incident string `json:"incident,omitempty"`
}

// NoticeSent says the channel took it.
type NoticeSent struct {
	Key string `json:"key"`
}

// NoticeStands says what its receiver was told of a matter since, or that nobody need
// be told of it any more.
type NoticeStands struct {
	Key      string   `json:"key"`
	Standing Standing `json:"standing"`
}

// NoticeFailed says the channel refused it.
type NoticeFailed struct {
	Key string `json:"key"`
	Why string `json:"why"`
}

// NoticeUnknown says that it may or may not have arrived.
type NoticeUnknown struct {
	Key string `json:"key"`
}

// NoticeDelayed says that it certainly did not leave, and when it is tried again.
type NoticeDelayed struct {
	Key   string    `json:"key"`
	Until time.Time `json:"until"`
	Why   string    `json:"why,omitempty"`
}

// SourceRead counts one page that brought something.
type SourceRead struct {
	Read     int       `json:"read"` // items in the page
	New      int       `json:"new"`
	Known    int       `json:"known,omitempty"`
	Flagged  int       `json:"flagged,omitempty"`
	Opened   int       `json:"opened,omitempty"` // cases
	Late     int       `json:"late,omitempty"`
	Own      int       `json:"own,omitempty"`
	Edited   int       `json:"edited,omitempty"`
	Deleted  int       `json:"deleted,omitempty"`
	Bad      int       `json:"bad,omitempty"`
	Repaired int       `json:"repaired,omitempty"`
	First    MentionID `json:"first,omitempty"` // of the new mentions
	Last     MentionID `json:"last,omitempty"`
	Newest   time.Time `json:"newest,omitzero"` // the latest posting time in the page
	// Missed counts new mentions of a time that had been read already: a
	// reconciliation found what the reading before did not.
	Missed int `json:"missed,omitempty"`
	// Changed are the mentions that the page edited or took back, so that what
	// shows their text knows.
	Changed []MentionID `json:"changed,omitempty"`
}

// Add puts another count on top.
func (e *SourceRead) Add(o SourceRead) {
	for _, n := range [][2]*int{
		{&e.Read, &o.Read}, {&e.New, &o.New}, {&e.Known, &o.Known}, {&e.Flagged, &o.Flagged}, {&e.Opened, &o.Opened}, {&e.Late, &o.Late},
		{&e.Missed, &o.Missed},
		{&e.Own, &o.Own}, {&e.Edited, &o.Edited}, {&e.Deleted, &o.Deleted}, {&e.Bad, &o.Bad}, {&e.Repaired, &o.Repaired},
	} {
		*n[0] += *n[1]
	}
	if e.First == "" {
		e.First = o.First
	}
	if o.Last != "" {
		e.Last = o.Last
	}
	if o.Newest.After(e.Newest) {
		e.Newest = o.Newest
	}
}

// SourceGap says a span of time can never be read any more.
type SourceGap struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Why       string    `json:"why"`
	Recovered int       `json:"recovered,omitempty"` // mentions of that span that we have after all
}

// SourceStopped says a source reads nothing any more until somebody acts.
type SourceStopped struct {
	Fault string `json:"fault"`
	Why   string `json:"why,omitempty"`
}

// SourceRecovered says it reads again, and has caught up.
type SourceRecovered struct {
	Since time.Time `json:"since,omitzero"` // until when all had been read before; zero: not known
	Came  int       `json:"came,omitempty"` // mentions that catching up brought
}

// SourcePaused says that somebody let a source rest. Nothing is lost by it, as
// far as the network lets us read back.
type SourcePaused struct{}

// SourceResumed ends SourcePaused.
type SourceResumed struct{}

// SourceQuiet says that a source brings much less than it does at this time of
// the week, though it fails nowhere.
type SourceQuiet struct {
	Since    time.Time `json:"since"`    // the hours from then on were looked at
	Expected float64   `json:"expected"` // mentions in them, after the weeks before
	Came     int       `json:"came"`
}

// SourceHeard ends SourceQuiet.
type SourceHeard struct{}

// Erased says everything of an author is gone. Only the keyed hash is left.
type Erased struct {
	Author   AuthorKey   `json:"author"`
	Mentions []MentionID `json:"mentions,omitempty"`
	Cases    []CaseID    `json:"cases,omitempty"`
}

// Expired says documents reached the end of their term.
type Expired struct {
	Mentions []MentionID `json:"mentions,omitempty"`
	Case     CaseID      `json:"case,omitempty"` // whose texts went too
}

// AccountChanged records a change to a person's account or token. Stream
// people/<name>.
type AccountChanged struct {
	What string `json:"what"` // added | disabled | enabled | role | password | token_added | token_revoked
	Role string `json:"role,omitempty"`
}

// SetupChanged records that what is set up was changed in the console. It holds
// no value that anything was set to. Stream setup.
type SetupChanged struct {
	What     string   `json:"what"`              // added | changed | removed | put_back
	Section  string   `json:"section,omitempty"` // of the configuration
	Entry    string   `json:"entry,omitempty"`   // what was changed there, by its name
	Settings []string `json:"settings,omitempty"`
	Version  int      `json:"version"` // of the console's file from then on
}

// AgentAway says that somebody takes no cases for a while. Stream agent/<name>.
type AgentAway struct {
	Until time.Time `json:"until,omitzero"`  // zero: until they say so
	Cover AgentID   `json:"cover,omitempty"` // who was given their cases; empty: they kept them
}

// AgentBack ends AgentAway.
type AgentBack struct{}

// DeskHeld says that nothing is read or sent until an administrator releases it.
type DeskHeld struct {
	Why string `json:"why"`
}

// DeskReleased ends DeskHeld.
type DeskReleased struct{}

// Kinds of the events of notices, sources and the desk as a whole.
func (NoticeRequested) Kind() Kind { return "notice.requested" }
func (NoticeAttempted) Kind() Kind { return "notice.attempted" }
func (NoticeSent) Kind() Kind      { return "notice.sent" }
func (NoticeFailed) Kind() Kind    { return "notice.failed" }
func (NoticeUnknown) Kind() Kind   { return "notice.unknown" }
func (NoticeDelayed) Kind() Kind   { return "notice.delayed" }
func (NoticeStands) Kind() Kind    { return "notice.stands" }
func (SourceRead) Kind() Kind      { return "source.read" }
func (SourceGap) Kind() Kind       { return "source.gap" }
func (SourceStopped) Kind() Kind   { return "source.stopped" }
func (SourceRecovered) Kind() Kind { return "source.recovered" }
func (SourcePaused) Kind() Kind    { return "source.paused" }
func (SourceResumed) Kind() Kind   { return "source.resumed" }
func (SourceQuiet) Kind() Kind     { return "source.quiet" }
func (SourceHeard) Kind() Kind     { return "source.heard" }
func (Erased) Kind() Kind          { return "erased" }
func (Expired) Kind() Kind         { return "expired" }
func (AccountChanged) Kind() Kind  { return "account.changed" }
func (SetupChanged) Kind() Kind    { return "setup.changed" }
func (AgentAway) Kind() Kind       { return "agent.away" }
func (AgentBack) Kind() Kind       { return "agent.back" }
func (DeskHeld) Kind() Kind        { return "desk.held" }
func (DeskReleased) Kind() Kind    { return "desk.released" }

func (e *NoticeRequested) fields(c *codec) {
	c.text(&e.Key)
	c.text(&e.Channel)
	str(c, &e.To)
	c.text(&e.Why)
}
func (e *NoticeAttempted) fields(c *codec) { c.text(&e.Key); c.int(&e.Try); c.text(&e.Incident) }
func (e *NoticeStands) fields(c *codec)    { c.text(&e.Key); str(c, &e.Standing) }
func (e *NoticeSent) fields(c *codec)      { c.text(&e.Key) }
func (e *NoticeFailed) fields(c *codec)    { c.text(&e.Key); c.text(&e.Why) }
func (e *NoticeUnknown) fields(c *codec)   { c.text(&e.Key) }
func (e *NoticeDelayed) fields(c *codec)   { c.text(&e.Key); c.time(&e.Until); c.text(&e.Why) }
func (e *SourceRead) fields(c *codec) {
	for _, n := range []*int{&e.Read, &e.New, &e.Known, &e.Flagged, &e.Opened, &e.Late, &e.Own, &e.Edited, &e.Deleted, &e.Bad, &e.Repaired} {
		c.int(n)
	}
	str(c, &e.First)
	str(c, &e.Last)
	c.time(&e.Newest)
	c.int(&e.Missed)
	list(c, &e.Changed, str[MentionID])
}
func (e *SourceGap) fields(c *codec) {
	c.time(&e.From)
	c.time(&e.To)
	c.text(&e.Why)
	c.int(&e.Recovered)
}
func (e *SourceStopped) fields(c *codec) { c.text(&e.Fault); c.text(&e.Why) }
func (e *SourceRecovered) fields(c *codec) {
	c.time(&e.Since)
	c.int(&e.Came)
}
func (*SourcePaused) fields(*codec)  {}
func (*SourceResumed) fields(*codec) {}
func (*SourceHeard) fields(*codec)   {}
func (e *SourceQuiet) fields(c *codec) {
	c.time(&e.Since)
	c.float(&e.Expected)
	c.int(&e.Came)
}
func (e *AgentAway) fields(c *codec) { c.time(&e.Until); str(c, &e.Cover) }
func (*AgentBack) fields(*codec)     {}
func (e *Erased) fields(c *codec) {
	str(c, &e.Author)
	list(c, &e.Mentions, str[MentionID])
	list(c, &e.Cases, str[CaseID])
}
func (e *Expired) fields(c *codec)        { list(c, &e.Mentions, str[MentionID]); str(c, &e.Case) }
func (e *AccountChanged) fields(c *codec) { c.text(&e.What); c.text(&e.Role) }
func (e *SetupChanged) fields(c *codec) {
	c.text(&e.What)
	c.text(&e.Section)
	c.text(&e.Entry)
	texts(c, &e.Settings)
	c.int(&e.Version)
}
func (e *DeskHeld) fields(c *codec) { c.text(&e.Why) }
func (*DeskReleased) fields(*codec) {}
