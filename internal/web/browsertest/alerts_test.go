package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// calling notes what a page calls with: the notices it shows, and each note it
// plays. Both are still shown and played.
const calling = `window.notices = []; window.notes = 0
	window.Notification = class extends Notification { constructor(title, o) { super(title, o); notices.push(title + ' | ' + o.body) } }
	const play = AudioScheduledSourceNode.prototype.start
	AudioScheduledSourceNode.prototype.start = function (...at) { notes++; return play.apply(this, at) }`

// A case that somebody else gives calls once, in one tab, and tells neither who
// wrote nor what; what one does oneself, quiet hours and being away call nobody.
func TestAlerts(t *testing.T) {
	p := open(t, "Al Ert", "agent", "/me", 1440, 900)
	c := chromedp.FromContext(p.ctx)
	allow := cdpbrowser.SetPermissionParams{Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"}, Setting: cdpbrowser.PermissionSettingGranted, Origin: p.w.url, BrowserContextID: c.BrowserContextID}
	if _, err := cdp.Call(p.ctx, c.Browser, cdpbrowser.SetPermission, allow); err != nil {
		t.Fatal(err)
	}
	p.before(calling)
	p.show("/me")
	p.until(`!document.querySelector('[data-try-sound]').hidden`)
	p.check("alerts-me-light")
	p.do(chromedp.Click(chromedp.CSS(`[data-try-sound]`)))
	p.until(`notes === 2 && document.querySelector('[data-tried]').innerText === 'That is how it sounds.'`)
	p.do(chromedp.Click(chromedp.CSS(`[data-try-notice]`)))
	p.until(`notices.length === 1 && document.querySelector('[data-tried]').innerText === 'The browser shows it now.'`)
	for _, name := range []string{"mine", "critical", "notify", "sound"} {
		p.do(chromedp.Click(chromedp.CSS(`.own [name=` + name + `]`)))
	}
	p.do(chromedp.Click(chromedp.CSS(`.own .pri`)))
	p.until(`document.querySelector('.strip-note.ok')?.innerText.includes('It holds wherever')`)

	p.show("/queue")
	second := p.beside(calling, "/queue")
	p.rows()
	p.until(`document.querySelector('[data-live-text]').innerText.startsWith('Live')`)
	second.rows()
	second.until(`document.querySelector('[data-live-text]').innerText.startsWith('Live')`)
	id := p.free()
	number := value[int](p, `fetch('/api/v1/cases/`+id+`').then(r => r.json()).then(c => c.number)`)
	hide := `Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true}); document.dispatchEvent(new Event('visibilitychange'))`
	for _, tab := range []*tab{p, second} {
		tab.press("j") // a browser plays nothing before somebody was there
		tab.eval(hide)
	}
	p.w.run(t, "case", "assign", fmt.Sprint(number), p.name)
	for _, tab := range []*tab{p, second} {
		tab.until(`document.title.startsWith('(1) ')`)
	}
	p.until(`notes === 2 && notices.length === 1`)
	if n := value[int](second, `notes + notices.length`); n != 0 {
		t.Errorf("the second tab called %d times", n)
	}
	said := value[string](p, `notices[0]`)
	who := value[string](p, `fetch('/api/v1/cases/`+id+`').then(r => r.json()).then(c => c.author.name)`)
	if want := fmt.Sprintf("case %d was given to you.", number); !strings.Contains(said, want) || who != "" && strings.Contains(said, who) {
		t.Errorf("it says %q, want %q and not %q", said, want, who)
	}

	// What one does oneself, somebody else's case, one that is known, and being away.
	event := func(n int, more string) {
		p.t.Helper()
		second.eval(fmt.Sprintf(`window.channel ??= new BroadcastChannel('amends-desk'); channel.postMessage({kind: 'case', id: String(1e12 + %d), data: {case: 'x%d', number: %d, by: 'agent/x', kinds: [], state: 'waiting', queue: 'billing', lane: 'critical', needs: true, %s}})`, n, n, n, more))
	}
	event(1, `new: true, by: 'agent/`+p.name+`'`)
	event(2, `new: true, assignee: 'somebody'`)
	event(3, `was: {state: 'claimed', queue: 'billing', lane: 'critical', needs: true}`)
	event(4, `new: true, lane: 'ordinary'`)
	event(5, `new: true`)
	p.until(`notices.length === 2 && notes === 4`)
	event(6, `was: {state: 'waiting', queue: 'billing', lane: 'ordinary', needs: true}`)
	p.until(`notices.length === 3`)
	if got := value[[]string](p, `notices.slice(1)`); !strings.Contains(got[0], "A critical case in") || !strings.Contains(got[0], "number 5") || !strings.Contains(got[1], "2 critical cases") {
		t.Errorf("%q", got)
	}
	if n := value[int](p, `notes`); n != 4 {
		t.Errorf("%d notes: two calls so near are one", n)
	}
	p.until(`document.title.startsWith('(3) ')`)
	p.eval(`delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))`)
	p.until(`!document.title.startsWith('(')`)

	p.eval(`fetch('/api/v1/me/away', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})`)
	p.until(`fetch('/api/v1/me').then(r => r.json()).then(m => m.away === true)`)
	p.show("/queue")
	p.rows()
	event(7, `new: true`)
	p.until(`document.querySelector('.newpill') !== null`)
	if got := value[[]string](p, `notices`); len(got) != 0 {
		t.Errorf("away, and called: %q", got)
	}
}

// What is set is so on each page: the hours are those of the zone, the words
// those of the language; keys that were turned off stay so.
func TestSettings(t *testing.T) {
	p := open(t, "Sett Ings", "agent", "/me", 390, 844)
	p.until(`document.querySelectorAll('#zones option').length > 300`)
	p.until(`document.querySelector('.chip.ok')?.innerText === 'this one'`)
	p.eval(`document.querySelector('[name=zone]').value = 'Asia/Kathmandu'; document.querySelector('[name=language]').value = 'de'`)
	p.check("settings-390-light")
	p.eval(`document.querySelector('.own').requestSubmit()`)
	p.until(`document.querySelector('.strip-note.ok') && document.documentElement.dataset.zone === 'Asia/Kathmandu'`)
	p.theme("dark")
	p.check("settings-390-dark")
	p.theme("light")
	shown := value[string](p, `document.querySelector('time[data-when]').innerText`)
	want := value[string](p, `new Intl.DateTimeFormat('de', {hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Kathmandu'}).format(new Date(document.querySelector('time[data-when]').dateTime))`)
	if shown != want {
		t.Errorf("it is %s, want %s", shown, want)
	}
	id := p.sees("/queue")
	p.until(`document.querySelector('.bar h1').innerText === 'Braucht uns' || document.querySelector('#desk').lang === 'de'`)
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.post time')`)
	if !value[bool](p, `(() => { const e = document.querySelector('.post time'); return e.title.includes('5:45') || e.title.includes('Nepal') })()`) {
		t.Errorf("the whole instant is %q", value[string](p, `document.querySelector('.post time').title`))
	}
	// What was seen here is known elsewhere.
	p.eval(`dispatchEvent(new Event('pagehide'))`)
	p.until(`fetch('/api/v1/cases/` + id + `').then(r => r.json()).then(c => !!c.looked_at)`)
}

// sees shows the list and names a case that is on it.
func (p *tab) sees(path string) string {
	p.t.Helper()
	p.show(path)
	return p.free()
}

// Who may only read meets no control that would be refused: every button is
// pressed, every key, every form is sent.
func TestReadOnly(t *testing.T) {
	p := open(t, "Rea Donly", "viewer", "/queue", 1440, 900)
	p.before(`window.refused = []; window.running = 0
		{ const real = window.fetch; window.fetch = async (at, init) => { running++; try { const r = await real(at, init); if (r.status === 403) refused.push((init?.method ?? 'GET') + ' ' + at); return r } finally { running-- } } }`)
	p.mayComplain("the server responded with a status of 404")
	id := p.free()
	pressed := 0
	for _, path := range []string{"/queue", "/cases/" + id, "/promised", "/issues", "/mentions", "/sources", "/reports/now", "/reports/promises", "/me"} {
		p.show(path)
		onDesk := value[bool](p, `!!document.querySelector('#desk')`)
		if onDesk {
			p.until(`!!document.querySelector('.row, .post, .zero h2')`)
			for i := 0; ; i++ {
				if value[string](p, `location.pathname`) != path {
					p.show(path)
				}
				p.until(`!!document.querySelector('.row, .post, .zero h2')`)
				was := value[string](p, fmt.Sprintf(`(() => { const all = [...document.querySelectorAll('main button:not([disabled])')].filter(b => b.offsetParent); const b = all[%d]; if (!b) return ''; b.click(); return b.innerText || b.ariaLabel || 'a button' })()`, i))
				if was == "" {
					break
				}
				pressed++
				p.shut()
			}
			for _, key := range []string{"r", "d", "m", "c", "p", "a", "i", "e", "s", "!", "l", "x", "n", "z", "t", "o"} {
				p.press(key)
				p.shut()
			}
		}
		forms := value[[]string](p, `Promise.all([...document.querySelectorAll('main form[method=post]')].filter(f => !['/sign-out', '/theme', '/password'].includes(f.getAttribute('action')) && !f.getAttribute('action').startsWith('/me/'))
			.map(f => fetch(f.action, {method: 'POST', body: new URLSearchParams(new FormData(f)), redirect: 'manual'}).then(r => f.getAttribute('action') + ' ' + r.status))).then(l => l)`)
		links := value[[]string](p, `Promise.all([...new Set([...document.querySelectorAll('.rail a[href^="/"], main a[href^="/"]')].map(a => a.getAttribute('href')))].slice(0, 60).map(h => fetch(h).then(r => h + ' ' + r.status)))`)
		for _, l := range slices.Concat(forms, links, value[[]string](p, `refused`)) {
			if strings.Contains(l, " 403") || strings.Contains(l, "/api/v1") {
				t.Errorf("%s offers %s", path, l)
			}
		}
	}
	if pressed < 8 {
		t.Errorf("only %d buttons were pressed", pressed)
	}
	p.show("/queue")
	p.rows()
	p.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.until(`!!document.querySelector('dialog[open] [role=option]')`)
	for _, offered := range value[[]string](p, `[...document.querySelectorAll('dialog [role=option]')].map(o => o.innerText.trim())`) {
		for _, work := range []string{"Resolve", "Take next", "Assign", "Note to the team", "Snooze"} {
			if len(offered) >= len(work) && offered[:len(work)] == work {
				t.Errorf("the menu offers %q", offered)
			}
		}
	}
	p.check("read-only-menu")
}

// shut waits for what was begun, and closes the question that came of it.
func (p *tab) shut() {
	p.t.Helper()
	p.until(`new Promise(r => setTimeout(() => r(running === 0)))`)
	for value[bool](p, `!!document.querySelector('dialog[open]')`) {
		p.press("\x1b")
		p.until(`new Promise(r => setTimeout(() => r(running === 0)))`)
	}
}

// A link leads to a password, and that to the desk.
func TestWelcome(t *testing.T) {
	p := open(t, "Wel Come", "agent", "/me", 1440, 900)
	_, address := p.w.link(t, "New Comer", "agent")
	p.do(chromedp.Navigate(address))
	p.until(`!!document.querySelector('form button')`)
	p.check("welcome")
	p.eval(`document.querySelector('main form:not(.theme)').requestSubmit(document.querySelector('main form:not(.theme) button'))`)
	p.until(`location.pathname === '/password' && document.querySelectorAll('input[type=password]').length > 0`)
	p.check("welcome-password")
	p.eval(`document.querySelectorAll('main input[type=password]').forEach(i => { i.value = '` + password + `' }); document.querySelector('main form:not(.theme)').requestSubmit()`)
	p.until(`location.pathname === '/queue' && document.querySelector('.me .nm').innerText === 'New Comer'`)
	p.show("/me")
	p.until(`/Chrom.* on Linux/.test(document.querySelector('.chip.ok').closest('tr').innerText)`)
}
