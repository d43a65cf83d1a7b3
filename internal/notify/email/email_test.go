package email

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-message/mail"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/email/mailtest"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/notify/notifytest"
)

const lead = "lead@acme.example"

// A world is an SMTP server behind a proxy that breaks.
type world struct {
	t     testing.TB
	smtp  *mailtest.SMTP
	proxy *mailtest.Proxy
}

func newWorld(t testing.TB) *world {
	s := mailtest.StartSMTP(t, nil, false, func(string) (string, bool) { return "", false })
	return &world{t: t, smtp: s, proxy: mailtest.NewProxy(t, s.Address, true)}
}

func (w *world) Channel() notify.Channel {
	d := Driver()
	s := d.Settings().(*Settings)
	s.From, s.SMTP, s.User, s.Password = "amends@acme.example", "smtp://"+w.proxy.Address, "amends", mailtest.Password
	c, err := d.Open(s, network.NewClient(network.Options{Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

var faults = map[networktest.Fault]mailtest.Fault{
	networktest.Unauthorised: mailtest.Deny,
	networktest.Forbidden:    mailtest.Forbid,
	networktest.ServerError:  mailtest.Busy,
	networktest.BadGateway:   mailtest.Goodbye,
	networktest.Truncated:    mailtest.Half,
	networktest.Lying:        mailtest.Garble,
	networktest.Huge:         mailtest.Flood,
	networktest.Unreachable:  mailtest.Refuse,
	networktest.Dropped:      mailtest.Cut,
	networktest.Lied:         mailtest.Lie,
}

func (w *world) Break(f networktest.Fault) { w.proxy.Break(faults[f]) }

func (w *world) Got() []notifytest.Arrival {
	w.t.Helper()
	var all []notifytest.Arrival
	for _, m := range w.smtp.Taken() {
		r, err := mail.CreateReader(bytes.NewReader(m.Bytes))
		if err != nil {
			w.t.Fatal(err)
		}
		part, err := r.NextPart()
		if err != nil {
			w.t.Fatal(err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		a := notifytest.Arrival{To: strings.Join(m.To, ", "), Body: strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n"))}
		if a.Title, err = r.Header.Subject(); err != nil {
			w.t.Error(err)
		}
		if to, err := r.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != a.To || r.Header.Get("Bcc") != "" {
			w.t.Errorf("To %v, %v", to, err)
		}
		if i := strings.LastIndexByte(a.Body, '\n'); strings.HasPrefix(a.Body[i+1:], "https://") {
			a.Link = a.Body[i+1:]
		}
		all = append(all, a)
	}
	return all
}

func TestChannel(t *testing.T) {
	traits := notifytest.Traits{To: lead, Secrets: []string{mailtest.Password}}
	for f := range faults {
		traits.Faults = append(traits.Faults, f)
	}
	notifytest.Run(t, traits, func(t *testing.T) notifytest.World { return newWorld(t) })
}

func TestEachStep(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		step  string
		code  int
		want  network.Fault
		known bool
	}{
		{"AUTH", 535, network.Refused, true},
		{"MAIL", 451, network.Transient, true},
		{"RCPT", 550, network.Refused, true},
		{"RCPT", 450, network.Limited, true},
		{"DATA", 554, network.Refused, true},
		{"DATA", 421, network.Transient, false},
	} {
		w.smtp.Fail(c.step, c.code)
		err := w.Channel().Send(t.Context(), lead, notify.Notice{Key: "k", Title: "x"})
		if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != c.want || e.Unsent != c.known || strings.Contains(err.Error(), mailtest.Password) {
			t.Errorf("%s %d: %v", c.step, c.code, err)
		}
		w.smtp.Fail(c.step, 0)
	}
	if n := len(w.smtp.Taken()); n != 0 {
		t.Errorf("%d mails left", n)
	}
}

func TestSameNoticeSameMessageID(t *testing.T) {
	w := newWorld(t)
	for _, k := range []string{"k1", "k1", "k2"} {
		if err := w.Channel().Send(t.Context(), lead, notify.Notice{Key: k, Title: "x", Severity: notify.Critical}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, m := range w.smtp.Taken() {
		r, err := mail.CreateReader(bytes.NewReader(m.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		id, err := r.Header.MessageID()
		if err != nil || r.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%v %v", err, r.Header.Get("Auto-Submitted"))
		}
		ids = append(ids, id)
	}
	if ids[0] != ids[1] || ids[0] == ids[2] {
		t.Error(ids)
	}
}

func TestReceiversThatAreNone(t *testing.T) {
	w := newWorld(t)
	for _, to := range []string{"", "lead", "lead@acme.example, x@x.example", "Lead <lead@acme.example>", "a@b\r\nBcc: x@x.example"} {
		err := w.Channel().Send(t.Context(), to, notify.Notice{Key: "k", Title: "x"})
		if e, ok := errors.AsType[*network.Error](err); !ok || !e.Unsent {
			t.Errorf("%q: %v", to, err)
		}
	}
	if n := len(w.smtp.Taken()); n != 0 {
		t.Errorf("%d mails left", n)
	}
}

func TestSettings(t *testing.T) {
	for want, s := range map[string]Settings{
		"":              {From: "amends@acme.example", SMTP: "smtps://smtp.acme.example", Password: "hush"},
		"from":          {From: "Amends <amends@acme.example>", SMTP: "smtps://smtp.acme.example", Password: "hush"},
		"smtp: must be": {From: "amends@acme.example", SMTP: "smtps://hush:hush@smtp.acme.example"},
		"password":      {From: "amends@acme.example", SMTP: "smtp://smtp.acme.example", User: "amends"},
	} {
		err := s.Validate()
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%q: %v", want, err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", &s, &s, &s); want == "" && strings.Contains(shown, "hush") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}

func TestTLSIsLeftOutOnThisMachineAlone(t *testing.T) {
	for address, want := range map[string]server{
		"smtps://smtp.acme.example":     {host: "smtp.acme.example", port: 465, tls: true},
		"smtp://smtp.acme.example":      {host: "smtp.acme.example", port: 587},
		"smtp://127.0.0.1:2525":         {host: "127.0.0.1", port: 2525, plain: true},
		"smtp://localhost.evil.example": {host: "localhost.evil.example", port: 587},
	} {
		if got, err := parseServer(address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
}
