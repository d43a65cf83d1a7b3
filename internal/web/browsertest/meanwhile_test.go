package browsertest

import (
	"fmt"
	"testing"
)

// What happens while the page waits for an answer of the API is newer than that
// answer, and is not lost.
func TestWhatHappensMeanwhile(t *testing.T) {
	t.Run("to a case that is read", func(t *testing.T) {
		p := open(t, "Mean While", "agent", "/queue", 1440, 900)
		id := p.free()
		p.holdBack("/draft$")
		p.show("/cases/" + id)
		p.until(`window.held`)
		p.w.run(t, "case", "note", id, "The lorry broke down, a second one leaves at noon.")
		p.toldOf(id)
		p.eval(`letGo()`)
		p.until(`document.querySelector('main, #desk').innerText.includes('a second one leaves at noon')`)
	})
	t.Run("to a list that is read", func(t *testing.T) {
		w, _ := connected(t) // where nobody else works, and the list is short
		p := enter(t, w, "Mean Time", "agent", "/queue", 1440, 900)
		p.until(`document.querySelectorAll('.row').length === 1`)
		id := value[string](p, `document.querySelector('.row').dataset.case`)
		p.holdBack("/cases[?]")
		p.show("/queue")
		p.until(`window.held`)
		p.w.run(t, "case", "snooze", id, "--for", "3h")
		p.toldOf(id)
		p.eval(`letGo()`)
		p.until(fmt.Sprintf(`!!document.querySelector('.row.left[data-case=%q]')`, id))
	})
}

// holdBack has the desk wait for an answer of the API that it asks for, until
// letGo is called in the page.
func (p *tab) holdBack(which string) {
	p.t.Helper()
	p.before(fmt.Sprintf(`{
  const which = new RegExp(%q), ask = window.fetch, passed = new Promise(done => { window.letGo = done })
  window.fetch = async (...what) => {
    const answer = await ask(...what)
    if (which.test(what[0].url ?? what[0])) { window.held = true; await passed }
    return answer
  }
  window.told = [] // what the page hears, by an ear of its own
  new BroadcastChannel('amends-desk').onmessage = e => told.push(e.data)
}`, which))
}

// toldOf waits until the page heard something of a case, and had the time to
// draw it.
func (p *tab) toldOf(id string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`told.some(m => m.kind === 'case' && m.data.case === %q)`, id))
	p.eval(`requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = true }))`)
	p.until(`window.drawn`)
}

// Who begins to write before the case is there finds it in the box.
func TestTypedAhead(t *testing.T) {
	p := open(t, "Ty Ahead", "agent", "/queue", 1440, 900)
	p.holdBack("/draft$")
	p.show("/queue")
	p.rows()
	p.until(`!!document.querySelector('.row[data-sel]')`)
	p.press("m")
	p.until(`window.held`)
	for _, r := range "a line is idle" {
		p.press(string(r))
	}
	p.eval(`letGo()`)
	p.until(`document.activeElement.tagName === 'TEXTAREA' && document.activeElement.value === 'a line is idle'`)
	if value[bool](p, `!!document.querySelector('dialog[open]')`) {
		t.Error("a letter was taken for a command")
	}
}
