package browsertest

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// tap touches the middle of an element.
func (p *tab) tap(selector string) {
	p.t.Helper()
	p.until(`!!document.querySelector('` + selector + `')`)
	// Where it is once it stands still, and nothing covers it.
	at := value[[]float64](p, `new Promise((found, never) => {
  let last = '', end = Date.now() + `+strconv.FormatInt(patience.Milliseconds(), 10)+`
  const look = () => {
    const e = document.querySelector('`+selector+`')
    e?.scrollIntoView({block: 'nearest'})
    const r = e?.getBoundingClientRect(), at = r && [r.x + r.width / 2, r.y + r.height / 2]
    if (at && String(at) === last && e.contains(document.elementFromPoint(...at))) found(at)
    else if (Date.now() > end) never(new Error('it is at ' + at + ', under ' + document.elementFromPoint(...at ?? [0, 0])?.outerHTML.slice(0, 200)))
    else { last = String(at); setTimeout(look, 100) }
  }
  look()
})`)
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		if points == nil {
			points = []*input.TouchPoint{}
		}
		if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points}); err != nil {
			p.t.Fatal(err)
		}
	}
	touch("touchStart", &input.TouchPoint{X: at[0], Y: at[1]})
	touch("touchEnd")
}

// On a phone: open a case by touch, take it, answer, go back. Nothing is wider
// than the screen.
func TestTouch(t *testing.T) {
	p := open(t, "Tess Touch", "agent", "/queue", 390, 844)
	p.rows()
	narrow := func(where string) {
		t.Helper()
		if wide := value[int](p, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("%s is %d wide", where, wide)
		}
	}
	narrow("the list")
	p.tap(".bar .btn.pri")
	p.until(`location.pathname.startsWith('/cases/') && !!document.querySelector('.post')`)
	narrow("the case")
	p.picture("touch-case")
	p.tap(".bar .btn.ic")
	p.until(`location.pathname === '/queue'`)
	p.show("/cases/" + p.free())
	p.until(`!!document.querySelector('.post')`)
	p.tap(".comp textarea")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("Thank you for telling us.")
	p.until(`!document.querySelector('.cf .btn').disabled`)
	p.tap(".cf .btn")
	p.until(`document.querySelector('.ours .chip')?.innerText === 'waiting to be sent'`)
	p.clear("on a phone")
	p.picture("touch-toast")
	p.tap(".toast button")
	p.until(`[...document.querySelectorAll('.ours .chip')].some(c => c.innerText === 'taken back')`)
	p.tap(".bar .btn.ic")
	p.until(`location.pathname === '/queue'`)
	p.rows()
	p.tap(".row .who")
	p.until(`location.pathname.startsWith('/cases/')`)
}

// On a phone too cases are picked, and what can be done with them shows; the
// message at the bottom covers neither that nor what sends.
func TestPickOnAPhone(t *testing.T) {
	p := open(t, "Tip Toe", "lead", "/queue", 390, 844)
	p.rows()
	first := value[[]string](p, `[...document.querySelectorAll('.row')].slice(1, 3).map(r => r.id)`)
	for i, id := range first {
		p.tap("#" + id + " .bx")
		p.until(fmt.Sprintf(`document.querySelectorAll('.row[data-on]').length === %d && location.pathname === '/queue'`, i+1))
	}
	p.until(`document.querySelector('.bulk b')?.innerText.startsWith('2 ')`)
	in := `(e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth && r.height > 0 })`
	if !value[bool](p, `[...document.querySelectorAll('.bulk, .bulk .btn')].every(`+in+`)`) {
		t.Error("a part of the bar is off the screen")
	}
	if wide := value[int](p, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("it is %d wide", wide)
	}
	p.check("touch-bulk")
	p.theme("dark")
	p.check("touch-bulk-dark")
	p.theme("light")
	p.tap(".bulk .ic") // what else can be done
	p.until(`!!document.querySelector('dialog[open] [role=option]')`)
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	p.tap(".bulk .ic:last-child") // nothing picked any more
	p.until(`!document.querySelector('.bulk')`)
}

// clear says that the message covers no button of what is written.
func (p *tab) clear(where string) {
	p.t.Helper()
	p.until(`!!document.querySelector('.toast')`)
	if value[bool](p, `(() => { const a = document.querySelector('.toast').getBoundingClientRect(); return [...document.querySelectorAll('.comp .btn')].some(e => { const b = e.getBoundingClientRect(); return b.height > 0 && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom }) })()`) {
		p.t.Errorf("%s: the message covers a button", where)
	}
}
