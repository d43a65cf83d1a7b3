package care

// ContactBegun is the first event of an author's contact.
type ContactBegun struct {
	Network string `json:"network"`
}

// ContactKnown adds to what is known of a contact. What a person wrote is in
// person/<author>/<n>; the log has only codes.
type ContactKnown struct {
	What    FactKind   `json:"what"`
	Value   string     `json:"value,omitempty"` // of language, channel, tier and zone
	N       int        `json:"n,omitempty"`     // of name, fact and note
	From    FactSource `json:"from"`
	Mention MentionID  `json:"mention,omitempty"` // in which the customer said so
}

// ContactForgot takes a fact back. N names one of several; 0: the current one.
type ContactForgot struct {
	What FactKind `json:"what"`
	N    int      `json:"n,omitempty"`
}

// ContactProposed says that another author may be the same person, and why.
type ContactProposed struct {
	Other    AuthorKey  `json:"other"`
	Network  string     `json:"network"` // of the other
	Score    float64    `json:"score"`   // 0–1
	Evidence []Evidence `json:"evidence,omitempty"`
}

// ContactRefused says that another author is somebody else: it is not proposed again.
type ContactRefused struct {
	Other AuthorKey `json:"other"`
}

// ContactLinked says that two contacts are one person. It stands in both.
type ContactLinked struct {
	Other    AuthorKey  `json:"other"`
	Network  string     `json:"network"`        // of the other
	Into     bool       `json:"into,omitempty"` // this one is a part of the other; else the other of this
	Score    float64    `json:"score,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
}

// ContactUnlinked takes ContactLinked back. It stands in both.
type ContactUnlinked struct {
	Other AuthorKey `json:"other"`
	Into  bool      `json:"into,omitempty"`
}

// OptedOut says that the customer does not want to hear from us.
type OptedOut struct {
	Why     string    `json:"why"` // one of [OptOutReasons]
	Mention MentionID `json:"mention,omitempty"`
}

// OptOutLifted ends OptedOut.
type OptOutLifted struct {
	Why string `json:"why"` // one of [LiftReasons]
}

// ContactConsented says whether the customer agreed to be matched with other
// accounts and records.
type ContactConsented struct {
	Given   bool      `json:"given"`
	Mention MentionID `json:"mention,omitempty"`
}

// Kinds of the events of a contact.
func (ContactBegun) Kind() Kind     { return "contact.begun" }
func (ContactKnown) Kind() Kind     { return "contact.known" }
func (ContactForgot) Kind() Kind    { return "contact.forgot" }
func (ContactProposed) Kind() Kind  { return "contact.proposed" }
func (ContactRefused) Kind() Kind   { return "contact.refused" }
func (ContactLinked) Kind() Kind    { return "contact.linked" }
func (ContactUnlinked) Kind() Kind  { return "contact.unlinked" }
func (OptedOut) Kind() Kind         { return "contact.opted_out" }
func (OptOutLifted) Kind() Kind     { return "contact.opt_out_lifted" }
func (ContactConsented) Kind() Kind { return "contact.consented" }

func (e *ContactBegun) fields(c *codec) { enum(c, &e.Network, networks) }
func (e *ContactKnown) fields(c *codec) {
	str(c, &e.What)
	c.text(&e.Value)
	c.int(&e.N)
	str(c, &e.From)
	str(c, &e.Mention)
}
func (e *ContactForgot) fields(c *codec) { str(c, &e.What); c.int(&e.N) }
func (e *ContactProposed) fields(c *codec) {
	str(c, &e.Other)
	enum(c, &e.Network, networks)
	c.float(&e.Score)
	blocks(c, &e.Evidence)
}
func (e *ContactRefused) fields(c *codec) { str(c, &e.Other) }
func (e *ContactLinked) fields(c *codec) {
	str(c, &e.Other)
	enum(c, &e.Network, networks)
	c.bool(&e.Into)
	c.float(&e.Score)
	blocks(c, &e.Evidence)
}
func (e *ContactUnlinked) fields(c *codec)  { str(c, &e.Other); c.bool(&e.Into) }
func (e *OptedOut) fields(c *codec)         { c.text(&e.Why); str(c, &e.Mention) }
func (e *OptOutLifted) fields(c *codec)     { c.text(&e.Why) }
func (e *ContactConsented) fields(c *codec) { c.bool(&e.Given); str(c, &e.Mention) }

func (e *Evidence) fields(c *codec) { str(c, &e.Kind); c.float(&e.Weight); str(c, &e.By) }
