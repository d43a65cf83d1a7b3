package app

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
)

// maxHook bounds what a network posts to us at once, in bytes.
const maxHook = 1 << 20

// challenge answers a network that asks whether this address is ours.
func (s *serving) challenge(w http.ResponseWriter, r *http.Request) {
	c, ok := s.account(r.PathValue("source")).(network.Challenger)
	if !ok {
		http.NotFound(w, r)
		return
	}
	answer, err := c.Challenge(r.URL.Query())
	if err != nil {
		s.hookFailed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, answer)
}

// hook takes in what a network posts to us. It says 200 only once all of it is
// durable; after anything else the network is to send it again.
func (s *serving) hook(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("source")
	receiver, ok := s.account(name).(network.Receiver)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if s.heldNow() != "" || s.paused(name) {
		w.Header().Set("Retry-After", strconv.Itoa(300))
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if err != nil {
		http.Error(w, "the body can't be read, or is longer than a mebibyte", http.StatusRequestEntityTooLarge)
		return
	}
	page, err := receiver.Receive(r.Header, body)
	if err == nil {
		_, err = s.intake.Take(r.Context(), s.source(name), page)
	}
	if err != nil {
		s.hookFailed(w, r, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// hookFailed says in a status what is wrong, and nothing more to strangers.
func (s *serving) hookFailed(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	if ne, ok := errors.AsType[*network.Error](err); ok {
		switch ne.Fault {
		case network.Refused:
			status = http.StatusForbidden
		case network.Malformed:
			status = http.StatusBadRequest
		}
	}
	s.o.Log.Warn("a network's call was not taken", "source", r.PathValue("source"), "status", status, "err", err)
	http.Error(w, http.StatusText(status), status)
}

// source is how a source is set up.
func (s *serving) source(name string) intake.Source {
	for _, src := range s.running.Load().sources {
		if src.Name == name {
			return src
		}
	}
	return intake.Source{Name: name}
}
