package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// Explain is an error of known, harmless words. What it hides stays reachable
// for errors.Is and errors.As, and never reaches a text.
func Explain(words string, hidden ...error) error {
	return &explained{words: words, hidden: errors.Join(hidden...)}
}

type explained struct {
	words  string
	hidden error
}

func (e *explained) Error() string { return e.words }
func (e *explained) Unwrap() error { return e.hidden }

// Because is an [*Error] in words as [Explain] takes them.
func (f Fault) Because(words string, hidden ...error) error {
	return &Error{Fault: f, Err: Explain(words, hidden...)}
}

// Unsent is Because of what never left us: what can't be sent, or not be read.
func (f Fault) Unsent(words string, hidden ...error) error {
	return &Error{Fault: f, Unsent: true, Err: Explain(words, hidden...)}
}

// IsGone says that what a call asked for is not there.
func IsGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Fault == Gone
}

// Word makes a network's own error code fit for an error's text: letters,
// digits and _ - . : only, at most 64. Anything else, a sentence for one, gives "".
func Word(code string) string {
	if len(code) > 64 {
		return ""
	}
	for _, r := range code {
		if r > 127 || !strings.ContainsRune("_-.:", r) && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z') {
			return ""
		}
	}
	return code
}

// Settled says that the network has certainly not taken what was sent: it can
// be sent again (Unsent) or will never be taken. Anything else is unknown.
func (e *Error) Settled() bool {
	if e.Unsent {
		return true
	}
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return false
	}
	return e.Status >= 400 && e.Status < 500
}

// Typed turns any error that a client or a library above it returned into an
// [*Error]; nil stays nil. Words that are not ours are dropped, since a
// library's error may quote a URL or an answer.
func Typed(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	if errors.As(err, &syntax) || errors.As(err, &kind) {
		return &Error{Fault: Malformed, Err: describeJSON(err)}
	}
	return &Error{Fault: Transient, Unsent: beforeConnection(err), Err: Explain(plain(err), err)}
}

// Faulty is the fault that a status stands for by HTTP's own rules.
func Faulty(status int) Fault {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return Refused
	case http.StatusPaymentRequired:
		return Unpaid
	case http.StatusNotFound, http.StatusGone, http.StatusUnavailableForLegalReasons:
		return Gone
	case http.StatusTooManyRequests:
		return Limited
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return Transient
	}
	if status >= 500 {
		return Transient
	}
	return Malformed
}

// refused makes the error of an answer that is no success.
func (g *guard) refused(resp *http.Response, l limits, endpoint string) error {
	start, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	resp.Body.Close()
	e := &Error{Fault: Faulty(resp.StatusCode), Status: resp.StatusCode}
	if resp.StatusCode == http.StatusForbidden && l.leftKnown && l.left == 0 && l.wait > 0 {
		e.Fault = Limited // some networks say 403 when the window is used up
	}
	switch e.Fault {
	case Limited:
		e.Unsent, e.After = true, l.wait
	case Transient:
		e.After = l.retry
	}
	if g.dialect.Refine != nil {
		g.dialect.Refine(resp, start, e)
	}
	if e.Fault == Limited && resp.StatusCode == http.StatusTooManyRequests {
		g.budget.spent(g.bucket, endpoint)
	}
	words := fmt.Sprintf("%s: %d %s", callName(resp.Request, endpoint), resp.StatusCode, http.StatusText(resp.StatusCode))
	if e.Err != nil {
		words += ": " + e.Err.Error()
	}
	e.Err = Explain(strings.TrimSpace(words), e.Err)
	return e
}

// broken makes the error of an exchange that came to no answer, or to half of
// one. during is the request's own context with our time limit on it.
func (g *guard) broken(during context.Context, req *http.Request, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	e := &Error{Fault: Transient}
	name := callName(req, "")
	switch ctxErr := req.Context().Err(); {
	case ctxErr != nil:
		e.Err = Explain(name+": "+plain(ctxErr), ctxErr)
	case errors.Is(err, ErrNotPublic):
		e.Fault = Refused
		e.Err = Explain(name+notPublic, err)
	case during.Err() != nil:
		e.Err = Explain(fmt.Sprintf("%s: no whole answer within %v", name, g.opts.Timeout.Round(time.Millisecond)), os.ErrDeadlineExceeded)
	default:
		e.Err = Explain(name+": "+plain(err), err)
	}
	return e
}

// beforeConnection says by the error alone that no connection came about.
func beforeConnection(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, dns := errors.AsType[*net.DNSError](err)
	_, cert := errors.AsType[*tls.CertificateVerificationError](err)
	return dns || cert
}

// plain says in known words why an exchange broke.
func plain(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "no such host"
		}
		return "the name could not be looked up"
	}
	var (
		cert    *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		netErr  net.Error
		errno   syscall.Errno
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.As(err, &unknown):
		return "the certificate is by an unknown authority"
	case errors.As(err, &host):
		return "the certificate is for another host"
	case errors.As(err, &cert):
		return "the certificate is not valid"
	case errors.As(err, &record), errors.As(err, &alert):
		return "TLS failed"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return "timed out"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection ended in the middle"
	}
	return fmt.Sprintf("the exchange failed (%T)", err)
}
