package email

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		want   string // part of the mistake; empty: none
	}{
		"as they are":           {func(*Settings) {}, ""},
		"STARTTLS":              {func(s *Settings) { s.IMAP = "imap://mail.acme.example:1143" }, ""},
		"no address":            {func(s *Settings) { s.Address = "" }, "address"},
		"a name for an address": {func(s *Settings) { s.Address = "Acme <care@acme.example>" }, "address"},
		"a wrong alias":         {func(s *Settings) { s.Aliases = []string{"x"} }, "address"},
		"two lines":             {func(s *Settings) { s.Name = "a\nBcc: x" }, "name"},
		"no server":             {func(s *Settings) { s.IMAP = "" }, "imap"},
		"a web address":         {func(s *Settings) { s.IMAP = "https://mail.acme.example" }, "imap"},
		"a password in the URL": {func(s *Settings) { s.SMTP = "smtps://care:hush@mail.acme.example" }, "smtp"},
		"no password":           {func(s *Settings) { s.Password = "" }, "password"},
		"both":                  {func(s *Settings) { s.OAuth = &OAuth{TokenURL: "https://a", ClientID: "b", RefreshToken: "c"} }, "oauth"},
		"tokens over plain HTTP": {func(s *Settings) {
			s.Password, s.OAuth = "", &OAuth{TokenURL: "http://a", ClientID: "b", RefreshToken: "c"}
		}, "token_url"},
		"tokens of nobody":        {func(s *Settings) { s.Password, s.OAuth = "", &OAuth{TokenURL: "https://a"} }, "client_id"},
		"no folder":               {func(s *Settings) { s.Folder = "" }, "folder"},
		"one folder for both":     {func(s *Settings) { s.Sent = "INBOX" }, "sent"},
		"an unknown kind of copy": {func(s *Settings) { s.Copy = "fax" }, "copy"},
		"too far back":            {func(s *Settings) { s.Back = 91 * 24 * time.Hour }, "back"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Driver().Settings().(*Settings)
			s.Address, s.IMAP, s.SMTP, s.Password = "care@acme.example", "imaps://mail.acme.example", "smtps://mail.acme.example", "hush"
			c.change(s)
			err := s.Validate()
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if shown := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(shown, "hush") && name != "a password in the URL" {
				t.Errorf("a secret is shown: %s", shown)
			}
		})
	}
}

func TestTLSIsLeftOutOnThisMachineAlone(t *testing.T) {
	for address, want := range map[string]server{
		"imaps://mail.acme.example":     {address: "mail.acme.example:993", host: "mail.acme.example", tls: true},
		"imap://mail.acme.example":      {address: "mail.acme.example:143", host: "mail.acme.example"},
		"imap://127.0.0.1:1143":         {address: "127.0.0.1:1143", host: "127.0.0.1", plain: true},
		"imap://localhost":              {address: "localhost:143", host: "localhost", plain: true},
		"imap://localhost.evil.example": {address: "localhost.evil.example:143", host: "localhost.evil.example"},
		"imaps://127.0.0.1":             {address: "127.0.0.1:993", host: "127.0.0.1", tls: true},
		"imap://10.0.0.1":               {address: "10.0.0.1:143", host: "10.0.0.1"},
	} {
		if got, err := parseServer(address, "imap", "993", "143"); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
}

func TestMayAnswer(t *testing.T) {
	a := reading(t)
	post := care.Post{Network: name, Remote: "1@x", Author: care.Author{ID: "ana@customers.example"}}
	if got := a.May(post, time.Time{}); got.How != care.ByHand || got.Why == "" {
		t.Errorf("without SMTP: %+v", got)
	}
	a.smtp = server{address: "x:465"}
	if got := a.May(post, time.Time{}); got.How != care.ByAPI || got.Length.Max != 0 {
		t.Errorf("with SMTP: %+v", got)
	}
	post.Author.ID = ""
	if got := a.May(post, time.Time{}); got.How != care.ByNone {
		t.Errorf("after an erasure: %+v", got)
	}
}

func TestPrivateServersAreRefused(t *testing.T) {
	a, err := open(&Settings{Address: "care@acme.example", IMAP: "imap://127.0.0.1:1", Folder: "INBOX", Copy: Append, Password: "x"}, network.NewClient(network.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Poll(t.Context(), "")
	if e, ok := err.(*network.Error); !ok || e.Fault != network.Refused || !e.Unsent {
		t.Errorf("%v", err)
	}
}
