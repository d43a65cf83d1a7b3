package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A forum is a site with a feed, at an address of this machine.
type forum struct {
	*httptest.Server
	angry atomic.Bool // somebody complains
}

func newForum(t *testing.T) *forum {
	f := &forum{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/latest.rss" {
			http.NotFound(w, r)
			return
		}
		var items strings.Builder
		item := func(n int, by, text string) {
			fmt.Fprintf(&items, "<item><guid>post-%d</guid><title>Kettles</title><dc:creator>%s</dc:creator><description>%s</description><pubDate>%s</pubDate></item>",
				n, by, text, time.Now().Add(-time.Duration(n)*time.Hour).Format(time.RFC1123Z))
		}
		if f.angry.Load() {
			item(0, "Ana", "My bill is wrong again, I was charged twice and nobody answers. This is outrageous, I want my money back!")
		}
		item(1, "Bob", "Which kettle do you use for tea?")
		item(2, "Cyd", "I made tea in mine this morning.")
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Forum</title>%s</channel></rss>`, items.String())
	}))
	t.Cleanup(f.Close)
	return f
}

// empty is the program in an empty folder. The configuration file says no more
// than that this machine may be asked, which no console can.
func empty(t *testing.T) *world {
	t.Helper()
	if chromium() == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium: .ci/install installs it")
		}
		t.Skip("there is no chromium on the PATH")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "amends.yaml")
	if err := os.WriteFile(file, []byte("inside: [127.0.0.1]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &world{bin: needWorld(t).bin, dir: filepath.Join(dir, "data")}
	t.Cleanup(w.stop)
	if err := w.start("serve", "--listen", "127.0.0.1:0", "--config", file); err != nil {
		t.Fatal(err)
	}
	return w
}

// field writes into a field of a form, or ticks a word of it.
func (p *tab) field(name, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`!!document.querySelector('[name=%q]')`, name))
	p.eval(fmt.Sprintf(`document.querySelectorAll('[name=%q]').forEach(f => { if (f.type !== 'checkbox') f.value = %q; else if (f.value === %q) f.checked = true })`, name, text, text))
}

// send presses a button of the form.
func (p *tab) send(do string) {
	p.t.Helper()
	p.eval(`document.body.dataset.old = '1'`)
	p.eval(fmt.Sprintf(`document.querySelector('.set-form button[value=%q]').click()`, do))
	p.until(`document.readyState === 'complete' && !document.body.dataset.old`)
}

// looked checks a page in both themes, on a laptop and a phone.
func (p *tab) looked(name string) {
	p.t.Helper()
	for _, width := range []int64{390, 1440} {
		p.do(chromedp.EmulateViewport(width, map[int64]int64{390: 844, 1440: 900}[width]))
		for _, theme := range []string{"light", "dark"} {
			p.theme(theme)
			if wide := value[int64](p, `document.documentElement.scrollWidth`); wide > width {
				p.t.Errorf("%s is %d wide of %d", name, wide, width)
			}
			p.check(fmt.Sprintf("first-%s-%d-%s", name, width, theme))
		}
	}
	p.theme("light")
}

// From an empty folder to the first case: the first administrator comes by the
// printed link, names the brand, tries a feed that isn't there, mends it, sees the
// first mention, and then the first complaint in the queue.
func TestFromNothingToTheFirstCase(t *testing.T) {
	w, site := empty(t), newForum(t)
	p := enterBy(t, w, w.first, 1440, 900)
	p.mayComplain("status of 422") // a form that was refused
	p.until(`location.pathname === '/start' && document.querySelectorAll('.net').length > 10`)
	p.looked("start")

	p.show("/setup/edit/brand")
	p.field("brand", "Acme")
	p.send("save")
	p.until(`document.querySelector('.rail .brand').innerText.includes('Acme')`)

	p.show("/start")
	p.eval(`document.querySelector('.net[href$="kind=feed"]').click()`)
	p.field("name", "forum")
	p.field("every", "1s")
	p.field("settings.url", "forum")
	p.send("save")
	p.until(`document.querySelector('#f-settings-url').getAttribute('aria-invalid') === 'true'`)
	p.looked("wrong")
	p.field("settings.url", site.URL+"/nothing.rss")
	p.send("try")
	p.says(".strip-note.bad", "There is nothing there")
	p.field("settings.url", site.URL+"/latest.rss")
	p.send("try")
	p.says(".fresh", "2 mentions in the last week")
	p.looked("tested")
	p.send("save")
	p.until(`location.pathname === '/start/heard' && !!document.querySelector('.heard')`)
	p.looked("heard")

	site.angry.Store(true)
	p.show("/queue")
	p.until(`[...document.querySelectorAll('.row')].some(r => r.innerText.includes('Ana'))`)
	p.check("first-case")

	p.show("/setup/history")
	p.until(`document.querySelectorAll('tbody tr').length === 2`)
	p.looked("history")
	p.eval(`document.querySelector('form[action$="/1/put-back"] button').click()`)
	p.until(`document.querySelectorAll('tbody tr').length === 3`)
	p.show("/sources")
	p.until(`document.querySelector('main').innerText.toLowerCase().includes('gone')`)
}

// What is set up is changed in place: a channel with a test notice that really
// arrives, a macro, a queue, an escalation; a key is shown nowhere.
func TestSetUpInTheConsole(t *testing.T) {
	w := empty(t)
	var heard atomic.Value
	room := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b := make([]byte, 4096)
		n, _ := r.Body.Read(b)
		heard.Store(string(b[:n]))
	}))
	t.Cleanup(room.Close)
	p := enterBy(t, w, w.first, 1440, 900)
	save := func(path string, fields ...string) {
		t.Helper()
		p.show(path)
		for i := 0; i < len(fields); i += 2 {
			p.field(fields[i], fields[i+1])
		}
		p.check("form-" + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(strings.TrimPrefix(path, "/setup/edit/")))
		p.send("save")
		p.until(`location.pathname === '/setup'`)
	}
	save("/setup/edit/channels?kind=chat", "name", "leads", "settings.kind", "slack", "settings.url", room.URL+"/a-key-in-an-address")
	if value[bool](p, `document.documentElement.innerHTML.includes('a-key-in-an-address')`) {
		t.Error("the page shows the key")
	}
	p.eval(`document.querySelector('form[action="/setup/channels/leads/test"] button').click()`)
	p.says(".strip-note.ok", "The test notice left")
	if said, _ := heard.Load().(string); !strings.Contains(said, "A test from Amends") {
		t.Errorf("the room heard %q", said)
	}
	save("/setup/edit/escalations", "name", "late", "steps.0.when", "breached", "steps.0.notify", "leads")
	save("/setup/edit/queues", "name", "billing", "title", "Billing", "escalation", "late")
	save("/setup/edit/macros", "name", "sorry", "title", "Sorry", "texts.0.key", "en", "texts.0.text", "Hi {customer.name}, we are sorry.")
	save("/setup/edit/policies", "name", "fast", "first_response", "15m")
	save("/setup/edit/notices", "wait", "1m")
	p.until(`['Billing', 'late', 'sorry', 'fast', '1m'].every(w => document.querySelector('main').innerText.includes(w) || document.querySelector('main').textContent.includes(w))`)
	p.looked("setup")
	save("/setup/edit/channels?name=leads", "to", "")
	p.eval(`document.querySelector('form[action="/setup/channels/leads/test"] button').click()`)
	p.says(".strip-note.ok", "The test notice left")
}
