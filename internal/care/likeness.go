package care

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An EvidenceKind is a reason to think that two authors are one person.
type EvidenceKind string

// The kinds of evidence.
const (
	SameHandle EvidenceKind = "same_handle" // on two networks or servers
	SameName   EvidenceKind = "same_name"   // shown, of two words at least
	SameLink   EvidenceKind = "same_link"   // to a page of their own
	SameEmail  EvidenceKind = "same_email"  // in a message
	SameNumber EvidenceKind = "same_number" // of an order or contract, in a message
	SaidSo     EvidenceKind = "said_so"     // the customer named the other account as theirs
	Seen       EvidenceKind = "seen"        // a person of the team knows
)

// Evidence is one reason with its weight: how likely it makes the match by
// itself, 0–1.
type Evidence struct {
	Kind   EvidenceKind `json:"kind"`
	Weight float64      `json:"weight"`
	By     AuthorKey    `json:"by,omitempty"` // of said_so: who did
}

// ProposeFrom is the score from which a link is proposed.
const ProposeFrom = 0.5

// Score is how likely all evidence together makes it that two authors are one:
// one minus the chance that each piece is a coincidence. What stands there
// twice counts once.
func Score(evidence []Evidence) float64 {
	strongest := map[EvidenceKind]float64{}
	for _, e := range evidence {
		strongest[e.Kind] = max(strongest[e.Kind], min(max(e.Weight, 0), 0.99))
	}
	chance := 1.0
	for _, k := range []EvidenceKind{SameHandle, SameName, SameLink, SameEmail, SameNumber, SaidSo, Seen} {
		chance *= 1 - strongest[k]
	}
	return 1 - chance
}

// A Trait is something of an author that another account of the same person
// may share: a normal form, which is never kept but as a keyed hash.
type Trait struct {
	Evidence
	Value string
}

// maxTraits bounds what one post is searched for, and maxRead its text, in bytes.
const (
	maxTraits = 12
	maxRead   = 4000
)

var (
	email  = regexp.MustCompile(`[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}`)
	number = regexp.MustCompile(`\b[A-Za-z]{0,4}-?[0-9]{7,14}\b`)
	// myself is how people name an account of theirs.
	myself = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:i am|i'm|i’m|my (?:other |main |old )?account(?: is)?|ich bin|mein (?:anderes |altes )?konto(?: ist)?|je suis|mon (?:autre )?compte(?: est)?|soy|mi (?:otra )?cuenta(?: es)?|sou|minha (?:outra )?conta(?: é)?|sono|il mio (?:altro )?account(?: è)?|ik ben|mijn (?:andere )?account(?: is)?|ben|diğer hesabım)\s+(?:(?:also|auch|aussi|también|também|anche|ook|de|here|on|hier)\s+)?@([\pL\pN_.@-]{2,100})`)
)

// TraitsOf are the traits that a post shows of its author. said are accounts
// that the author claims: handles, to be looked for among those of others.
func TraitsOf(p *Post) (own, said []Trait) {
	add := func(k EvidenceKind, weight float64, value string) {
		t := Trait{Evidence{Kind: k, Weight: weight}, value}
		if value != "" && len(own) < maxTraits && !slices.ContainsFunc(own, func(o Trait) bool { return o.Kind == k && o.Value == value }) {
			own = append(own, t)
		}
	}
	handle := handleOf(p.Author.Handle)
	add(SameHandle, distinct(handle), handle)
	if name := strings.Join(strings.Fields(strings.ToLower(p.Author.Name)), " "); strings.Contains(name, " ") && utf8.RuneCountInString(name) >= 6 {
		add(SameName, 0.3, name)
	}
	text := p.Text[:min(len(p.Text), maxRead)]
	for _, l := range p.Links {
		if l.Kind == "link" || l.Kind == "" {
			add(SameLink, 0.4, ownPage(l.URL))
		}
	}
	for _, m := range email.FindAllString(text, 4) {
		add(SameEmail, 0.85, strings.ToLower(m))
	}
	for _, m := range number.FindAllString(text, 4) {
		add(SameNumber, 0.6, strings.ToUpper(strings.ReplaceAll(m, "-", "")))
	}
	for _, m := range myself.FindAllStringSubmatch(text, 4) {
		if h := handleOf(strings.TrimRight(m[1], ".-")); h != "" && h != handle {
			said = append(said, Trait{Evidence{Kind: SaidSo, Weight: 0.9}, h})
		}
	}
	return own, said
}

// handleOf is a handle as people say it, without its server.
func handleOf(h string) string {
	h = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(h), "@"))
	h, _, _ = strings.Cut(h, "@")
	return strings.TrimSuffix(h, ".bsky.social")
}

// everybody's handles tell nothing.
var common = []string{"info", "admin", "support", "official", "contact", "hello", "news", "anonymous", "customer", "unknown", "deleted", "user"}

// distinct is the weight of a handle: a short or common one proves little, and
// one that was made up by a machine nothing.
func distinct(h string) float64 {
	letters := 0
	for _, r := range h {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	switch {
	case letters < 3, slices.Contains(common, strings.TrimRight(h, "0123456789_-.")):
		return 0.1
	case utf8.RuneCountInString(h) < 6:
		return 0.3
	}
	return 0.55
}

// ownPage is the address of a page that can be somebody's own; "" for a front
// page, and for what has no host.
func ownPage(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	host, path := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), strings.TrimRight(u.Path, "/")
	if path == "" && strings.Count(host, ".") == 1 && slices.Contains([]string{"youtube.com", "google.com", "facebook.com", "x.com", "t.co", "instagram.com"}, host) {
		return ""
	}
	return host + path
}

// An AuthorRef names an author without telling who it is.
type AuthorRef struct {
	Network string    `json:"network"`
	Author  AuthorKey `json:"author"`
}

// TraitOwners are those that showed one trait: the document person/trait/<hash>.
type TraitOwners struct {
	Authors []AuthorRef
	At      int64 // day of the last change, since 1970: for retention
}

// maxOwners is from how many authors on a trait is no sign any more that two of
// them are one person.
const maxOwners = 5

// Common says that too many have the trait for it to mean anything.
func (t *TraitOwners) Common() bool { return len(t.Authors) >= maxOwners }

// Add notes an author; false: it was there, or nobody needs to know any more.
func (t *TraitOwners) Add(o AuthorRef) bool {
	if t.Common() || slices.Contains(t.Authors, o) {
		return false
	}
	t.Authors = append(t.Authors, o)
	slices.SortFunc(t.Authors, func(a, b AuthorRef) int {
		return cmp.Or(strings.Compare(a.Network, b.Network), cmp.Compare(a.Author, b.Author))
	})
	return true
}

// Remove forgets an author; false: it was not there.
func (t *TraitOwners) Remove(a AuthorKey) bool {
	n := len(t.Authors)
	t.Authors = slices.DeleteFunc(t.Authors, func(o AuthorRef) bool { return o.Author == a })
	return len(t.Authors) < n
}

const traitVersion = 1

func (t *TraitOwners) fields(c *codec) { blocks(c, &t.Authors); c.int64(&t.At) }

func (o *AuthorRef) fields(c *codec) { enum(c, &o.Network, networks); str(c, &o.Author) }

// Encode gives the bytes of the document.
func (t *TraitOwners) Encode() []byte { return encode(traitVersion, 64, t.fields) }

// DecodeTraitOwners reads what Encode wrote.
func DecodeTraitOwners(b []byte) (TraitOwners, error) {
	var t TraitOwners
	err := decode(b, traitVersion, "trait", t.fields)
	return t, err
}
