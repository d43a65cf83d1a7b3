package browsertest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/amends-care/amends/internal/network/mastodon/mastodontest"
)

// connected is the program as people run it, on a Mastodon server of this test,
// with more of a configuration. It ends with the test.
func connected(t *testing.T, more ...string) (*world, *mastodontest.Server) {
	t.Helper()
	if chromium() == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium: .ci/install installs it")
		}
		t.Skip("there is no chromium on the PATH")
	}
	social := mastodontest.New(t, nil)
	token := social.SignUp("acme")
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = mastodontest.Host
		social.ServeHTTP(w, r)
	}))
	t.Cleanup(at.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, secret := filepath.Join(dir, "amends.yaml"), filepath.Join(dir, "token")
	if err := os.WriteFile(secret, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`brand: Acme
listen: %s
public_url: http://%s
inside: [127.0.0.1]
cases: {undo_for: 3s}
sources:
  - {name: social, network: mastodon, every: 5s, settings: {server: %q, token: "file:%s", what: mentions, back: 1d}}
`, listen, listen, at.URL, secret) + strings.Join(more, "")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &world{bin: needWorld(t).bin, dir: filepath.Join(dir, "data")}
	t.Cleanup(w.stop)
	if err := w.start("serve", "--config", file); err != nil {
		t.Fatal(err)
	}
	social.Post(mastodontest.Post{By: "ana", Text: "@acme my bill is broken and nobody answers, this is outrageous, I want my money back"})
	return w, social
}

// api asks the console's API as whoever is signed in.
func (p *tab) api(path, body string) {
	p.t.Helper()
	if said := value[string](p, fmt.Sprintf(`fetch('/api/v1' + %q, {method: 'POST', headers: {'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID()}, body: %q}).then(async r => r.ok ? '' : r.status + ' ' + await r.text())`, path, body)); said != "" {
		p.t.Fatalf("%s: %s", path, said)
	}
}

// A reply that was sent is changed, and taken off, from the case: the network
// shows it, and the case what it said before. Then the customer is asked how it
// went, answers in Arabic, and the case tells.
func TestReplyChangedAndSurvey(t *testing.T) {
	w, social := connected(t)
	p := enter(t, w, "Lea Der", "lead", "/queue", 1440, 900)
	p.until(`document.querySelectorAll('.row').length === 1`)
	id := value[string](p, `document.querySelector('.row').dataset.case`)
	p.api("/cases/"+id+"/contact/know", `{"what":"language","text":"ar"}`)
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.comp textarea')`)
	p.write("We mended your bill.")
	p.ctrl("\r")
	p.says(".ours .chip", "sent")
	p.check("reply-sent")

	menu := func(what string) {
		t.Helper()
		p.until(`!!document.querySelector('.ours .menu')`)
		p.eval(`document.querySelector('.ours .menu').click()`)
		p.until(`!!document.querySelector('dialog[open] .pal')`)
		p.press(what)
		p.press("\r")
		p.until(`!!document.querySelector('dialog[open] .ask')`)
	}
	menu("Change this")
	p.check("reply-mend-form")
	p.eval(`(() => { const a = document.querySelector('dialog textarea'); a.value = 'We mended your bill, and are sorry.'; a.dispatchEvent(new Event('input', {bubbles: true})) })()`)
	p.eval(`document.querySelector('dialog .pri').click()`)
	p.says(".ours .offer", "and are sorry")
	p.check("reply-mend-asked")
	p.says(".ours .was", "It said at first")
	if sent := social.Sent("acme"); len(sent) != 1 || !strings.HasSuffix(sent[0].Text, "We mended your bill, and are sorry.") {
		t.Errorf("the network has %v", sent)
	}
	p.eval(`document.querySelector('.ours .was summary').click()`)
	p.check("reply-mended")

	p.api("/cases/"+id+"/resolve", `{"disposition":"solved"}`)
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.post')`)
	p.more("Ask how it went")
	p.until(`document.querySelectorAll('dialog[open] [role=option]').length === 3`)
	p.check("survey-ask")
	p.press("\r")
	p.says(".cu", "Not answered yet")
	link := regexp.MustCompile(`/s/[\w-]+`)
	var path string
	p.until(`[...document.querySelectorAll('.ours')].filter(e => e.innerText.includes('question to the customer') && e.querySelector('.state-sent')).length === 1`)
	for _, s := range social.Sent("acme") {
		if at := link.FindString(s.Text); at != "" {
			path = at
		}
	}
	if path == "" {
		t.Fatalf("no link was sent: %v", social.Sent("acme"))
	}
	p.customer(path)

	p.show("/cases/" + id)
	p.says(".cu", "4 of 5")
	p.says(".cu", "شكرا")
	p.check("survey-answered")

	menu("Take this")
	p.eval(`document.querySelector('dialog .pri').click()`)
	p.says(".ours .offer", "To be taken off")
	p.says(".ours .chip", "taken off")
	p.check("reply-withdrawn")
	for _, s := range social.Sent("acme") {
		if strings.Contains(s.Text, "We mended") {
			t.Errorf("the network still has %q", s.Text)
		}
	}
}

// customer answers a survey in Arabic, on a phone and a laptop, by day and by
// night.
func (p *tab) customer(path string) {
	p.t.Helper()
	look := func(step, has string) {
		p.t.Helper()
		for _, width := range []int64{390, 1440} {
			p.do(chromedp.EmulateViewport(width, 844))
			for _, theme := range []string{"light", "dark"} {
				p.theme(theme)
				p.until("!!document.querySelector('" + has + "') && document.dir === 'rtl'")
				if wide := value[int64](p, `document.documentElement.scrollWidth`); wide > width {
					p.t.Errorf("%s is %d wide of %d", step, wide, width)
				}
				p.check(fmt.Sprintf("survey-%s-%d-%s", step, width, theme))
			}
		}
		p.theme("light")
	}
	p.show(path)
	look("score", "button[value=\"4\"]")
	p.eval(`document.querySelector('button[value="4"]').click()`)
	look("more", "textarea")
	p.eval(`document.querySelector('textarea').value = 'شكرا جزيلا'; document.querySelector('button.send').click()`)
	look("done", "a[href$=score]")
	p.show(path + "?step=score")
	look("again", "button[aria-current]")
}
