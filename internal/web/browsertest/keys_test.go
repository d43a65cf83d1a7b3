package browsertest

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// toast waits for what the message at the bottom says.
func (p *tab) toast(says string) {
	p.t.Helper()
	p.until(`document.querySelector('.toast')?.innerText.includes('` + says + `')`)
}

// chosen waits for a question and takes its first answer.
func (p *tab) chosen(question string) {
	p.t.Helper()
	p.until(`document.querySelector('dialog[open] input')?.placeholder === '` + question + `' && !!document.querySelector('[role=option]')`)
	p.press("\r")
	p.until(`document.querySelector('dialog[open] input')?.placeholder !== '` + question + `'`)
}

// Every key of the help does what it says, on the list and on a case. A key
// that is added needs a line here.
func TestEveryKey(t *testing.T) {
	p := open(t, "Kay Every", "lead", "/queue", 1440, 900)
	id := p.free()
	writing := func() {
		t.Helper()
		p.until(`document.activeElement.tagName === 'TEXTAREA'`)
		p.press("\x1b")
		p.until(`document.activeElement.tagName !== 'TEXTAREA'`)
	}
	on := func(path string) {
		t.Helper()
		p.until(`location.pathname === '` + path + `'`)
	}
	toCase := func() {
		t.Helper()
		if value[string](p, `location.pathname`) != "/cases/"+id {
			p.show("/cases/" + id)
		}
		p.until(`!!document.querySelector('.post')`)
	}
	toList := func() {
		t.Helper()
		p.show("/queue")
		p.rows()
		p.until(`!!document.querySelector('.row[data-sel]')`)
	}
	press := func(keys ...string) {
		for _, k := range keys {
			p.press(k)
		}
	}
	steps := []struct {
		keys string // as the help shows them
		try  func()
	}{
		{"J", func() { toList(); press("j"); p.until(`document.querySelectorAll('.row')[1].hasAttribute('data-sel')`) }},
		{"K", func() { press("k"); p.until(`document.querySelectorAll('.row')[0].hasAttribute('data-sel')`) }},
		{"Space", func() {
			press(" ")
			p.until(`!!document.querySelector('.pk .nm')`)
			press(" ")
			p.until(`!document.querySelector('.pk')`)
		}},
		{"X", func() {
			press("x")
			p.until(`!!document.querySelector('.bulk')`)
			press("x")
			p.until(`!document.querySelector('.bulk')`)
		}},
		{"↵", func() {
			press("\r")
			p.until(`location.pathname.startsWith('/cases/') && !!document.querySelector('.post')`)
		}},
		{"Esc", func() { press("\x1b"); on("/queue") }},
		{".", func() {
			toList()
			p.eval(`new BroadcastChannel('amends-desk').postMessage({kind: 'reset', id: '1', data: null})`)
			p.eval(`document.querySelector('#desk').dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))`)
			press(".")
			p.until(`!document.querySelector('.newpill') && document.querySelectorAll('.row').length > 3`)
		}},
		{"F", func() {
			press("f")
			p.until(`document.querySelector('dialog[open] input')?.placeholder === 'Filter by'`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"/", func() {
			press("/")
			p.until(`document.querySelector('dialog[open] input')?.placeholder.startsWith('Search cases')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"Ctrl K", func() {
			p.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
			p.until(`document.querySelector('dialog[open] input')?.placeholder.startsWith('Search or run')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"?", func() {
			press("?")
			p.until(`!!document.querySelector('dialog[open] .keys')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"G M", func() { press("g", "m"); on("/mine") }},
		{"G D", func() { press("g", "d"); on("/promised") }},
		{"G S", func() { press("g", "s"); on("/snoozed") }},
		{"G Q", func() { press("g", "q"); on("/queue") }},
		{"N", func() { p.rows(); press("n"); p.toast("yours now"); press("z"); p.toast("Put back") }},
		{"I", func() { toCase(); press("i"); p.toast("You took") }},
		{"Z", func() { press("z"); p.toast("Undone"); press("i"); p.toast("You took") }},
		{"R", func() {
			press("r")
			writing()
			p.until(`document.querySelector('[role=tab][aria-selected=true]').innerText.startsWith('Public')`)
		}},
		{"D", func() {
			press("d")
			p.until(`document.querySelector('[role=tab][aria-selected=true]').innerText.startsWith('Direct')`)
			writing()
		}},
		{"M", func() {
			press("m")
			p.until(`document.querySelector('[role=tab][aria-selected=true]').innerText.startsWith('Note')`)
			writing()
		}},
		{"P", func() {
			press("p")
			p.until(`!!document.querySelector('dialog[open] form.ask')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"L", func() {
			press("l")
			p.until(`!!document.querySelector('dialog[open] input')`)
			press("keytag")
			p.chosen("Which tag?")
			p.toast("Tagged keytag")
		}},
		{"S", func() { press("s"); p.chosen("Until when?"); p.toast("Asleep"); press("z"); p.toast("Undone") }},
		{"T", func() { toCase(); press("t"); p.toast("translation") }},
		{"A", func() {
			press("a")
			p.until(`document.querySelector('dialog[open] input')?.placeholder === 'Who should have it?'`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"V", func() {
			p.eval(`window.opened = ''; window.open = url => { window.opened = url; return null }`)
			press("v")
			p.until(`window.opened.startsWith('https://')`)
		}},
		{"!", func() {
			press("!")
			p.chosen("Why is this no complaint of ours?")
			p.toast("Dismissed")
			press("z")
			p.toast("Undone")
		}},
		{"E", func() {
			toCase()
			press("e")
			p.chosen("How did it end?")
			p.toast("Resolved")
			press("z")
			p.toast("Undone")
		}},
		{"O", func() {
			toCase()
			press("o")
			p.until(`!!document.querySelector('dialog[open] input')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"C", func() {
			press("c")
			p.until(`!!document.querySelector('dialog[open] input')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"Ctrl /", func() {
			press("r")
			p.until(`document.activeElement.tagName === 'TEXTAREA'`)
			p.ctrl("/")
			p.until(`!!document.querySelector('dialog[open] input')`)
			press("\x1b")
			p.until(`!document.querySelector('dialog')`)
		}},
		{"Ctrl .", func() {
			p.write("I will write to you by tomorrow evening.")
			p.until(`!!document.querySelector('.offer')`)
			p.ctrl(".")
			p.until(`!!document.querySelector('.offer.on')`)
			p.ctrl("a")
			press("\b", "\x1b")
		}},
		{"Ctrl ↵", func() {
			toCase()
			p.until(`!!document.querySelector('.comp textarea')`)
			press("m")
			p.until(`document.activeElement.tagName === 'TEXTAREA'`)
			p.press("Sent by a key.")
			p.press("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl))
			p.until(`[...document.querySelectorAll('.note')].some(n => n.innerText.includes('Sent by a key.'))`)
			press("\x1b")
		}},
		{"Ctrl ⇧ ↵", func() {
			press("r")
			p.until(`document.activeElement.tagName === 'TEXTAREA'`)
			p.press("Sent and done.")
			p.press("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl|chromedp.ModifierShift))
			p.toast("resolved with it")
			press("z")
			p.toast("Taken back")
		}},
	}
	p.press("?")
	p.until(`!!document.querySelector('dialog[open] .keys')`)
	help := value[[]string](p, `[...document.querySelectorAll('.kr')].map(r => [...r.querySelectorAll('kbd')].map(k => k.innerText).join(' '))`)
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	for _, key := range help {
		if !slices.ContainsFunc(steps, func(s struct {
			keys string
			try  func()
		}) bool {
			return s.keys == key
		}) {
			t.Errorf("nobody tries the key %s", key)
		}
	}
	for _, s := range steps {
		if !slices.Contains(help, s.keys) {
			t.Errorf("the help does not name %s", s.keys)
		}
		s.try()
		if t.Failed() {
			t.Fatalf("at %s", strings.ReplaceAll(s.keys, " ", "+"))
		}
	}
}
