package web

import (
	"net/http"
	"slices"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// InForce is what is set up, for people to read and to try. It holds no secret.
type InForce struct {
	File  string    // the configuration; empty: all is as it is by default
	Parts []SetPart // in the order in which they are shown
	// Aside is what the console set up and File sets too, with where it does: what
	// File says holds.
	Aside []SetAside
	// Keyless are sources and channels whose keys are gone, as sources.NAME.
	Keyless []string

	Tree      *route.Tree
	Policies  []sla.Policy
	Calendars map[string]*sla.Calendar
	// Places tell where a route is written, by its path joined with [Way].
	Places map[string]string
	// Known are values that a label can have here, by its key.
	Known map[string][]string
}

// A SetAside is an entry or a setting that gives way to what people wrote.
type SetAside struct {
	What  string // section.name, or section.setting
	Place string // file and line of what holds
}

// Say says a phrase of ours, which in English is as written, in a language, with
// its {places} filled by pairs of name and value.
type Say func(english string, pairs ...any) string

// Way is what joins the names on a path.
const Way = " › "

// A SetPart is one part of the configuration: a table of what holds.
type SetPart struct {
	ID      string // an address on the page, too
	Title   string
	About   string // one sentence
	Section string // of docs/configuration.md
	Columns []string
	Rows    []SetRow
	Links   []chip // where to see or try more; Name and To
	Edit    string // the section that the console can change; empty: it can't
	Whole   bool   // it is one, and not a list of entries
}

// A SetRow is what is set up once, and where.
type SetRow struct {
	Depth int // how deep it lies in a tree
	Cells []string
	Place string // file and line; or default
	Edit  string // the entry that the console can change, by its name; empty: it can't
	Test  string // the channel that can be tested
}

// Link adds a way to another page.
func (p *SetPart) Link(name, to string) { p.Links = append(p.Links, chip{Name: name, To: to}) }

// closed takes away what leads to changing it.
func (p *SetPart) closed() {
	p.Edit = ""
	p.Rows = slices.Clone(p.Rows)
	for i := range p.Rows {
		p.Rows[i].Edit, p.Rows[i].Test = "", ""
	}
}

// Long says that a part is folded until somebody opens it.
func (p *SetPart) Long() bool { return len(p.Rows) > 12 }

// policy is one by its name.
func (f *InForce) policy(name string) *sla.Policy {
	for i := range f.Policies {
		if f.Policies[i].Name == name {
			return &f.Policies[i]
		}
	}
	return nil
}

type setupPage struct {
	page
	In     InForce
	CanSet bool
	CanAll bool // also what has keys
}

func (s *Server) setupGet(w http.ResponseWriter, r *http.Request) error {
	var p setupPage
	var err error
	if p.page, err = s.framed(r, "nav.setup"); err != nil {
		return err
	}
	if p.In, err = s.inForce(p.tells); err != nil {
		return err
	}
	p.CanSet, p.CanAll = s.Editor != nil, s.Editor != nil && p.Me.May(auth.Keys)
	for i := range p.In.Parts {
		if part := &p.In.Parts[i]; !p.CanSet || !p.Me.May(rightFor(part.Edit)) {
			part.closed()
		}
	}
	return s.show(w, http.StatusOK, "setup", p)
}

// inForce is what is set up now, told in a language.
func (s *Server) inForce(t teller) (InForce, error) {
	if s.InForce == nil {
		return InForce{}, &care.Error{Code: care.NotFound, Msg: "This server does not show what is set up."}
	}
	return s.InForce(t.put)
}

// registerSetup are the pages that show what is set up.
func (s *Server) registerSetup() {
	s.handle(http.MethodGet, "/setup", auth.SetUp, s.setupGet)
	s.handle(http.MethodGet, "/setup/routing", auth.SetUp, s.tryRoute)
	s.handle(http.MethodGet, "/setup/deadlines", auth.SetUp, s.tryDeadline)
}
