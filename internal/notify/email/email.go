// Package email tells people by mail.
//
// A notice's Message-ID is made from its key, so that a mail program that gets
// one twice can tell. The mails say that they are automatic, so that nobody's
// absence note answers. The package keeps nothing and tries nothing again.
package email

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/notify"
)

const name = "email"

// Settings are one sender.
type Settings struct {
	// From is the address that notices come from.
	From string `yaml:"from"`
	// SMTP is the server: smtps://host, or smtp://host for STARTTLS.
	SMTP string `yaml:"smtp"`
	// User signs in; empty: the address, or nobody if there is no password either.
	User string `yaml:"user"`
	// Password, or an app password; empty: the server wants none.
	Password network.Secret `yaml:"password"`
}

// String tells everything but the password.
func (s *Settings) String() string { return fmt.Sprintf("email from %s by %s", s.From, s.SMTP) }

// GoString keeps the password out of %#v.
func (s *Settings) GoString() string { return s.String() }

// Validate implements [notify.Settings].
func (s *Settings) Validate() error {
	var wrong []error
	if !address(s.From) {
		wrong = append(wrong, errors.New("from: must be an address such as amends@acme.example"))
	}
	if _, err := parseServer(s.SMTP); err != nil {
		wrong = append(wrong, err)
	}
	if s.User != "" && s.Password == "" {
		wrong = append(wrong, errors.New("password: missing; without a user none is needed"))
	}
	return errors.Join(wrong...)
}

// address says that s is a mail address and nothing besides.
func address(s string) bool {
	a, err := netmail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "\r\n\t ")
}

// A server is where SMTP is spoken.
type server struct {
	host  string
	port  int
	tls   bool // from the first byte
	plain bool // without any: a server on this machine
}

func parseServer(s string) (server, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return server{}, errors.New("smtp: must be an address such as smtps://smtp.acme.example")
	}
	to := server{host: u.Hostname(), tls: u.Scheme == "smtps", port: 587}
	if to.tls {
		to.port = 465
	}
	if u.Port() != "" {
		if to.port, err = strconv.Atoi(u.Port()); err != nil {
			return server{}, errors.New("smtp: the port is no number")
		}
	}
	a, err := netip.ParseAddr(to.host)
	to.plain = !to.tls && (to.host == "localhost" || err == nil && a.IsLoopback())
	return to, nil
}

// Driver opens senders.
func Driver() notify.Driver {
	return notify.Driver{
		Name:     name,
		Settings: func() notify.Settings { return &Settings{} },
		Open: notify.Opening(func(s *Settings, c *http.Client) (*Channel, error) {
			to, err := parseServer(s.SMTP)
			if err != nil {
				return nil, err
			}
			return &Channel{settings: *s, server: to, dial: network.Dialer(c)}, nil
		}),
	}
}

