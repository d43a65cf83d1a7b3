package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/route"
	"github.com/amends-care/amends/internal/sla"
)

// tryRoutePage says where labels lead.
type tryRoutePage struct {
	page
	Fields []labelField
	Part   SetPart // the tree
	routed
}

// A routed is where labels led.
type routed struct {
	Asked    bool
	Decision route.Decision
	Queue    string // its title
	Tried    []triedRoute
	First    *foretold // nil: nothing is promised
}

// A labelField asks for one label.
type labelField struct {
	Key, Name string
	Path      string   // what the field of the form is called
	Values    []string // what was asked for
	Choices   []string // what can be chosen; empty: any text
	Several   bool     // more than one can be
	Known     []string // what a text may be
}

// Is says whether a choice was asked for.
func (f *labelField) Is(v string) bool { return slices.Contains(f.Values, v) }

// Text is what was asked for, as it is typed.
func (f *labelField) Text() string { return strings.Join(f.Values, ",") }

// A triedRoute is a route that was looked at, and what came of it.
type triedRoute struct {
	route.Try
	Place string
}

// labelName is what people call a label.
func (t teller) labelName(key string) string {
	switch key {
	case "reach", "lists", "at":
		return t.Say("try." + key)
	}
	return t.condition(key)
}

func (s *Server) tryRoute(w http.ResponseWriter, r *http.Request) error {
	in, err := s.inForce(s.teller(r.Context()))
	if err != nil {
		return err
	}
	var p tryRoutePage
	if p.page, err = s.framed(r, "try.routing"); err != nil {
		return err
	}
	q, status := r.URL.Query(), http.StatusOK
	p.Fields, p.Asked = p.tells.fieldsOf(&in, q, "", s.Now()), len(q) > 0
	if at := slices.IndexFunc(in.Parts, func(part SetPart) bool { return part.ID == "routing" }); at >= 0 {
		p.Part = in.Parts[at]
	}
	if p.Asked {
		labels, err := route.ParseLabels(asArguments(p.Fields))
		if err != nil {
			p.Asked, p.Wrong, status = false, wrongAsked(err), http.StatusUnprocessableEntity
		} else {
			p.decide(&in, labels, s.Now(), &p.setup, p.tells)
		}
	}
	return s.show(w, status, "setuproute", &p)
}

// decide fills in where labels lead.
func (p *routed) decide(in *InForce, l care.Labels, now time.Time, setup *Setup, say teller) {
	p.Decision = in.Tree.Route(l)
	p.Queue = setup.titled(p.Decision.Queue)
	for _, t := range in.Tree.Trace(l) {
		path := append(slices.Clone(p.Decision.Path[:t.Depth]), t.Name)
		p.Tried = append(p.Tried, triedRoute{t, in.Places[strings.Join(path, Way)]})
	}
	policy := in.policy(p.Decision.Policy)
	if policy == nil {
		return
	}
	seen := now
	if !l.At.IsZero() {
		seen = l.At
	}
	if told, ok := foretell(policy, sla.FirstResponse, seen, in.Calendars, say); ok {
		p.First = &told
	}
}

// fieldsOf are the labels that can be asked for, as they were, in fields whose
// names begin with a prefix.
func (t teller) fieldsOf(in *InForce, q url.Values, prefix string, now time.Time) []labelField {
	var fields []labelField
	for _, key := range route.Keys() {
		f := labelField{Key: key, Name: t.labelName(key), Choices: route.Vocabulary(key), Several: key == "urgency", Known: in.Known[key], Path: prefix + key}
		for _, v := range q[f.Path] {
			if v = strings.TrimSpace(v); v != "" {
				f.Values = append(f.Values, v)
			}
		}
		if key == "brand" && len(f.Known) < 2 && len(f.Values) == 0 {
			continue // there is one only
		}
		if key == "at" && len(q) == 0 {
			f.Values = []string{iso(now)}
		}
		fields = append(fields, f)
	}
	return fields
}

// asArguments are labels as a command line has them.
func asArguments(fields []labelField) (args []string) {
	for _, f := range fields {
		for _, v := range f.Values {
			args = append(args, f.Key+"="+v)
		}
	}
	return args
}

// wrongAsked tells what can't be tried.
func wrongAsked(err error) *failure {
	return &failure{status: http.StatusUnprocessableEntity, code: "invalid", msg: cleanLine(strings.ReplaceAll(err.Error(), "\n", "; ")) + "."}
}
