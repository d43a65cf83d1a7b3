package email

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network/email/mailtest"
	"github.com/amends-care/amends/internal/network/networktest"
)

// BenchmarkPoll reads pages of twenty mails from dovecot, sign-in included, and
// says how much time one mention took. The time of the server beside us is in it.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b, mailtest.Start(b, ""), Append, pageSize)
	for range pageSize {
		w.Post(networktest.Post{Text: strings.Repeat("The kettle leaks, and nobody answers. ", 20)})
	}
	a := w.account()
	for b.Loop() {
		if p, err := a.Poll(b.Context(), ""); err != nil || len(p.Items) != pageSize {
			b.Fatal(len(p.Items), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/pageSize, "µs/mention")
}

// BenchmarkLetter reads one mail of each kind: what the driver itself costs.
func BenchmarkLetter(b *testing.B) {
	history := "\n\nOn Mon, 16 Nov 2026 at 09:12, Acme Care <care@acme.example> wrote:\n" + strings.Repeat("> We are on it, and will tell you more by Friday.\n", 40)
	said := strings.Repeat("The kettle leaks, and nobody answers. ", 20)
	for name, mail := range map[string]string{
		"plain": head + "Content-Type: text/plain; charset=utf-8\n\n" + said + history,
		"html":  head + "Content-Type: text/html; charset=utf-8\n\n<p>" + said + "</p><blockquote type=\"cite\">" + strings.Repeat("<p>We are on it</p>", 200) + "</blockquote>",
		"both": head + "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n" + said + history +
			"\n--x\nContent-Type: text/html\n\n<p>" + said + "</p>\n--x--",
		"a line of 60 KB": head + "\n" + strings.Repeat("On wrote: ", 6000),
	} {
		b.Run(name, func(b *testing.B) {
			a := reading(b)
			m := raw{uid: 1, arrived: time.Now(), size: int64(len(mail)), bytes: []byte(crlf(mail))}
			b.SetBytes(int64(len(mail)))
			b.ReportAllocs()
			for b.Loop() {
				if l := a.letter(m); l.text == "" {
					b.Fatalf("%+v", l)
				}
			}
		})
	}
}
