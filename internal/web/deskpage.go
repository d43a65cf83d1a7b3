package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// deskPath is where the desk lives: its lists and cases below it. All of them
// are the same page; its script reads the address.
const deskPath = "/desk"

type deskPage struct {
	page
	Base  string
	After string // place in the log, for live events
	Who   string // whoever asks, as GET /me gives it
}

// deskGet is the frame that the desk's script fills.
func (s *Server) deskGet(w http.ResponseWriter, r *http.Request) error {
	p := deskPage{Base: deskPath, After: strconv.FormatUint(uint64(s.Cases.Position()), 10)}
	who, err := json.Marshal(s.meOf(askedOf(r.Context()).who))
	if err != nil {
		return err
	}
	p.Who = string(who)
	if p.page, err = s.framed(r, "Desk"); err != nil {
		return err
	}
	p.Held, p.Blind = "", nil // the desk says so itself, and for as long as it is so
	for _, g := range p.Nav {
		for i := range g.Items {
			if at := &g.Items[i]; isList(at.Href) {
				at.Href, at.Here = deskPath+at.Href, false
			}
		}
	}
	return s.show(w, http.StatusOK, "desk", p)
}

// isList says whether an address is a list of cases.
func isList(href string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(href, "/"), "?")
	for _, l := range lists() {
		if l.Name == name {
			return true
		}
	}
	return false
}
