package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const patience = 30 * time.Second

var browser = sync.OnceValues(startBrowser)

var closers []context.CancelFunc // of the browser; last first

func closeBrowser() {
	for i := len(closers) - 1; i >= 0; i-- {
		closers[i]()
	}
}

func chromium() string {
	for _, name := range []string{os.Getenv("CHROME"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func startBrowser() (context.Context, error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-GB"))
	a, c1 := chromedp.NewExecAllocator(context.Background(), opts...)
	b, c2 := chromedp.NewContext(a)
	closers = append(closers, c1, c2)
	return b, chromedp.Do(b)
}

// A tab is a browser of its own as far as cookies go. What its page complains
// of fails the test.
type tab struct {
	t     *testing.T
	ctx   context.Context
	w     *world
	mu    sync.Mutex
	wrong []string
	calm  []string // what may be complained of
	name  string   // that signs in
	dark  bool     // what the system prefers
}

// open signs somebody new in and shows a page.
func open(t *testing.T, who, role, path string, width, height int64) *tab {
	t.Helper()
	if chromium() == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium: .ci/install installs it")
		}
		t.Skip("there is no chromium on the PATH")
	}
	return enter(t, needWorld(t), who, role, path, width, height)
}

// enter does the same in another world.
func enter(t *testing.T, w *world, who, role, path string, width, height int64) *tab {
	t.Helper()
	p := newTab(t, w, width, height)
	var address string
	p.name, address = w.link(t, who, role)
	p.keep(w.welcomed(t, address))
	p.show(path)
	return p
}

// enterBy follows a link that lets somebody in.
func enterBy(t *testing.T, w *world, address string, width, height int64) *tab {
	t.Helper()
	p := newTab(t, w, width, height)
	p.do(chromedp.Navigate(address))
	p.until(`!!document.querySelector('form button')`)
	p.eval(`document.querySelector('main form:not(.theme)').requestSubmit(document.querySelector('main form:not(.theme) button'))`)
	p.until(`!location.pathname.startsWith('/link/')`)
	return p
}

// newTab is one that nobody is signed in to.
func newTab(t *testing.T, w *world, width, height int64) *tab {
	t.Helper()
	b, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	ctx, c1 := chromedp.NewContext(b, chromedp.WithNewBrowserContext())
	longest := 10 * time.Minute
	if *measure > 0 {
		longest = time.Hour
	}
	ctx, c2 := context.WithTimeout(ctx, longest)
	p := &tab{t: t, ctx: ctx, w: w}
	p.begin(width, height, func() { c2(); c1() })
	return p
}

// keep lets the browser have a session that began elsewhere.
func (p *tab) keep(c *http.Cookie) {
	p.t.Helper()
	to := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: p.w.url, HTTPOnly: new(true), SameSite: network.CookieSameSiteLax}
	if _, err := chromedp.Call(p.ctx, network.SetCookie, to); err != nil {
		p.t.Fatal(err)
	}
}

// begin makes the tab, listens to it, and ends it with the test.
func (p *tab) begin(width, height int64, end func()) {
	p.t.Helper()
	p.size(width, height)
	if err := chromedp.Listen(p.ctx, p.hear); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if p.t.Failed() {
			p.picture("failed-" + strings.ReplaceAll(p.t.Name(), "/", "_"))
		}
		end()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, s := range p.wrong {
			p.t.Error(s)
		}
	})
}

// size makes the screen another one; a narrow one is a phone's.
func (p *tab) size(width, height int64) {
	p.t.Helper()
	how := []chromedp.EmulateViewportOption{}
	if width < 500 {
		how = append(how, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	p.do(chromedp.EmulateViewport(width, height, how...))
}

// beside opens another tab of the same person's browser.
func (p *tab) beside(before, path string) *tab {
	p.t.Helper()
	ctx, end := chromedp.NewContext(p.ctx)
	other := &tab{t: p.t, ctx: ctx, w: p.w, name: p.name}
	other.begin(1440, 900, end)
	other.before(before)
	other.show(path)
	return other
}

func (p *tab) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var said string
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		said = "exception: " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			said += " " + x.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			said = fmt.Sprintf("console.%s:", e.Type)
			for _, a := range e.Args {
				said += " " + string(a.Value) + a.Description
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			said = "log: " + e.Entry.Text + " " + e.Entry.URL
		}
	}
	if said == "" {
		return
	}
	for _, c := range p.calm {
		if strings.Contains(said, c) {
			return
		}
	}
	p.wrong = append(p.wrong, said)
}

// mayComplain lets the page say something that would fail the test.
func (p *tab) mayComplain(of ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calm = append(p.calm, of...)
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// show opens a page of the console and waits until it has something to show.
func (p *tab) show(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.w.url + path))
	p.until(`document.readyState === 'complete'`)
}

func (p *tab) eval(js string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](js)); err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
}

func value[T any](p *tab, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits for a condition. It asks again in the page itself.
func (p *tab) until(cond string) {
	p.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		_, err = chromedp.Run(p.ctx, chromedp.Poll[bool](cond, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
		if err == nil || !strings.Contains(err.Error(), "context with specified id") && !strings.Contains(err.Error(), "navigated") { // the page went away meanwhile
			break
		}
	}
	if err != nil {
		p.t.Fatalf("never became true: %s: %v\nthe page says: %.600s", cond, err, value[string](p, `document.querySelector('#main')?.innerText ?? document.body.innerText`))
	}
}

// press presses keys, one after the other. A key whose press is a command types
// nothing, as on a real keyboard: its character comes with the press.
func (p *tab) press(keys string, opts ...chromedp.KeyOption) {
	p.t.Helper()
	if r := []rune(keys); len(opts) > 0 || len(r) != 1 || !unicode.IsPrint(r[0]) {
		p.do(chromedp.KeyEvent(keys, opts...))
		return
	}
	for _, e := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: keys, Text: keys}, {Type: input.DispatchKeyEventTypeKeyUp, Key: keys}} {
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, e); err != nil {
			p.t.Fatal(err)
		}
	}
}

// rows waits for the list.
func (p *tab) rows() {
	p.t.Helper()
	p.until(`document.querySelectorAll('.row').length > 3`)
}

// picture keeps what is on screen, where -pictures says so.
func (p *tab) picture(name string) {
	p.t.Helper()
	dir := *pictures
	if dir == "" {
		return
	}
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = os.WriteFile(filepath.Join(dir, name+".png"), b, 0o644)
		}
	}
	if err != nil {
		p.t.Logf("no picture: %v", err)
	}
}

// theme lets the system prefer light or dark.
func (p *tab) theme(name string) {
	p.t.Helper()
	p.dark = name == "dark"
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	if err != nil {
		p.t.Fatal(err)
	}
}
