package email

import (
	"strings"

	"github.com/emersion/go-message/mail"
)

// automatic says that a mail was written by a program which wants no answer: an
// absence note, a bounce, a newsletter or a mailing list. A program that
// reports what a person wrote, a form for one, says auto-generated and is heard.
func automatic(h mail.Header) bool {
	said := func(field string) string {
		v, _, _ := strings.Cut(h.Get(field), ";")
		return strings.ToLower(strings.TrimSpace(v))
	}
	switch said("Auto-Submitted") { // RFC 3834
	case "auto-replied", "auto-notified":
		return true
	}
	switch said("Precedence") {
	case "bulk", "list", "junk", "auto_reply":
		return true
	}
	if h.Has("X-Autoreply") || h.Has("X-Autorespond") || h.Has("List-Id") || h.Has("List-Unsubscribe") {
		return true
	}
	if said("Return-Path") == "<>" { // RFC 3464: reports have no sender
		return true
	}
	kind, params, _ := h.ContentType()
	if kind == "multipart/report" && (strings.EqualFold(params["report-type"], "delivery-status") || strings.EqualFold(params["report-type"], "disposition-notification")) {
		return true
	}
	box, _, _ := strings.Cut(strings.ToLower(first(addresses(&h, "From")).Address), "@")
	return box == "mailer-daemon" || box == "postmaster"
}

// forged says that the server which took the mail in found it not to be from
// the address that it names. Only the newest such line counts: it is our own
// server's, and those below it anybody may have written. RFC 8601.
func forged(h mail.Header) bool {
	line := strings.ToLower(h.Get("Authentication-Results"))
	for result := range strings.SplitSeq(line, ";") {
		if verdict, ok := strings.CutPrefix(strings.TrimSpace(result), "dmarc="); ok && strings.HasPrefix(verdict, "fail") {
			return true
		}
	}
	return false
}
