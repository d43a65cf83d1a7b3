package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// An exportPage is a case on paper: one file that needs nothing else.
type exportPage struct {
	teller
	Case   *CaseFull
	Brand  string
	At     time.Time
	Thread []exported // in order of time
	Style  template.CSS
	Policy string // of the file itself, which is opened from a disk
}

// An exported is one thing of the conversation.
type exported struct {
	At    time.Time
	What  string
	Who   string
	Text  string
	Extra string
	Side  string // ours, note; empty: the customer's
}

// exportGet gives a whole case as a file: JSON as the API has it, or a page to
// be read by people, later and elsewhere.
func (s *Server) exportGet(w http.ResponseWriter, r *http.Request) error {
	id, err := s.caseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := s.full(r.Context(), id)
	if err != nil {
		return err
	}
	name := "case-" + strconv.FormatUint(f.Number, 10)
	switch format := r.URL.Query().Get("format"); format {
	case "json":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.json"`)
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(f)
	case "html":
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.html"`)
		style, t := s.assets.exported, s.teller(r.Context())
		sum := sha256.Sum256([]byte(style))
		p := exportPage{teller: t, Case: f, Brand: s.Setup().Brand, At: s.Now(), Thread: f.conversation(t), Style: style,
			Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"}
		w.Header().Set("Content-Security-Policy", p.Policy+"; frame-ancestors 'none'")
		return s.show(w, http.StatusOK, "export", p)
	default:
		return &care.Error{Code: care.Invalid, Field: "format", Msg: "A case can be taken out as html or json, not as \"{format}\".", With: []any{"format", cleanLine(format)}}
	}
}

// conversation is what was said and noted, oldest first.
func (f *CaseFull) conversation(t teller) (out []exported) {
	for _, m := range f.MentionList {
		who := m.Author.Name
		if m.Author.Handle != "" {
			who += " @" + m.Author.Handle
		}
		out = append(out, exported{At: m.PostedAt, What: m.Network, Who: who, Text: clean(m.Text), Extra: m.URL})
	}
	for _, r := range f.ReplyList {
		at, what := r.RequestedAt, t.Say("public")
		if !r.VisibleAt.IsZero() {
			at = r.VisibleAt
		}
		if r.Direct {
			what = t.Say("direct")
		}
		out = append(out, exported{At: at, What: what + ", " + t.Code(string(r.State)), Who: t.actor(r.By), Text: clean(r.Text), Extra: r.URL, Side: "ours"})
	}
	for _, n := range f.Notes {
		out = append(out, exported{At: n.At, What: t.Say("note_to_team"), Who: t.actor(n.By), Text: clean(n.Text), Side: "note"})
	}
	slices.SortStableFunc(out, func(a, b exported) int { return a.At.Compare(b.At) })
	return out
}
