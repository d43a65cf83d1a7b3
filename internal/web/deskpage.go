package web

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// lists are the lists of cases by name: each is an address of the desk.
func lists() []string {
	return []string{"queue", "mine", "awaiting", "snoozed", "outside", "promised", "approve", "friction", "held", "following", "resolved", "dismissed"}
}

type deskPage struct {
	page
	After string // place in the log, for live events
	Who   string // whoever asks, as GET /me gives it
}

// deskGet is the frame that the desk's script fills: the same for all lists and
// cases, as the script reads the address.
func (s *Server) deskGet(w http.ResponseWriter, r *http.Request) error {
	if name := r.PathValue("id"); name != "" {
		if _, err := s.caseID(name); err != nil {
			return err
		}
	}
	p := deskPage{After: strconv.FormatUint(uint64(s.Cases.Position()), 10)}
	me, err := s.meOf(r.Context(), askedOf(r.Context()).who)
	if err != nil {
		return err
	}
	who, err := json.Marshal(me)
	if err != nil {
		return err
	}
	p.Who = string(who)
	if p.page, err = s.framed(r, "desk"); err != nil {
		return err
	}
	if r.URL.Path == "/queue" && p.Backlog.All == 0 && len(s.Setup().Sources) == 0 {
		http.Redirect(w, r, "/start", http.StatusSeeOther)
		return nil
	}
	p.Live, p.Said, p.Held, p.Blind = true, "", "", nil // the desk says so itself, and for as long as it is so
	return s.show(w, http.StatusOK, "desk", p)
}

// home leads to where work is.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/queue", http.StatusSeeOther)
	return nil
}
