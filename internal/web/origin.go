package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// The session's cookie. With the prefix a browser takes it only over TLS and
// for this host alone. On loopback there is no TLS to be had, and nobody
// between the browser and us.
const (
	cookieName         = "__Host-amends"
	loopbackCookieName = "amends"
)

// peer is the address that the connection comes from; invalid through a socket.
func peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if a.IsValid() && p.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// from is the address of whoever asks. A proxy that is trusted may name it: the
// last address that no trusted proxy added itself counts.
func (s *Server) from(r *http.Request) netip.Addr {
	at := peer(r)
	if !s.trusted(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if at = a.Unmap(); !s.trusted(at) {
			break
		}
	}
	return at
}

// overTLS says whether the browser reaches us over TLS: our own, a trusted
// proxy's, or that of the address people are told.
func (s *Server) overTLS(r *http.Request) bool {
	switch {
	case r.TLS != nil:
		return true
	case s.trusted(peer(r)):
		return r.Header.Get("X-Forwarded-Proto") == "https"
	}
	return s.PublicURL != nil && s.PublicURL.Scheme == "https" && strings.EqualFold(r.Host, s.PublicURL.Host)
}

// onLoopback says whether the browser runs on this machine and asks us by a
// name that can't mean another one.
func onLoopback(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// mayHoldSession says whether a session's cookie is safe on this connection.
func (s *Server) mayHoldSession(r *http.Request) bool { return s.overTLS(r) || onLoopback(r) }

// cookie is how a session is kept in the browser, without its value.
func (s *Server) cookie(r *http.Request) http.Cookie {
	c := http.Cookie{Name: loopbackCookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if s.overTLS(r) {
		c.Name, c.Secure = cookieName, true
	}
	return c
}

// origin is the address at which people reach the console, for links that are
// sent or shown.
func (s *Server) origin(r *http.Request) string {
	if s.PublicURL != nil {
		return strings.TrimSuffix(s.PublicURL.String(), "/")
	}
	if s.overTLS(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
