package browsertest

import "testing"

// A draft that could not be read is asked for again; what was written meanwhile
// goes behind it, and nothing is put over it.
func TestADraftComesLate(t *testing.T) {
	p := open(t, "Lata Draft", "agent", "/queue", 1440, 900)
	p.mayComplain("503")
	id := p.free()
	p.eval(`fetch('/api/v1/cases/` + id + `/draft', {method: 'PUT', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({text: 'Written before.'})})`)
	p.before(`{ const real = window.fetch; let once = true
		window.fetch = (at, init) => { if (once && String(at).endsWith('/draft') && (init?.method ?? 'GET') === 'GET') { once = false; return Promise.reject(new TypeError('lost')) } return real(at, init) } }`)
	p.show("/cases/" + id)
	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("And this.")
	p.until(`document.querySelector('.comp textarea').value === 'Written before.\nAnd this.'`)
	p.until(`fetch('/api/v1/cases/` + id + `/draft').then(r => r.json()).then(d => d.text === 'Written before.\nAnd this.')`)
}

// A lead promises a case by another policy, and sees before what it comes to.
func TestAnotherPolicy(t *testing.T) {
	p := open(t, "Polly Cy", "lead", "/queue", 1440, 900)
	p.show("/cases/" + p.free())
	p.until(`!!document.querySelector('.clocks')`)
	p.eval(`[...document.querySelectorAll('.cu .btn')].find(b => b.innerText.includes('another policy')).click()`)
	p.until(`[...document.querySelectorAll('[role=option]')].some(o => o.innerText.includes('(now)')) && [...document.querySelectorAll('[role=option] small')].some(o => o.innerText.includes('Resolution:') || o.innerText.includes('resolution:'))`)
	p.check("policies")
	p.press("fast")
	p.until(`document.querySelector('[role=option][aria-selected=true]')?.innerText.includes('fast')`)
	p.press("\r")
	p.toast("Promised by fast")
	p.until(`document.querySelector('.cu').innerText.includes('Promised by the policy fast')`)
	p.press("z")
	p.until(`!document.querySelector('.cu').innerText.includes('Promised by the policy fast')`)
}
