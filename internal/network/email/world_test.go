package email

import (
	"bytes"
	"cmp"
	"fmt"
	"mime/quotedprintable"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/email/mailtest"
	"github.com/amends-care/amends/internal/network/networktest"
)

// inside lets tests reach this machine.
var inside = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// A world is a mailbox of its own on the real servers, behind proxies that break.
type world struct {
	t          testing.TB
	dovecot    *mailtest.Dovecot
	smtp       *mailtest.SMTP
	imapWire   *mailtest.Proxy
	smtpWire   *mailtest.Proxy
	user, copy string
	page       int
	mails      map[care.Remote]posted // what was posted
	n          int
	now        time.Time
}

type posted struct {
	id, subject string
	refs        []string
}

var users atomic.Int64

// newWorld opens a mailbox at a running dovecot.
func newWorld(t testing.TB, d *mailtest.Dovecot, copying string, page int) *world {
	w := &world{t: t, dovecot: d, user: fmt.Sprintf("care%d", users.Add(1)), copy: copying, page: page, mails: map[care.Remote]posted{}}
	w.now = time.Now().Add(-time.Hour).Truncate(time.Second)
	w.smtp = mailtest.StartSMTP(t, d, copying == Server, func(address string) (string, bool) { return w.user, address == w.address() })
	w.imapWire = mailtest.NewProxy(t, d.Address, false)
	w.smtpWire = mailtest.NewProxy(t, w.smtp.Address, true)
	return w
}

func (w *world) address() string { return w.user + "@acme.example" }

func (w *world) settings() *Settings {
	return &Settings{
		Address: w.address(), Name: "Acme Care", Folder: "INBOX", Copy: w.copy, Back: 24 * time.Hour,
		IMAP: "imap://" + w.imapWire.Address, SMTP: "smtp://" + w.smtpWire.Address, User: w.user, Password: mailtest.Password,
	}
}

func (w *world) account() *Account {
	w.t.Helper()
	opened, err := Driver().Open(w.settings(), network.NewClient(network.Options{Inside: inside}))
	if err != nil {
		w.t.Fatal(err)
	}
	account := opened.(*Account)
	account.page = w.page
	return account
}

func (w *world) Account() network.Account { return w.account() }

// Post delivers a mail: into the folder of sent mail when it is our own.
func (w *world) Post(p networktest.Post) care.Remote {
	w.t.Helper()
	w.n++
	w.now = w.now.Add(time.Second)
	m := posted{id: fmt.Sprintf("%d.%s@mail.example", w.n, w.user), subject: fmt.Sprintf("Parcel %d", w.n)}
	from, to, folder := cmp.Or(p.Author, "ana")+"@customers.example", w.address(), "INBOX"
	if p.Own {
		from, to, folder = to, from, "Sent"
	}
	header := "Message-ID: <" + m.id + ">\r\n"
	if p.InReplyTo != "" {
		parent := w.mails[p.InReplyTo]
		m.refs = append(slices.Clone(parent.refs), parent.id)
		m.subject = "Re: " + strings.TrimPrefix(parent.subject, "Re: ")
		header += "In-Reply-To: <" + parent.id + ">\r\nReferences: <" + strings.Join(m.refs, "> <") + ">\r\n"
	}
	var body bytes.Buffer
	qp := quotedprintable.NewWriter(&body)
	_, _ = qp.Write([]byte(p.Text))
	qp.Close()
	w.deliver(folder, fmt.Sprintf("From: %s\r\nTo: %s\r\nDate: %s\r\nSubject: %s\r\n%sMIME-Version: 1.0\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s",
		from, to, w.now.Format(time.RFC1123Z), m.subject, header, body.String()))
	w.mails[care.Remote(m.id)] = m
	return care.Remote(m.id)
}

// deliver puts a mail as it is into one of our folders.
func (w *world) deliver(folder, text string) {
	w.t.Helper()
	if err := w.dovecot.Deliver(w.user, folder, []byte(text), w.now); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) Edit(care.Remote, string) { w.t.Fatal("mails don't change") }
func (w *world) Delete(care.Remote)       { w.t.Fatal("mails are not taken back") }

// faults are what the suite breaks, as mail servers do.
var faults = map[networktest.Fault]mailtest.Fault{
	networktest.Mended:       mailtest.Mended,
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

// Break breaks both servers.
func (w *world) Break(f networktest.Fault) {
	w.imapWire.Break(faults[f])
	w.smtpWire.Break(faults[f])
}

// BreakWrites breaks the server that answers leave by.
func (w *world) BreakWrites(f networktest.Fault) { w.smtpWire.Break(faults[f]) }

func (w *world) Calls() int { return w.imapWire.Calls() + w.smtpWire.Calls() }

// Sent is what the server took from us for customers.
func (w *world) Sent() []care.Answer {
	w.t.Helper()
	var all []care.Answer
	for _, m := range w.smtp.Taken() {
		l := w.account().letter(raw{bytes: m.Bytes, arrived: time.Now().UTC(), size: int64(len(m.Bytes))})
		all = append(all, care.Answer{Text: l.text, To: care.Post{Remote: l.post.InReplyTo}})
	}
	return all
}

func TestDriver(t *testing.T) {
	d := mailtest.Start(t, "")
	for _, copying := range []string{Server, Append, Bcc} {
		t.Run(copying, func(t *testing.T) {
			traits := networktest.Traits{Page: 3, Own: true, Keyed: true, Steps: true, Secrets: []string{mailtest.Password}}
			if copying == Server { // how calls fail is no matter of the copy, and without it nobody can tell what became of an answer
				for f := range faults {
					if f != networktest.Mended {
						traits.Faults = append(traits.Faults, f)
					}
				}
				slices.Sort(traits.Faults)
			}
			networktest.Run(t, traits, func(t *testing.T) networktest.World { return newWorld(t, d, copying, traits.Page) })
		})
	}
	if t.Failed() {
		t.Log(d.Log())
	}
}
