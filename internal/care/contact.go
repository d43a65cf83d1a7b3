package care

import (
	"fmt"
	"slices"
	"time"
)

// A FactKind is what a fact about a customer is about.
type FactKind string

// The kinds of fact. Of the first four the latest counts; of the others there
// can be several.
const (
	FactName     FactKind = "name"     // to call the customer by
	FactLanguage FactKind = "language" // preferred, BCP 47
	FactChannel  FactKind = "channel"  // preferred: a network, phone or post
	FactTier     FactKind = "tier"     // of the customer, as the team calls it
	FactZone     FactKind = "zone"     // they live in, such as Europe/Berlin
	FactGiven    FactKind = "given"    // told already: not to be asked again
	FactNote     FactKind = "note"     // worth knowing next time
)

// several says that a contact can have more than one fact of this kind.
func (k FactKind) several() bool { return k == FactGiven || k == FactNote }

// written says that the fact is a text, which is in a document and not in the log.
func (k FactKind) written() bool { return k == FactName || k.several() }

// A FactSource is who said so.
type FactSource string

// The sources of a fact.
const (
	FromCustomer FactSource = "customer" // wrote it, in the mention named beside
	FromAgent    FactSource = "agent"    // a person of the team put it in
	FromList     FactSource = "list"     // the configuration
)

// A Fact is something known about a customer, with where it comes from.
type Fact struct {
	ContactKnown
	At time.Time `json:"at"`
	By Actor     `json:"by"`
}

// An OptOut is a customer's wish not to hear from us.
type OptOut struct {
	Why     string    `json:"why"`
	Mention MentionID `json:"mention,omitempty"`
	At      time.Time `json:"at,omitzero"`
	By      Actor     `json:"by,omitempty"`
}

// OptOutReasons are how we know of an opt-out, and LiftReasons why one ends.
var (
	OptOutReasons = map[string]bool{"asked": true, "told": true, "legal": true}
	LiftReasons   = map[string]bool{"asked_again": true, "mistake": true}
)

// DoNotContact is the list of the configuration that counts as an opt-out.
const DoNotContact = "do-not-contact"

// A ContactPart is a contact that is linked to another one as its part.
type ContactPart struct {
	Author   AuthorKey  `json:"author"`
	Network  string     `json:"network"`
	At       time.Time  `json:"at"`
	By       Actor      `json:"by"`
	Evidence []Evidence `json:"evidence,omitempty"`
}

// A Contact is what we know of one author: the stream contact/<author>. Several
// that are one person form a tree, so that a link can be taken back and leaves
// everything as it was.
type Contact struct {
	Author  AuthorKey `json:"author"`
	Network string    `json:"network,omitempty"`
	Seq     uint64    `json:"seq,omitempty"` // of the last record applied; 0: nothing is known
	LastAt  time.Time `json:"last_at,omitzero"`

	Into     AuthorKey         `json:"into,omitempty"` // that this one is a part of
	Parts    []ContactPart     `json:"parts,omitempty"`
	Facts    []Fact            `json:"facts,omitempty"`
	Texts    int               `json:"texts,omitempty"` // the highest n of person/<author>/<n> in use
	OptOut   *OptOut           `json:"opt_out,omitempty"`
	Consent  bool              `json:"consent,omitempty"` // to be matched
	AskedAt  time.Time         `json:"asked_at,omitzero"` // when they were last sent a survey
	Proposed []ContactProposed `json:"proposed,omitempty"`
	Refused  []AuthorKey       `json:"refused,omitempty"`
}

// ContactEvents are the events to append to one author's contact.
type ContactEvents struct {
	Author AuthorKey
	Events []Event
}

// A KeptFact is a text to keep as person/<author>/<n>.
type KeptFact struct {
	Author AuthorKey
	N      int
	Text   Text
}

