// Package email reads what customers write to a mailbox and answers them:
// IMAP in, SMTP out.
//
// A source is one folder that mail arrives in and the folder of sent mail
// beside it. Both are lists that only grow at their end, so its cursor is the
// last number (UID) that was read of each, with the folder's generation
// (UIDVALIDITY): when a server numbers a folder anew, the last days are read
// again by date and the gap is told.
//
// Of a mail the first part of its text is read, without what it quotes and
// without the signature; attachments are named, not fetched. Automatic answers,
// bounces and mailing lists are passed over. A mail that is moved or deleted in
// the mailbox was not taken back by its customer, so nothing is ever told as
// deleted, and mails don't change.
//
// An answer's Message-ID is made from its own key, by which it is found again.
//
// The package owns no stored state: a connection lives for one call, and in
// memory it keeps one access token where a mailbox wants that. It marks nothing
// as read, moves and deletes nothing, and never tries again by itself.
package email

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// name is what posts of this network carry.
const name = "email"

// How a copy of each answer comes into the mailbox, where it is looked for when
// the connection broke before the server's word.
const (
	Append = "append" // we put it into the folder of sent mail
	Server = "server" // the server does that itself, as Gmail and Microsoft 365 do
	Bcc    = "bcc"    // it is sent to our own address too
)

// Settings are one mailbox.
type Settings struct {
	// Address is the mailbox's own, which answers come from.
	Address string `yaml:"address"`
	// Name stands beside the address in answers.
	Name string `yaml:"name"`
	// Aliases are further addresses of ours, whose mails are our own.
	Aliases []string `yaml:"aliases"`
	// IMAP is the server that mail is read at: imaps://host, or imap://host for STARTTLS.
	IMAP string `yaml:"imap"`
	// SMTP is the server that answers leave by: smtps://host, or smtp://host for STARTTLS; empty: nothing is answered.
	SMTP string `yaml:"smtp"`
	// User signs in; empty: the address.
	User string `yaml:"user"`
	// Password, or an app password.
	Password network.Secret `yaml:"password"`
	// OAuth signs in with an access token instead of a password.
	OAuth *OAuth `yaml:"oauth"`
	// Folder is where mail arrives.
	Folder string `yaml:"folder"`
	// Sent is the folder of sent mail; empty: the one the server calls so.
	Sent string `yaml:"sent"`
	// Copy is append, server or bcc.
	Copy string `yaml:"copy"`
	// Back is how far back a new source reads; 0: from now.
	Back time.Duration `yaml:"back"`
}

// OAuth is how access tokens are had, at a provider that wants them.
type OAuth struct {
	// TokenURL is the provider's token endpoint.
	TokenURL string `yaml:"token_url"`
	// ClientID names our application there.
	ClientID string `yaml:"client_id"`
	// ClientSecret is the application's, where it has one.
	ClientSecret network.Secret `yaml:"client_secret"`
	// RefreshToken was given when the mailbox's owner agreed.
	RefreshToken network.Secret `yaml:"refresh_token"`
}

// String tells everything but what is secret.
func (s *Settings) String() string {
	return fmt.Sprintf("email %s in %s at %s", s.Address, s.Folder, s.IMAP)
}

// GoString keeps secrets out of %#v.
func (s *Settings) GoString() string { return s.String() }

// maxBack is as far as a new source may read back.
const maxBack = 90 * 24 * time.Hour

// Validate implements [network.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for _, a := range append([]string{s.Address}, s.Aliases...) {
		if !plainAddress(a) {
			bad("address: %q is no e-mail address; they look like care@acme.example", a)
		}
	}
	if strings.ContainsAny(s.Name, "\r\n") || len(s.Name) > 200 {
		bad("name: one line of at most 200 bytes")
	}
	if _, err := parseServer(s.IMAP, "imap", "993", "143"); err != nil {
		bad("imap: %w", err)
	}
	if s.SMTP != "" {
		if _, err := parseServer(s.SMTP, "smtp", "465", "587"); err != nil {
			bad("smtp: %w", err)
		}
	}
	switch {
	case s.Password == "" && s.OAuth == nil:
		bad("password: missing; an app password where the provider has such, else the mailbox's own")
	case s.Password != "" && s.OAuth != nil:
		bad("oauth: either a password or this")
	case s.OAuth != nil:
		wrong = append(wrong, s.OAuth.validate())
	}
	if s.Folder == "" || len(s.Folder) > 500 || strings.ContainsAny(s.Folder+s.Sent, "\r\n\x00") {
		bad("folder: the name of a folder, such as INBOX")
	}
	if s.Sent != "" && s.Sent == s.Folder {
		bad("sent: the same folder as that where mail arrives")
	}
	if !slices.Contains([]string{Append, Server, Bcc}, s.Copy) {
		bad("copy: must be append, server or bcc, not %q", s.Copy)
	}
	if s.Back < 0 || s.Back > maxBack {
		bad("back: must be between 0 and %d days", maxBack/(24*time.Hour))
	}
	return errors.Join(wrong...)
}

