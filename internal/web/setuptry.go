package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/route"
)

// What the buttons of a form say that try what is not saved yet.
const (
	doRoute    = "route"
	doDeadline = "deadline"
	doExample  = "example" // keep what was tried as an example
)

// tryPrefix begins the names of the fields that ask what is to be tried.
const tryPrefix = "try."

// A tryBox tries what a form holds before it is saved.
type tryBox struct {
	Do string // the button's
	routed
	Fields   []labelField
	Policy   string
	Policies []string
	At       string
	Told     []foretold
	timed    bool // the way depends on when it was posted
}

// boxFor is the box beside the form of a section, as it was filled in; nil: there
// is none.
func (s *Server) boxFor(section string, sent url.Values, t teller) (*tryBox, error) {
	b := &tryBox{Policy: sent.Get(tryPrefix + "policy"), At: sent.Get(tryPrefix + "at")}
	if b.At == "" {
		b.At = iso(s.Now())
	}
	switch section {
	case "routing":
		b.Do = doRoute
	case "calendars", "policies":
		b.Do = doDeadline
	default:
		return nil, nil
	}
	in, err := s.inForce(t)
	if err != nil {
		return nil, err
	}
	s.offer(b, &in, sent, t)
	if section == "policies" {
		b.Policies = nil // it is the one that is being written
	}
	return b, nil
}

// offer fills in what can be tried with what is set up.
func (s *Server) offer(b *tryBox, in *InForce, sent url.Values, t teller) {
	if b.Do == doRoute {
		b.Fields = t.fieldsOf(in, sent, tryPrefix, s.Now())
		return
	}
	for _, p := range in.Policies {
		b.Policies = append(b.Policies, p.Name)
	}
}

// tryUnsaved tries what a form holds. Examples of the routing are left out: a
// tree that one of them is not content with is the first to be tried.
func (s *Server) tryUnsaved(in *filling) (*tryBox, error) {
	b, err := s.boxFor(in.ch.Section, in.sent, in.tells)
	if err != nil || b == nil {
		return b, err
	}
	ch := in.ch
	if b.Do == doRoute {
		ch.Values = maps.Clone(ch.Values)
		delete(ch.Values, "examples")
	}
	would, err := s.Editor.Preview(ch)
	if err != nil {
		return b, err
	}
	switch b.Do {
	case doRoute:
		s.offer(b, &would, in.sent, in.tells)
		labels, err := route.ParseLabels(asArguments(b.Fields))
		if err != nil {
			return b, wrongAsked(err)
		}
		b.Asked = true
		setup := s.Setup()
		b.decide(&would, labels, s.Now(), &setup, in.tells)
		labels.At = time.Time{}
		b.timed = !slices.Equal(would.Tree.Route(labels).Path, b.Decision.Path)
	case doDeadline:
		if in.ch.Section == "policies" {
			b.Policy = in.ch.Name
		}
		if b.Told, err = foretellAll(&would, b.Policy, b.At, in.tells); err != nil {
			return b, wrongAsked(err)
		}
		b.Asked = true
	}
	return b, nil
}

// exampleOf adds what was tried to the examples of the routing, with the queue
// that it came to.
func (s *Server) exampleOf(in *filling) (at string, err error) {
	b, err := s.tryUnsaved(in)
	if err != nil || b == nil || b.Do != doRoute {
		return "", err
	}
	given := form.Values{}
	for _, f := range b.Fields {
		var all []any
		for v := range strings.SplitSeq(f.Text(), ",") {
			if v != "" {
				all = append(all, v)
			}
		}
		if all != nil && (f.Key != "at" || b.timed) {
			given[f.Key] = all
		}
	}
	all, _ := in.ch.Values["examples"].([]any)
	in.ch.Values["examples"] = append(slices.Clone(all), form.Values{"given": given, "want": b.Decision.Queue})
	return fmt.Sprintf("examples.%d", len(all)), nil
}
