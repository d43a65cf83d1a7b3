package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// The whole way by keyboard alone: take the next case, note, reply, take it
// back, reply and resolve, undo, back to the list.
func TestKeyboard(t *testing.T) {
	p := open(t, "Kit Osei", "lead", "/queue", 1440, 900)
	p.rows()
	p.until(`!!document.querySelector('.row[data-sel]')`)
	p.press("j")
	p.press("j")
	p.until(`document.querySelectorAll('.row')[2].hasAttribute('data-sel')`)
	p.press("k")
	p.until(`document.querySelectorAll('.row')[1].hasAttribute('data-sel')`)

	// What it does is in the help, and typing is no command.
	p.press("?")
	p.until(`!!document.querySelector('dialog[open] .keys')`)
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)

	p.press("n")
	p.until(`location.pathname.startsWith('/cases/') && !!document.querySelector('.post')`)
	p.until(`document.querySelector('.toast')?.innerText.includes('yours')`)

	// That one may be on a network that takes answers by hand only.
	p.press("\x1b")
	p.until(`location.pathname === '/queue'`)
	id := p.free()
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.post')`)
	p.press("i")
	p.until(`document.querySelector('.toast')?.innerText.includes('You took')`)

	p.press("m")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("I look into it. jkrz")
	p.press("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.until(`document.querySelector('.note')?.innerText.includes('jkrz')`)
	p.press("\x1b") // out of the box

	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA' && document.querySelector('[role=tab][aria-selected=true]').innerText.startsWith('Public')`)
	p.press("I am sorry. I am on it.")
	p.until(`document.querySelector('.tabs .count').innerText === 'Draft kept'`)
	p.press("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.until(`document.querySelector('.ours .chip')?.innerText === 'waiting to be sent'`)
	p.picture("keyboard-reply")
	p.press("\x1b")
	p.press("z")
	p.until(`[...document.querySelectorAll('.ours .chip')].some(c => c.innerText === 'taken back')`)
	p.until(`document.querySelector('.comp textarea').value === 'I am sorry. I am on it.'`)

	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl|chromedp.ModifierShift))
	p.until(`location.pathname === '/queue'`)
	p.rows()
	p.until(`document.querySelector('.toast')?.innerText.includes('on its way')`)
	p.press("z")
	p.until(`location.pathname.startsWith('/cases/')`)
	p.until(`document.querySelector('.comp textarea')?.value === 'I am sorry. I am on it.'`)

	// Resolved without a word, and taken up again.
	p.press("e")
	p.until(`!!document.querySelector('dialog[open] [role=option]')`)
	p.press("\r")
	p.until(`!!document.querySelector('.shut')`)
	p.until(`document.querySelector('.toast')?.innerText.includes('Resolved')`)
	p.press("z")
	p.until(`!document.querySelector('.shut')`)
	p.press("\x1b")
	p.until(`location.pathname === '/queue'`)
	p.rows()

	// Several at once.
	p.press("x")
	p.press("j")
	p.press("x")
	p.until(`document.querySelector('.bulk')?.innerText.includes('2 selected')`)
	p.picture("keyboard-bulk")
	p.press("\x1b")
	p.until(`!document.querySelector('.bulk')`)

	// Filters, and elsewhere.
	p.press("f")
	p.until(`!!document.querySelector('dialog[open]')`)
	p.press("topic")
	p.press("\r")
	p.until(`document.querySelector('dialog[open] input')?.placeholder === 'Topic'`)
	p.press("\r")
	p.until(`!!document.querySelector('.fch') && location.search.startsWith('?topic=')`)
	p.rows()
	p.picture("keyboard-filtered")
	p.press("g")
	p.press("m")
	p.until(`location.pathname === '/mine' && !!document.querySelector('.row')`)
	p.press("g")
	p.press("q")
	p.until(`location.pathname === '/queue'`)
	p.press("k", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.until(`!!document.querySelector('dialog[open] .pal')`)
	p.press("resolved")
	p.until(`document.querySelector('[role=option]')?.innerText.includes('Resolved')`)
	p.press("\r")
	p.until(`location.pathname === '/resolved'`)
}

// Keys can be turned off.
func TestKeysOff(t *testing.T) {
	p := open(t, "Una Keys", "agent", "/queue", 1440, 900)
	p.rows()
	p.press("?")
	p.until(`!!document.querySelector('dialog[open] input[type=checkbox]')`)
	p.do(chromedp.Click(chromedp.CSS(`dialog input[type=checkbox]`)))
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	p.until(`!document.documentElement.classList.contains('keys-on')`)
	was := value[string](p, `document.querySelector('.row[data-sel]').dataset.case`)
	p.press("j")
	p.press("n")
	if now := value[string](p, `document.querySelector('.row[data-sel]').dataset.case + location.pathname`); now != was+"/queue" {
		t.Errorf("keys still work: %s was %s", now, was)
	}
}
