package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/amends-care/amends/internal/care"
)

// after leads a browser on once something is done, to a page that shows it.
func (s *Server) after(w http.ResponseWriter, r *http.Request, to, did string, out Written) {
	u, err := url.Parse(to)
	if err != nil {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	if did != "" {
		q.Set("did", did)
	}
	if out.Seq > 0 {
		q.Set("seq", strconv.FormatUint(uint64(out.Seq), 10))
	}
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

// decodeForm reads a form into the input of an API operation and checks it by
// that operation's schema.
func decodeForm[I any](s *Server, r *http.Request) (in I, err error) {
	if err := r.ParseForm(); err != nil {
		return in, err
	}
	t := reflect.TypeFor[I]()
	if t.NumField() == 0 {
		return in, nil
	}
	registry := s.api.OpenAPI().Components.Schemas
	schema := registry.Schema(t, false, t.Name())
	values := map[string]any{}
	for name, p := range schema.Properties {
		v, wrong := formValue(p, r.PostForm[name])
		if wrong {
			return in, &care.Error{Code: care.Invalid, Field: name, Msg: "{field} is not what it should be.", With: []any{"field", s.teller(r.Context()).field(name)}}
		}
		if v != nil {
			values[name] = v
		}
	}
	res := &huma.ValidateResult{}
	huma.Validate(registry, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, values, res)
	if len(res.Errors) > 0 {
		return in, s.teller(r.Context()).formError(res.Errors[0])
	}
	b, err := json.Marshal(values)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(b, &in)
}

// formValue is a form's values as JSON would have them; nil: not filled in.
func formValue(p *huma.Schema, got []string) (v any, wrong bool) {
	if p.Type == huma.TypeArray {
		var all []any
		for _, g := range got {
			for part := range strings.SplitSeq(g, ",") {
				if part = strings.TrimSpace(part); part != "" {
					all = append(all, part)
				}
			}
		}
		if all == nil {
			return nil, false
		}
		return all, false
	}
	if len(got) == 0 || got[0] == "" {
		return nil, false
	}
	switch first := strings.ReplaceAll(got[0], "\r\n", "\n"); p.Type {
	case huma.TypeBoolean:
		return first == "true" || first == "on", false
	case huma.TypeInteger:
		n, err := strconv.Atoi(first)
		return float64(n), err != nil
	default:
		return first, false
	}
}

// formError is a schema's complaint for people.
func (t teller) formError(err error) error {
	d, ok := err.(*huma.ErrorDetail)
	if !ok {
		return &care.Error{Code: care.Invalid, Msg: "Something is missing.", Err: err}
	}
	field := d.Location
	if _, rest, within := strings.Cut(field, "."); within { // of the body, or of the address
		field = rest
	}
	if name, missing := strings.CutPrefix(d.Message, "expected required property "); missing {
		field, _, _ = strings.Cut(name, " ")
		return &care.Error{Code: care.Invalid, Field: field, Msg: "{field} is missing.", With: []any{"field", t.field(field)}, Err: err}
	}
	return &care.Error{Code: care.Invalid, Field: field, Msg: "{field} is not what it should be: {why}.", With: []any{"field", t.field(field), "why", expected(d.Message)}, Err: err}
}

// fieldNames are the fields that people fill in, where the name that programs
// use for one is told.
var fieldNames = map[string]care.Phrase{
	"amount":      "Amount",
	"comment":     "Comment",
	"currency":    "Currency",
	"days":        "Days",
	"display":     "Display",
	"disposition": "Disposition",
	"doing":       "Doing",
	"due":         "Due",
	"from":        "From",
	"know":        "Know",
	"language":    "Language",
	"languages":   "Languages",
	"name":        "Name",
	"next_at":     "Next at",
	"old":         "Password so far",
	"password":    "Password",
	"per_minute":  "Per minute",
	"policy":      "Policy",
	"question":    "Question",
	"queue":       "Queue",
	"reason":      "Reason",
	"role":        "Role",
	"text":        "Text",
	"title":       "Title",
	"to":          "To",
	"topic":       "Topic",
	"until":       "Until",
	"value":       "Value",
	"what":        "What",
	"why":         "Why",
	"zone":        "Zone",
}

// field is what a field is called.
func (t teller) field(name string) string {
	if p, ok := fieldNames[name]; ok {
		return t.phrase(p)
	}
	return t.title(name)
}

// expected is what a schema expects, in our words where we have some: mostly a
// text that is too long, for the console's fields let nothing else through.
func expected(complaint string) any {
	for _, of := range []struct {
		form string
		says care.Phrase
	}{
		{validation.MsgExpectedMaxLength, "at most {n} characters"},
		{validation.MsgExpectedMinLength, "at least {n} characters"},
		{validation.MsgExpectedMaxItems, "at most {n} entries"},
		{validation.MsgExpectedMinItems, "at least {n} entries"},
		{validation.MsgExpectedMaximumNumber, "at most {n}"},
		{validation.MsgExpectedMinimumNumber, "at least {n}"},
	} {
		before, _, _ := strings.Cut(of.form, "%")
		if rest, ok := strings.CutPrefix(complaint, before); ok {
			if n, err := strconv.Atoi(rest); err == nil {
				return care.Say(of.says, "n", n)
			}
		}
	}
	if known, ok := strings.CutPrefix(complaint, `expected value to be one of "`); ok {
		return care.Say("one of {known}", "known", strings.TrimSuffix(known, `"`))
	}
	if complaint == validation.MsgExpectedRFC3339DateTime {
		return care.Phrase("a date with a time is expected, such as 2026-03-01T12:00:00Z")
	}
	return complaint
}