// Apply adds one record to what is known of the contact. It never fails.
func (c *Contact) Apply(seq uint64, r Record) {
	for _, e := range r.Events {
		switch e := e.(type) {
		case ContactBegun:
			c.Network = e.Network
		case ContactKnown:
			c.Texts = max(c.Texts, e.N)
			if !e.What.several() {
				c.forget(e.What, 0)
			}
			c.Facts = append(c.Facts, Fact{ContactKnown: e, At: r.At, By: r.By})
		case ContactForgot:
			c.forget(e.What, e.N)
		case ContactProposed:
			c.proposed(e.Other)
			c.Proposed = append(c.Proposed, e)
		case ContactRefused:
			c.proposed(e.Other)
			if !slices.Contains(c.Refused, e.Other) {
				c.Refused = append(c.Refused, e.Other)
			}
		case ContactLinked:
			if e.Into {
				c.Into = e.Other
			} else if !slices.ContainsFunc(c.Parts, func(p ContactPart) bool { return p.Author == e.Other }) {
				c.Parts = append(c.Parts, ContactPart{Author: e.Other, Network: e.Network, At: r.At, By: r.By, Evidence: e.Evidence})
			}
		case ContactUnlinked:
			if e.Into && c.Into == e.Other {
				c.Into = ""
			} else if !e.Into {
				c.Parts = slices.DeleteFunc(c.Parts, func(p ContactPart) bool { return p.Author == e.Other })
			}
		case OptedOut:
			c.OptOut = &OptOut{Why: e.Why, Mention: e.Mention, At: r.At, By: r.By}
		case OptOutLifted:
			c.OptOut = nil
		case ContactConsented:
			c.Consent = e.Given
		case ContactAsked:
			c.AskedAt = r.At
		}
	}
	c.Seq, c.LastAt = seq, r.At
}

func (c *Contact) forget(k FactKind, n int) {
	c.Facts = slices.DeleteFunc(c.Facts, func(f Fact) bool { return f.What == k && (n == 0 || f.N == n) })
}

func (c *Contact) proposed(other AuthorKey) {
	c.Proposed = slices.DeleteFunc(c.Proposed, func(p ContactProposed) bool { return p.Other == other })
}

// Clone is a copy that records can be applied to without touching c.
func (c *Contact) Clone() *Contact {
	d := *c
	d.Parts, d.Facts = slices.Clone(c.Parts), slices.Clone(c.Facts)
	d.Proposed, d.Refused = slices.Clone(c.Proposed), slices.Clone(c.Refused)
	return &d
}

// A Person is an author's contact with all that are linked to it.
type Person struct {
	Self *Contact   // the author at hand
	All  []*Contact // Self among them; the first is the root of the links
}

// MaxPerson bounds how many authors one person can have.
const MaxPerson = 50

// PersonOf gathers a person from its contacts. load returns the contact of an
// author, an empty one where nothing is known.
func PersonOf(self AuthorKey, load func(AuthorKey) (*Contact, error)) (*Person, error) {
	c, err := load(self)
	if err != nil {
		return nil, err
	}
	p, root := &Person{Self: c}, c
	for range MaxPerson {
		if root.Into == "" {
			break
		}
		if root, err = load(root.Into); err != nil {
			return nil, err
		}
	}
	p.All = []*Contact{root}
	for i := 0; i < len(p.All) && len(p.All) < MaxPerson; i++ {
		for _, part := range p.All[i].Parts {
			if p.with(part.Author) != nil {
				continue
			}
			c, err := load(part.Author)
			if err != nil {
				return nil, err
			}
			p.All = append(p.All, c)
		}
	}
	return p, nil
}

func (p *Person) with(a AuthorKey) *Contact {
	for _, c := range p.All {
		if c.Author == a {
			return c
		}
	}
	return nil
}

// Is says whether an author belongs to the person.
func (p *Person) Is(a AuthorKey) bool { return p.with(a) != nil }

// Root stands for the whole person: the same for all its authors.
func (p *Person) Root() AuthorKey { return p.All[0].Author }

// OptedOut is the person's wish not to hear from us, by whichever author it was
// said; nil: there is none.
func (p *Person) OptedOut() *OptOut {
	for _, c := range p.All {
		if c.OptOut != nil {
			return c.OptOut
		}
	}
	return nil
}

// Consented says whether the person agreed to be matched.
func (p *Person) Consented() bool {
	return slices.ContainsFunc(p.All, func(c *Contact) bool { return c.Consent })
}

// Current is the latest fact of a kind, with the contact it stands in; nil: not known.
func (p *Person) Current(k FactKind) (f *Fact, in AuthorKey) {
	for _, c := range p.All {
		for i := range c.Facts {
			if c.Facts[i].What == k && (f == nil || c.Facts[i].At.After(f.At)) {
				f, in = &c.Facts[i], c.Author
			}
		}
	}
	return f, in
}

