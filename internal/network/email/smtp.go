package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// maxSMTP is the most that an SMTP server says in one connection, in bytes.
const maxSMTP = 1 << 20

// compose writes an answer as a mail.
func (a *Account) compose(answer care.Answer, to letter, id string, now time.Time) ([]byte, error) {
	var h mail.Header
	h.SetDate(now)
	h.SetMessageID(id)
	h.SetAddressList("From", []*mail.Address{{Name: a.settings.Name, Address: a.settings.Address}})
	h.SetAddressList("To", []*mail.Address{{Address: to.to}})
	h.SetSubject(answerSubject(to.subject))
	h.SetMsgIDList("In-Reply-To", []string{string(answer.To.Remote)})
	refs := to.refs
	if len(refs) > 20 { // the first and the newest are enough for every mail program
		refs = append(refs[:1:1], refs[len(refs)-19:]...)
	}
	h.SetMsgIDList("References", append(refs[:len(refs):len(refs)], string(answer.To.Remote)))
	h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	h.Set("Mime-Version", "1.0")
	var b bytes.Buffer
	w, err := message.CreateWriter(&b, h.Header)
	if err == nil {
		_, err = w.Write([]byte(strings.ReplaceAll(strings.ReplaceAll(answer.Text, "\r\n", "\n"), "\n", "\r\n")))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, network.Malformed.Because("the answer can't be written as a mail", err)
	}
	return b.Bytes(), nil
}

// answerSubject is the subject of an answer to a mail with this one.
func answerSubject(s string) string {
	s = oneLine(s, nil)
	if s == "" {
		return "Re: your message"
	}
	for _, mark := range []string{"re:", "aw:", "sv:", "antw:", "rv:", "ris:", "res:", "ynt:", "odp:", "vs:", "回复:", "回覆:"} {
		if strings.HasPrefix(strings.ToLower(s), mark) {
			return s
		}
	}
	return clip("Re: "+s, 900)
}

// submit hands a mail over. Errors are Unsent until the message's last byte may
// have left; after that only the server's own no makes them certain.
func (a *Account) submit(ctx context.Context, to string, mail []byte) error {
	login, _, err := a.credentials(ctx)
	if err != nil {
		return unsent(err)
	}
	l, err := a.connect(ctx, a.smtp, maxSMTP)
	if err != nil {
		return unsent(err)
	}
	defer l.Close()
	c := &smtp.Client{}
	if a.smtp.tls || a.smtp.plain {
		c = smtp.NewClient(l)
	} else if c, err = smtp.NewClientStartTLS(l, a.config(a.smtp)); err != nil {
		return unsent(a.smtpError(ctx, l, "STARTTLS", err))
	}
	step, data, err := a.transaction(c, login, to, mail)
	if err != nil {
		if step == "AUTH" {
			a.notTaken(login)
		}
		return unsent(a.smtpError(ctx, l, step, err))
	}
	// From here on the dot may arrive.
	if err = data.Close(); err == nil {
		_ = c.Quit()
		return nil
	}
	e := a.smtpError(ctx, l, "DATA", err)
	if said, ok := errors.AsType[*smtp.SMTPError](err); ok && said.Code >= 400 && said.Code < 600 && said.Code != shuttingDown {
		e.Unsent = true // the server refused the whole message: RFC 5321, 4.2.5
	}
	return e
}

// shuttingDown is a server's last word, which it may say at any time.
const shuttingDown = 421

// transaction does all that comes before the end of the message. step names
// what failed.
func (a *Account) transaction(c *smtp.Client, login sasl.Client, to string, mail []byte) (step string, data *smtp.DataCommand, err error) {
	_, domain, _ := cutLast(a.settings.Address, "@")
	if err := c.Hello(domain); err != nil {
		return "EHLO", nil, err
	}
	if a.tokens == nil && !c.SupportsAuth("PLAIN") && c.SupportsAuth("LOGIN") {
		login = sasl.NewLoginClient(a.settings.User, string(a.settings.Password))
	}
	if err := c.Auth(login); err != nil {
		return "AUTH", nil, err
	}
	options := &smtp.MailOptions{}
	if utf8, _ := c.Extension("SMTPUTF8"); utf8 && !ascii(a.settings.Address+to) {
		options.UTF8 = true
	}
	if err := c.Mail(a.settings.Address, options); err != nil {
		return "MAIL", nil, err
	}
	rcpts := []string{to}
	if a.settings.Copy == Bcc {
		rcpts = append(rcpts, a.settings.Address)
	}
	for _, rcpt := range rcpts {
		if err := c.Rcpt(rcpt, nil); err != nil {
			return "RCPT", nil, err
		}
	}
	if data, err = c.Data(); err != nil {
		return "DATA", nil, err
	}
	if _, err = data.Write(mail); err != nil {
		return "DATA", nil, err
	}
	return "", data, nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

// smtpError sorts what an SMTP server says no with. Its words are not told.
func (a *Account) smtpError(ctx context.Context, l *line, step string, err error) *network.Error {
	said, ok := errors.AsType[*smtp.SMTPError](err)
	if !ok || ctx.Err() != nil {
		return typed(ctx, l, a.smtp, err)
	}
	e := &network.Error{Fault: network.Transient}
	words := fmt.Sprintf("%s: %s: %d %d.%d.%d", a.smtp.host, step, said.Code, said.EnhancedCode[0], said.EnhancedCode[1], said.EnhancedCode[2])
	switch {
	case step == "AUTH" && said.Code >= 500, said.Code == 530, said.Code == 534, said.Code == 535, said.Code == 538:
		e.Fault = network.Refused
		words += ": the server does not let us in: name or password are wrong"
	case said.Code == 450 || said.Code == 452, said.Code == 454 && step != "AUTH":
		e.Fault = network.Limited
	case said.Code >= 400 && said.Code < 500:
	case step == "RCPT" && said.Code >= 500:
		e.Fault = network.Gone
		words += ": there is no such address, or it takes no mail from us"
	case said.Code >= 500:
		e.Fault = network.Refused
		words += ": the server does not take this mail"
	}
	e.Err = network.Explain(words)
	return e
}
