package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

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
			return in, &care.Error{Code: care.Invalid, Field: name, Msg: s.english().title(name) + " is not what it should be."}
		}
		if v != nil {
			values[name] = v
		}
	}
	res := &huma.ValidateResult{}
	huma.Validate(registry, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, values, res)
	if len(res.Errors) > 0 {
		return in, s.formError(res.Errors[0])
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
func (s *Server) formError(err error) error {
	d, ok := err.(*huma.ErrorDetail)
	if !ok {
		return &care.Error{Code: care.Invalid, Msg: "Something is missing.", Err: err}
	}
	field := strings.TrimPrefix(d.Location, ".")
	if name, missing := strings.CutPrefix(d.Message, "expected required property "); missing {
		field, _, _ = strings.Cut(name, " ")
		return &care.Error{Code: care.Invalid, Field: field, Msg: s.english().title(field) + " is missing.", Err: err}
	}
	return &care.Error{Code: care.Invalid, Field: field, Msg: s.english().title(field) + " is not what it should be: " + d.Message + ".", Err: err}
}
