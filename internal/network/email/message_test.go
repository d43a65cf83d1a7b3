package email

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

var arrived = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

// reading opens no connection: it is there to read mails.
func reading(t testing.TB) *Account {
	t.Helper()
	a, err := open(&Settings{Address: "care@acme.example", Aliases: []string{"help@acme.example"}, IMAP: "imaps://mail.acme.example", Folder: "INBOX", Copy: Append, Password: "x"}, network.NewClient(network.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *Account) reads(text string) letter {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	return a.letter(raw{uid: 1, arrived: arrived, size: int64(len(text)), bytes: []byte(text)})
}

const head = "From: Ana Example <Ana@Customers.example>\nTo: care@acme.example\nMessage-ID: <1@customers.example>\nDate: Mon, 16 Nov 2026 09:55:00 +0100\n"

func TestTextInEveryDress(t *testing.T) {
	picture := "--x\nContent-Type: image/jpeg; name=\"kettle.jpg\"\nContent-Disposition: attachment; filename=\"kettle.jpg\"\nContent-Transfer-Encoding: base64\n\n/9j/\n"
	for name, c := range map[string]struct {
		mail, want string
		links      []string
	}{
		"plain":            {"Content-Type: text/plain\n\nIt leaks.", "It leaks.", nil},
		"no type":          {"\nIt leaks.", "It leaks.", nil},
		"quoted-printable": {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nEs l=C3=A4uft =\naus.", "Es läuft aus.", nil},
		"base64":           {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("漏れる")), "漏れる", nil},
		"latin-1":          {"Content-Type: text/plain; charset=iso-8859-1\n\nEs l\xe4uft.", "Es läuft.", nil},
		"windows-1251":     {"Content-Type: text/plain; charset=windows-1251\n\n\xcf\xf0\xee\xf2\xe5\xea\xe0\xe5\xf2", "Протекает", nil},
		"iso-2022-jp":      {"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B%F%9%H\x1b(B", "テスト", nil},
		"unknown charset":  {"Content-Type: text/plain; charset=klingon\n\nIt leaks.", "It leaks.", nil},
		"unknown encoding": {"Content-Transfer-Encoding: smoke\n\nIt leaks.", "It leaks.", nil},
		"lying charset":    {"Content-Type: text/plain; charset=utf-8\n\nl\xe4uft", "l\uFFFDuft", nil},
		"HTML alone":       {"Content-Type: text/html; charset=utf-8\n\n<p>It <b>leaks</b>.</p>", "It leaks.", nil},
		"alternative":      {"Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nplain\n--x\nContent-Type: text/html\n\n<p>html</p>\n--x--", "plain", nil},
		"blank plain part": {"Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n \n--x\nContent-Type: text/html\n\n<p>html</p>\n--x--", "html", nil},
		"picture first":    {"Content-Type: multipart/mixed; boundary=x\n\n" + picture + "--x\nContent-Type: text/plain\n\nIt leaks.\n--x--", "It leaks.", []string{"kettle.jpg"}},
		"attached text":    {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nIt leaks.\n--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"=?utf-8?q?l=C3=A4.txt?=\"\n\nlog\n--x--", "It leaks.", []string{"lä.txt"}},
		"cut in a part":    {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nIt lea", "It lea", nil},
		"nested":           {"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain\n\nIt leaks.\n--y--\n" + picture + "--x--", "It leaks.", []string{"kettle.jpg"}},
		"deeper than deep": {strings.Repeat("Content-Type: multipart/mixed; boundary=x\n\n--x\n", 500) + "\nIt leaks.", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := reading(t).reads(head + c.mail)
			var files []string
			for _, link := range l.post.Links {
				if link.Kind != "file" || link.URL != "" {
					t.Errorf("link %+v", link)
				}
				files = append(files, link.Alt)
			}
			if l.bad != "" || l.post.Text != c.want || !reflect.DeepEqual(files, c.links) {
				t.Errorf("%q %q %q", l.bad, l.post.Text, files)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	plain := func(change func(*care.Post)) care.Post {
		p := care.Post{
			Network: name, Remote: "1@customers.example", Thread: "1@customers.example", Kind: care.PostDirect,
			Author:   care.Author{ID: "ana@customers.example", Handle: "ana@customers.example", Name: "Ana Example"},
			PostedAt: arrived.Add(-5 * time.Minute), Text: "x",
		}
		if change != nil {
			change(&p)
		}
		return p
	}
	for name, c := range map[string]struct {
		mail string
		want care.Post
	}{
		"as it is":    {head + "\nx", plain(nil)},
		"subject":     {head + "Subject: =?utf-8?q?K=C3=A4se?=\n\nx", plain(func(p *care.Post) { p.Text = "Käse\n\nx" })},
		"no text":     {head + "Subject: Kettle leaks\n\n", plain(func(p *care.Post) { p.Text = "Kettle leaks" })},
		"in a reply":  {head + "Subject: Re: Kettle\nIn-Reply-To: <0@a>\n\nx", plain(func(p *care.Post) { p.InReplyTo, p.Thread = "0@a", "0@a" })},
		"references":  {head + "References: <r@a> <s@a>\n\t<t@a>\n\nx", plain(func(p *care.Post) { p.InReplyTo, p.Thread = "t@a", "r@a" })},
		"itself":      {head + "In-Reply-To: <1@customers.example>\n\nx", plain(nil)},
		"future date": {strings.Replace(head, "Nov 2026", "Nov 2027", 1) + "\nx", plain(func(p *care.Post) { p.PostedAt = arrived })},
		"old date":    {strings.Replace(head, "Nov 2026", "Nov 1999", 1) + "\nx", plain(func(p *care.Post) { p.PostedAt = arrived })},
		"no date":     {strings.Replace(head, "Date", "X-Date", 1) + "\nx", plain(func(p *care.Post) { p.PostedAt = arrived })},
		"brought here later": {"Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0100 (CET)\n" + strings.Replace(head, "16 Nov", "2 Nov", 1) + "\nx",
			plain(func(p *care.Post) { p.PostedAt = time.Date(2026, 11, 2, 8, 55, 0, 0, time.UTC) })},
		"a form of ours": {strings.Replace(head, "Ana Example <Ana@Customers.example>", "help@acme.example\nReply-To: \"Ana Example\" <ana@customers.example>", 1) + "\nx", plain(nil)},
		"a broken name":  {strings.Replace(head, "Ana Example <", "Ana, (Example <", 1) + "\nx", plain(func(p *care.Post) { p.Author.Name = "" })},
	} {
		t.Run(name, func(t *testing.T) {
			if l := reading(t).reads(c.mail); l.bad != "" || !reflect.DeepEqual(l.post, c.want) {
				t.Errorf("%q\ngot  %+v\nwant %+v", l.bad, l.post, c.want)
			}
		})
	}
}

func TestMailWithoutID(t *testing.T) {
	a := reading(t)
	without := strings.Replace(head, "Message-ID", "X-ID", 1)
	one, again, other := a.reads(without+"\nx"), a.reads(without+"\nx"), a.reads(without+"Subject: y\n\nx")
	if one.post.Remote == "" || one.post.Remote != again.post.Remote || one.post.Remote == other.post.Remote {
		t.Errorf("%q %q %q", one.post.Remote, again.post.Remote, other.post.Remote)
	}
}

func TestOurOwn(t *testing.T) {
	us := strings.Replace(head, "Ana Example <Ana@Customers.example>", "Help <HELP@acme.example>", 1)
	for name, c := range map[string]struct {
		mail string
		want bool
	}{
		"a customer":    {head, false},
		"us":            {us, true},
		"proven":        {"Authentication-Results: mx; spf=pass; dmarc=pass (p=reject)\n" + us, true},
		"forged":        {"Authentication-Results: mx; spf=fail; dmarc=fail (p=reject)\n" + us, false},
		"older results": {"Authentication-Results: mx; dmarc=pass\nAuthentication-Results: evil; dmarc=fail\n" + us, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := reading(t).reads(c.mail + "\nx")
			if l.ours != c.want || (l.post.Warning != "") != (name == "forged") {
				t.Errorf("ours %v, warning %q", l.ours, l.post.Warning)
			}
		})
	}
}

func TestAutomaticMails(t *testing.T) {
	for field, want := range map[string]bool{
		"Subject: hello":                             false,
		"Auto-Submitted: no":                         false,
		"Auto-Submitted: auto-generated":             false, // forms say so
		"Auto-Submitted: auto-replied":               true,
		"Auto-Submitted: Auto-Replied; owner=x":      true,
		"Precedence: bulk":                           true,
		"Precedence: first-class":                    false,
		"X-Autoreply: yes":                           true,
		"List-Id: <news.shop.example>":               true,
		"List-Unsubscribe: <https://shop.example/u>": true,
		"Return-Path: <>":                            true,
		"Return-Path: <ana@customers.example>":       false,
		"X-Spam-Flag: YES":                           false, // a filter's opinion is no proof
		"From: MAILER-DAEMON@mx.example":             true,
		"Content-Type: multipart/report; boundary=x; report-type=delivery-status": true,
		"Content-Type: multipart/report; boundary=x; report-type=feedback-report": false,
	} {
		mail := field + "\n" + head
		if strings.HasPrefix(field, "From:") {
			mail = field + strings.TrimPrefix(head, "From: Ana Example <Ana@Customers.example>")
		}
		if got := reading(t).reads(mail + "\nx").automatic; got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
}

func TestMailsThatCantBeTold(t *testing.T) {
	for name, mail := range map[string]string{
		"empty":       "",
		"no sender":   "Subject: x\n\nx",
		"no header":   "x",
		"huge header": "X: " + strings.Repeat("a", maxHeader) + "\n" + head + "\nx",
		"odd sender":  "From: undisclosed\n\nx",
		"bytes":       "\x00\xff\xfe",
	} {
		if l := reading(t).reads(mail); l.bad == "" || strings.Contains(l.bad, "x:") {
			t.Errorf("%s: %q", name, l.bad)
		}
	}
}

func FuzzLetter(f *testing.F) {
	f.Add([]byte(head + "\nx"))
	f.Add([]byte(strings.ReplaceAll(head, "\n", "\r\n") + "References: <a@b> <c@d\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>a\r\n--x--"))
	a := reading(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		l := a.letter(raw{uid: 1, arrived: arrived, size: int64(len(b)), bytes: b})
		if l.bad != "" {
			return
		}
		p := l.post
		if p.Remote == "" || p.Thread == "" || p.Author.ID == "" || len(p.Text) > maxText || len(p.Links) > maxLinks || p.PostedAt.After(arrived) {
			t.Errorf("%+v", p)
		}
		for _, s := range []string{p.Text, p.Author.ID, p.Author.Name, string(p.Remote), string(p.Thread), string(p.InReplyTo), l.subject, l.to} {
			if !utf8.ValidString(s) || s != p.Text && strings.ContainsAny(s, "\r\n") {
				t.Errorf("%q", s)
			}
		}
		if got, err := a.compose(care.Answer{To: p, Text: "x"}, l, "k@acme.example", arrived); err != nil || strings.Contains(string(got), "\r\n\r\n\r\n") {
			t.Errorf("%v %q", err, got)
		}
	})
}
