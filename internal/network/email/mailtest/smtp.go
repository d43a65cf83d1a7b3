package mailtest

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// A Mail is one that an SMTP server took.
type Mail struct {
	From  string
	To    []string
	Bytes []byte
}

// An SMTP is a running SMTP server for submissions. What it takes for names
// that have a mailbox it delivers there.
type SMTP struct {
	Address string // host:port, without TLS
	dovecot *Dovecot
	files   bool // as Gmail does, each mail is put into its sender's folder of sent mail
	local   func(address string) (user string, ok bool)

	mu    sync.Mutex
	taken []Mail
	fails map[string]*smtp.SMTPError // by step
}

// StartSMTP runs a server until the test ends. local says whose mailbox an
// address is; files that a copy of each mail goes into its sender's.
func StartSMTP(t testing.TB, d *Dovecot, files bool, local func(address string) (user string, ok bool)) *SMTP {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTP{Address: l.Addr().String(), dovecot: d, files: files, local: local, fails: map[string]*smtp.SMTPError{}}
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth, server.EnableSMTPUTF8 = "mailtest", true, true
	server.MaxMessageBytes, server.ReadTimeout = 10<<20, time.Minute
	server.ErrorLog = silence{}
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { l.Close(); server.Close(); done.Wait() }) // Close knows no listener that Serve has not met yet
	return s
}

type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// Taken lists the mails that were taken, in order.
func (s *SMTP) Taken() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken...)
}

// Fail makes a step (AUTH, MAIL, RCPT, DATA) end with a code from now on; 0:
// no longer. DATA fails after the whole message came.
func (s *SMTP) Fail(step string, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code == 0 {
		delete(s.fails, step)
		return
	}
	s.fails[step] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "the password is " + Password}
}

func (s *SMTP) fault(step string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.fails[step]; e != nil {
		return e
	}
	return nil
}

// NewSession implements [smtp.Backend].
func (s *SMTP) NewSession(*smtp.Conn) (smtp.Session, error) { return &submission{server: s}, nil }

// A submission is one connection.
type submission struct {
	server *SMTP
	user   string
	mail   Mail
}

func (u *submission) AuthMechanisms() []string { return []string{sasl.Plain, "XOAUTH2"} }

func (u *submission) Auth(mech string) (sasl.Server, error) {
	if mech == "XOAUTH2" {
		return &tokenServer{u}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if err := u.server.fault("AUTH"); err != nil {
			return err
		}
		if password != Password {
			return smtp.ErrAuthFailed
		}
		u.user = user
		return nil
	}), nil
}

type tokenServer struct{ u *submission }

func (t *tokenServer) Next(response []byte) ([]byte, bool, error) {
	user, ok := strings.CutPrefix(string(response), "user=")
	user, rest, _ := strings.Cut(user, "\x01")
	if !ok || rest != "auth=Bearer "+Token+"\x01\x01" {
		return nil, true, smtp.ErrAuthFailed
	}
	t.u.user = user
	return nil, true, nil
}

func (u *submission) Mail(from string, _ *smtp.MailOptions) error {
	if u.user == "" {
		return smtp.ErrAuthRequired
	}
	if err := u.server.fault("MAIL"); err != nil {
		return err
	}
	u.mail = Mail{From: from}
	return nil
}

func (u *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := u.server.fault("RCPT"); err != nil {
		return err
	}
	u.mail.To = append(u.mail.To, to)
	return nil
}

func (u *submission) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := u.server.fault("DATA"); err != nil {
		return err
	}
	u.mail.Bytes = b
	return u.server.take(u.mail)
}

func (u *submission) Reset()        { u.mail = Mail{} }
func (u *submission) Logout() error { return nil }

func (s *SMTP) take(m Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, to := range m.To {
		if user, ok := s.local(to); ok {
			err = errors.Join(err, s.dovecot.Deliver(user, "INBOX", m.Bytes, time.Now()))
		}
	}
	if user, ok := s.local(m.From); ok && s.files {
		err = errors.Join(err, s.dovecot.Deliver(user, "Sent", m.Bytes, time.Now()))
	}
	if err == nil {
		s.taken = append(s.taken, m)
	}
	return err
}