func (o *OAuth) validate() error {
	u, err := url.Parse(o.TokenURL)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return errors.New("oauth: token_url must begin with https://")
	}
	if o.ClientID == "" || o.RefreshToken == "" {
		return errors.New("oauth: client_id and refresh_token are both needed")
	}
	return nil
}

// plainAddress says that s is an address and nothing besides.
func plainAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "\r\n \t")
}

// A server is where one protocol is spoken.
type server struct {
	address string // host:port
	host    string
	tls     bool // from the first byte
	plain   bool // without any: a server on this machine
}

// parseServer reads imaps://host, imap://host and the same for smtp. Without
// the s, TLS begins with STARTTLS; it is left out for this machine alone.
func parseServer(address, scheme, secure, start string) (server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" || u.Scheme != scheme && u.Scheme != scheme+"s" {
		return server{}, fmt.Errorf("must be an address such as %ss://%s.acme.example", scheme, scheme)
	}
	s := server{host: u.Hostname(), tls: u.Scheme == scheme+"s"}
	s.plain = !s.tls && loopback(s.host)
	port := start
	if s.tls {
		port = secure
	}
	s.address = net.JoinHostPort(s.host, cmp.Or(u.Port(), port))
	return s, nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Driver opens mailboxes.
func Driver() network.Driver {
	return network.Driver{
		Name: name,
		Offer: network.Offer{
			Title:  "Email",
			Hears:  "What arrives in a mailbox",
			Effort: network.NeedsAccount,
			Needs:  "The mailbox's address and servers, and its password or an app password.",
			Begin:  map[string]string{"back": "7d"},
		},
		Settings: func() network.Settings { return &Settings{Folder: "INBOX", Copy: Append} },
		Open:     network.Opening(open),
	}
}

// An Account is one mailbox. Besides [network.Account] it is a
// [network.Replier] and a [network.Threader]. Safe for concurrent use.
type Account struct {
	settings Settings
	ours     []string // our addresses, in small letters
	imap     server
	smtp     server // no address: nothing is answered
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	tokens   *tokens
	tls      *tls.Config // nil: the system's authorities
	page     int         // most mails of a folder in one page
	timeout  time.Duration
}

const (
	// pageSize is the most mails of one folder in a page.
	pageSize = 20
	// patience bounds one call with all it says to its servers.
	patience = 90 * time.Second
)

func open(s *Settings, c *http.Client) (*Account, error) {
	a := &Account{settings: *s, dial: network.Dialer(c), page: pageSize, timeout: patience}
	a.settings.User = cmp.Or(s.User, s.Address)
	for _, address := range append([]string{s.Address}, s.Aliases...) {
		a.ours = append(a.ours, strings.ToLower(address))
	}
	var err error
	if a.imap, err = parseServer(s.IMAP, "imap", "993", "143"); err != nil {
		return nil, err
	}
	if s.SMTP != "" {
		if a.smtp, err = parseServer(s.SMTP, "smtp", "465", "587"); err != nil {
			return nil, err
		}
	}
	if s.OAuth != nil {
		a.tokens = newTokens(*s.OAuth, c)
	}
	return a, nil
}

// own says that an address is one of ours.
func (a *Account) own(address string) bool { return slices.Contains(a.ours, strings.ToLower(address)) }

// connect dials a server and, where it is to be, speaks TLS from the first
// byte. The connection ends with ctx and gives no more than most bytes.
func (a *Account) connect(ctx context.Context, to server, most int64) (*line, error) {
	conn, err := a.dial(ctx, "tcp", to.address)
	if err != nil {
		return nil, network.Typed(err)
	}
	l := &line{Conn: conn, left: most}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // and AfterFunc ends it in any case
	}
	l.stop = context.AfterFunc(ctx, func() { conn.Close() })
	if !to.tls {
		return l, nil
	}
	secure := tls.Client(conn, a.config(to))
	if err := secure.HandshakeContext(ctx); err != nil {
		l.Close()
		e := typed(ctx, l, to, err)
		e.Unsent = true
		return nil, e
	}
	l.Conn = secure
	return l, nil
}

func (a *Account) config(to server) *tls.Config {
	c := &tls.Config{}
	if a.tls != nil {
		c = a.tls.Clone()
	}
	c.ServerName, c.MinVersion = to.host, tls.VersionTLS12
	return c
}

// A line is a connection that gives a bounded number of bytes.
type line struct {
	net.Conn
	left int64
	over bool
	stop func() bool
}

var errTooLong = errors.New("the server says more than is allowed")

func (l *line) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.over = true
		return 0, errTooLong
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.Conn.Read(p)
	l.left -= int64(n)
	return n, err
}

func (l *line) Close() error {
	l.stop()
	return l.Conn.Close()
}

// SetDeadline is not for the libraries above: ours is set once.
func (l *line) SetDeadline(time.Time) error      { return nil }
func (l *line) SetReadDeadline(time.Time) error  { return nil }
func (l *line) SetWriteDeadline(time.Time) error { return nil }