// A Channel is one sender. Safe for concurrent use.
type Channel struct {
	settings Settings
	server   server
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

// patience bounds one mail, from the connection to the server's last word.
const patience = time.Minute

// Send implements [notify.Channel]: one mail to the address to.
func (c *Channel) Send(ctx context.Context, to string, n notify.Notice) error {
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	if !address(to) {
		return network.Malformed.Unsent("the receiver is no mail address")
	}
	if err := ctx.Err(); err != nil {
		return network.Transient.Unsent("cancelled", err)
	}
	m, err := c.compose(to, n.Clean())
	if err != nil {
		return network.Malformed.Unsent("the notice can't be written as a mail")
	}
	client, err := c.client(ctx)
	if err != nil {
		return network.Malformed.Unsent("the settings fit no mail server")
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return c.typed(ctx, err, true)
	}
	err = client.SendWithSMTPClient(conn, m)
	_ = client.CloseWithSMTPClient(conn) // it has said all that counts
	return c.outcome(ctx, err)
}

// client makes one for one mail. Its connection ends with ctx.
func (c *Channel) client(ctx context.Context) (*mail.Client, error) {
	_, domain, _ := strings.Cut(c.settings.From, "@")
	options := []mail.Option{
		mail.WithPort(c.server.port), mail.WithHELO(domain), mail.WithTimeout(patience),
		mail.WithDialContextFunc(func(_ context.Context, network, address string) (net.Conn, error) {
			return c.connect(ctx, network, address)
		}),
	}
	if c.server.tls || c.server.plain { // TLS, where it is, begins in connect
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	} else {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.settings.Password != "" {
		auth := mail.SMTPAuthAutoDiscover
		if c.server.tls || c.server.plain { // it can't know that the line is private
			auth = mail.SMTPAuthPlainNoEnc
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(cmp.Or(c.settings.User, c.settings.From)), mail.WithPassword(string(c.settings.Password)))
	}
	return mail.NewClient(c.server.host, options...)
}

func (c *Channel) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: conn, left: maxSaid, stop: context.AfterFunc(ctx, func() { conn.Close() })}
	if !c.server.tls {
		return l, nil
	}
	secure := tls.Client(conn, &tls.Config{ServerName: c.server.host, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		l.Close()
		return nil, err
	}
	l.Conn = secure
	return l, nil
}

// maxSaid is the most that a server says about one mail, in bytes.
const maxSaid = 256 << 10

// A line is a connection that gives a bounded number of bytes and ends with its
// context.
type line struct {
	net.Conn
	left int
	stop func() bool
}

var errTooLong = errors.New("the server says more than is allowed")

func (l *line) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

func (l *line) Close() error { l.stop(); return l.Conn.Close() }

// compose writes a notice as a plain mail, with its HTML beside where it has some.
func (c *Channel) compose(to string, n notify.Notice) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat("Amends", c.settings.From); err != nil {
		return nil, err
	}
	if err := m.To(to); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte("amends notice\x00" + n.Key + "\x00" + to))
	_, domain, _ := strings.Cut(c.settings.From, "@")
	m.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + ".notice@" + domain)
	m.SetDate()
	m.Subject(n.Title)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if n.Severity == notify.Critical {
		m.SetImportance(mail.ImportanceHigh)
	}
	body := n.Body
	if n.Link != "" {
		body = strings.TrimSpace(body + "\n\n" + n.Link)
	}
	m.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(body, "\n", "\r\n"))
	if n.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, n.HTML)
	}
	return m, nil
}

// outcome says what became of a mail once the server had let us in.
func (c *Channel) outcome(ctx context.Context, err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return c.typed(ctx, err, false)
	case failed.Reason == mail.ErrSMTPReset:
		return nil // said after the server has taken the mail
	case failed.Reason == mail.ErrSMTPDataClose || failed.Reason == mail.ErrAmbiguous:
		// The message's end may have arrived: only the server's own no is certain,
		// and 421 it may say at any time.
		code := failed.ErrorCode()
		return c.typed(ctx, err, code >= 400 && code < 600 && code != 421)
	}
	return c.typed(ctx, err, true)
}

// typed makes an error of what a server said, or did not. Its words are not told.
func (c *Channel) typed(ctx context.Context, err error, unsent bool) error {
	if e, ok := errors.AsType[*network.Error](err); ok {
		return e
	}
	e := &network.Error{Fault: network.Transient, Unsent: unsent}
	explain := func(words string, hidden ...error) { e.Err = network.Explain(c.server.host+": "+words, hidden...) }
	code := 0
	if failed, ok := errors.AsType[*mail.SendError](err); ok {
		code = failed.ErrorCode()
	} else if said, ok := errors.AsType[*textproto.Error](err); ok {
		code = said.Code
	}
	switch {
	case ctx.Err() != nil:
		explain("cancelled, or no answer in time", ctx.Err())
	case code == 530 || code == 534 || code == 535 || code == 538:
		e.Fault = network.Refused
		explain(fmt.Sprintf("%d: name or password are wrong", code))
	case code == 450 || code == 452:
		e.Fault = network.Limited
		explain(strconv.Itoa(code))
	case code >= 500:
		e.Fault = network.Refused
		explain(fmt.Sprintf("%d: the server does not take this mail", code))
	case code >= 400:
		explain(strconv.Itoa(code))
	case errors.Is(err, errTooLong):
		e.Fault = network.Malformed
		explain(errTooLong.Error())
	default:
		plain := network.Typed(err)
		words := "the exchange failed"
		if t, ok := errors.AsType[*network.Error](plain); ok && t.Err != nil {
			words = t.Err.Error()
		}
		explain(words, err)
	}
	return e
}

var _ notify.Channel = (*Channel)(nil)