// Honour turns any permission into "not at all" where the customer asked us not
// to write. A nil wish changes nothing.
func (p Permission) Honour(o *OptOut) Permission {
	if o == nil {
		return p
	}
	no := Permission{How: ByNone, Length: p.Length, Why: "They asked us not to contact them. Lift that first if they want an answer now."}
	switch {
	case o.Why == "list":
		no.Why = "They are on the list " + DoNotContact + ". Lift that first if they want an answer now."
	case !o.At.IsZero():
		no.Why, no.Since = "They asked us not to contact them, on {since}. Lift that first if they want an answer now.", o.At
	}
	return no
}

// AskSilence notes that the person does not want to hear from us.
func (p *Person) AskSilence(why string, m MentionID) ([]ContactEvents, error) {
	switch {
	case !OptOutReasons[why]:
		return nil, invalid("why", "Say how we know: asked, told or legal.")
	case p.Self.OptOut != nil:
		return nil, nil
	}
	return p.tell(OptedOut{Why: why, Mention: m}), nil
}

// LiftSilence ends every such wish of the person.
func (p *Person) LiftSilence(why string) ([]ContactEvents, error) {
	if !LiftReasons[why] {
		return nil, invalid("why", "Say why: asked_again or mistake.")
	}
	var out []ContactEvents
	for _, c := range p.All {
		if c.OptOut != nil {
			out = append(out, ContactEvents{c.Author, []Event{OptOutLifted{Why: why}}})
		}
	}
	return out, nil
}

// GiveConsent notes whether the person agreed to be matched with other accounts
// and records.
func (p *Person) GiveConsent(given bool, m MentionID) []ContactEvents {
	if p.Consented() == given {
		return nil
	}
	if given {
		return p.tell(ContactConsented{Given: true, Mention: m})
	}
	var out []ContactEvents
	for _, c := range p.All {
		if c.Consent {
			out = append(out, ContactEvents{c.Author, []Event{ContactConsented{Mention: m}}})
		}
	}
	return out
}

// maxFacts bounds what is kept of one author, and maxFactValue a code's bytes.
const (
	maxFacts     = 100
	maxFactValue = 40
)

// Learn adds to what is known. The number of a written fact is the next of the
// contact: [Contact.NextText].
func (p *Person) Learn(e ContactKnown) ([]ContactEvents, error) {
	switch e.What {
	case FactName, FactGiven, FactNote:
		if e.N != p.Self.NextText() {
			return nil, fmt.Errorf("care: %d is no number for a new fact of %s", e.N, p.Self.Author)
		}
		e.Value = ""
	case FactLanguage, FactChannel, FactTier, FactZone:
		if e.Value == "" || len(e.Value) > maxFactValue {
			return nil, invalid("value", "Write 1 to {n} characters.", "n", maxFactValue)
		}
		e.N = 0
	default:
		return nil, invalid("what", "Say what is known: name, language, channel, tier, zone, given or note.")
	}
	if e.What == FactTier && e.From != FromList {
		if err := p.matchable(""); err != nil {
			return nil, err
		}
	}
	if len(p.Self.Facts) >= maxFacts {
		return nil, conflict("There are {n} facts about this customer by now. Take one back first.", "n", maxFacts)
	}
	if now, _ := p.Current(e.What); now != nil && !e.What.written() && now.Value == e.Value && now.From == e.From {
		return nil, nil
	}
	return p.tell(e), nil
}

// Forget takes a fact back. n names one of several; 0: the current one, by
// whichever author it came. Its text has to go too.
func (p *Person) Forget(k FactKind, n int) ([]ContactEvents, error) {
	var out []ContactEvents
	for _, c := range p.All {
		if slices.ContainsFunc(c.Facts, func(f Fact) bool { return f.What == k && (n == 0 || f.N == n) }) && (n == 0 || c == p.Self || p.Self.fact(k, n) == nil) {
			out = append(out, ContactEvents{c.Author, []Event{ContactForgot{What: k, N: n}}})
		}
	}
	if len(out) == 0 {
		return nil, &Error{Code: NotFound, Msg: "Nothing like that is known of this customer."}
	}
	return out, nil
}

func (c *Contact) fact(k FactKind, n int) *Fact {
	for i := range c.Facts {
		if c.Facts[i].What == k && c.Facts[i].N == n {
			return &c.Facts[i]
		}
	}
	return nil
}

// NextText is the number for the next text of the contact.
func (c *Contact) NextText() int { return c.Texts + 1 }

func (p *Person) tell(e Event) []ContactEvents {
	return []ContactEvents{{p.Self.Author, []Event{e}}}
}

// LinkPeople makes two people one. It takes the evidence that was found, and what the
// person of the team who confirms it knows besides.
func LinkPeople(a, b *Person, evidence []Evidence) ([]ContactEvents, error) {
	switch {
	case a.Is(b.Self.Author):
		return nil, nil
	case len(a.All)+len(b.All) > MaxPerson:
		return nil, conflict("One person can have {n} accounts here at most.", "n", MaxPerson)
	}
	if err := MayMatch(a, b, evidence); err != nil {
		return nil, err
	}
	root, part := a.All[0], b.All[0]
	score := Score(evidence)
	return []ContactEvents{
		{root.Author, []Event{ContactLinked{Other: part.Author, Network: part.Network, Score: score, Evidence: evidence}}},
		{part.Author, []Event{ContactLinked{Other: root.Author, Network: root.Network, Into: true, Score: score, Evidence: evidence}}},
	}, nil
}

// Unlink takes an author, with what had been linked to it, out of a person
// again. Both are then what they were.
func (p *Person) Unlink(a AuthorKey) ([]ContactEvents, error) {
	c := p.with(a)
	if c == nil || len(p.All) < 2 {
		return nil, conflict("These accounts are not linked.")
	}
	up, down := c.Into, c.Author
	if up == "" {
		if len(c.Parts) > 1 {
			return nil, conflict("Several accounts were linked to this one. Take those out that are somebody else.")
		}
		up, down = c.Author, c.Parts[0].Author
	}
	return []ContactEvents{
		{up, []Event{ContactUnlinked{Other: down}}},
		{down, []Event{ContactUnlinked{Other: up, Into: true}}},
	}, nil
}

// Refuse says that a proposed author is somebody else.
func (p *Person) Refuse(other *Person) ([]ContactEvents, error) {
	if p.Is(other.Self.Author) {
		return nil, conflict("These accounts are linked. Take the link back instead.")
	}
	var out []ContactEvents
	for _, x := range [][2]*Contact{{p.Self, other.Self}, {other.Self, p.Self}} {
		if !slices.Contains(x[0].Refused, x[1].Author) {
			out = append(out, ContactEvents{x[0].Author, []Event{ContactRefused{Other: x[1].Author}}})
		}
	}
	return out, nil
}

// Propose notes that two authors may be one person, in both. Nothing comes of
// it where the evidence is too weak, where the network forbids the match, where
// it was proposed as strongly before, or where a person said no.
func Propose(a, b *Person, evidence []Evidence) []ContactEvents {
	score := Score(evidence)
	if score < ProposeFrom || a.Is(b.Self.Author) || slices.Contains(a.Self.Refused, b.Self.Author) || MayMatch(a, b, evidence) != nil {
		return nil
	}
	for _, was := range a.Self.Proposed {
		if was.Other == b.Self.Author && was.Score >= score-1e-6 {
			return nil
		}
	}
	return []ContactEvents{
		{a.Self.Author, []Event{ContactProposed{Other: b.Self.Author, Network: b.Self.Network, Score: score, Evidence: evidence}}},
		{b.Self.Author, []Event{ContactProposed{Other: a.Self.Author, Network: a.Self.Network, Score: score, Evidence: evidence}}},
	}
}

// MayMatch says why two people may not be matched, or nil. X allows it only
// with its user's opt-in: one who names the other account has given it.
func MayMatch(a, b *Person, evidence []Evidence) error {
	for _, x := range [][2]*Person{{a, b}, {b, a}} {
		if slices.ContainsFunc(evidence, func(e Evidence) bool { return e.Kind == SaidSo && x[0].Is(e.By) }) {
			continue
		}
		for _, other := range x[1].All {
			if err := x[0].matchable(other.Network); err != nil {
				return err
			}
		}
	}
	return nil
}

// matchable refuses to match a person of X with what is not on X.
func (p *Person) matchable(with string) error {
	onX := slices.ContainsFunc(p.All, func(c *Contact) bool { return c.Network == "x" })
	if !onX || with == "x" || p.Consented() {
		return nil
	}
	return &Error{Code: Denied, Msg: "X allows its users to be matched with other accounts or customer records only if they agreed. Ask them, and note their agreement first."}
}
