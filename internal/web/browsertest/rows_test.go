package browsertest

import (
	"slices"
	"testing"
)

// A row says how much time is left as a person reads it, under the heading of
// its group; and how many follow who wrote.
func TestTimeLeftAndReach(t *testing.T) {
	p := open(t, "Tim Left", "agent", "/queue", 1440, 900)
	p.answering(`(path, b) => {
		if (!path.startsWith('/cases?')) return
		const set = [['critical', 130.5, 0], ['', -16.1 * 60, 7], ['', -180.5, 999], ['', -1.5, 1000], ['', 10.5, 12400], ['', 20.5, 99999], ['', 24.5 * 60, 104000], ['', 50 * 60, 2350000], ['', NaN, 3]]
		b.cases = b.cases.slice(0, set.length).map((c, i) => {
			const [lane, minutes, reach] = set[i], at = Date.now() + minutes * 60000
			const due = isNaN(at) ? undefined : {target: 'first_response', start_at: new Date(at - 1800000).toISOString(), at_risk_at: new Date(at).toISOString(), due_at: new Date(at).toISOString()}
			return {...c, lane: lane || 'ordinary', due, reach}
		})
		b.next = ''
	}`)
	p.show("/queue")
	p.until(`document.querySelectorAll('.row').length === 9`)
	for what, c := range map[string]struct {
		js   string
		want []string
	}{
		"groups": {`[...document.querySelectorAll('.grp')].map(g => g.innerText.replace(/\s+/g, ' '))`, []string{"Critical 1", "Past promise 3", "Due in 15 minutes 1", "Due within the hour 1", "Later 2", "No promise running 1"}},
		"reach":  {`[...document.querySelectorAll('.row .reach')].map(r => r.lastChild.textContent)`, []string{"–", "7", "999", "1K", "12.4K", "99.9K", "104K", "2.3M", "3"}},
		"tone":   {`[...document.querySelectorAll('.row .sla')].map(s => s.classList.contains('bad') ? 'bad' : s.classList.contains('warn') ? 'warn' : '')`, []string{"", "bad", "bad", "bad", "warn", "", "", "", ""}},
		"pill":   {`[...document.querySelectorAll('.row .sla')].map(s => s.children[1].innerText.replace(/:\d\d/, ':00'))`, []string{"2 h 10", "16 h late", "3 h 00 late", "1:00 late", "10:00", "20 min", "1 day", "2 days", "–"}},
		"spoken": {`[...document.querySelectorAll('.row .sla .sr')].map(s => s.innerText.replace(/:\d\d/, ':00'))`, []string{"2 h 10 left", "16 h past our promise", "3 h 00 past our promise", "1:00 past our promise", "10:00 left", "20 min left", "1 day left", "2 days left", "No promise is running"}},
	} {
		if got := value[[]string](p, c.js); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

// What is done to a case less often is in one menu, and taken back by the same
// key as everything else.
func TestRarerActs(t *testing.T) {
	p := open(t, "Rae Rer", "lead", "/queue", 1440, 900)
	id := p.mine()
	choose := func(what string) {
		t.Helper()
		p.eval(`document.querySelector('.bar [title=More]').click()`)
		p.until(`!!document.querySelector('dialog[open] .pal')`)
		p.press(what)
		p.until(`document.querySelector('[role=option][aria-selected=true]')?.innerText.startsWith('` + what + `')`)
		p.press("\r")
	}
	choose("Wait on somebody else")
	p.chosen("Wait on somebody else")
	p.until(`document.querySelector('dialog[open] input')?.placeholder.includes('when do we look again')`)
	p.press("\r")
	p.toast("Waiting on")
	p.until(`document.querySelector('.cu').innerText.includes('Waiting on')`)
	p.press("z")
	p.toast("Undone")

	p.eval(`[...document.querySelectorAll('.cu button')].find(b => b.innerText.includes('Note something')).click()`)
	p.chosen("Note something about them")
	p.until(`document.querySelector('dialog[open] input')?.placeholder === 'Call them'`)
	p.press("Doctor Ames")
	p.until(`!!document.querySelector('[role=option]')`)
	p.press("\r")
	p.until(`document.querySelector('.cu').innerText.includes('Doctor Ames') && document.querySelector('.cu').innerText.includes('noted by Rae Rer')`)

	p.eval(`[...document.querySelectorAll('.cu button')].find(b => b.innerText.includes('Note something')).click()`)
	p.until(`!!document.querySelector('dialog[open] .pal')`)
	p.press("Do not contact")
	p.until(`document.querySelectorAll('[role=option]').length === 1`)
	p.press("\r")
	p.chosen("How do we know?")
	p.until(`document.querySelector('.shut')?.innerText.includes('asked us not to contact') && document.querySelector('.cu .strip-note.bad')?.innerText.includes('do not want to hear from us')`)
	p.check("case-opted-out")
	p.press("z")
	p.toast("Undone")
	p.until(`!document.querySelector('.cu .strip-note.bad') && !!document.querySelector('.comp textarea')`)

	// Merged into another case and taken out again.
	other := value[string](p, `fetch('/api/v1/cases/`+p.another(id)+`').then(r => r.json()).then(c => String(c.number))`)
	choose("Merge into another case")
	p.until(`document.querySelector('dialog[open] input')?.placeholder.startsWith('In which case')`)
	p.press(other)
	p.until(`document.querySelector('[role=option]')?.innerText.includes('` + other + `')`)
	p.press("\r")
	p.toast("it goes on here")
	p.until(`document.querySelector('.bar .sub')?.innerText.includes('` + other + `') && document.querySelector('.cu').innerText.includes('goes on in this one')`)
	p.press("z")
	p.toast("Undone")
	p.until(`location.pathname === '/cases/` + id + `' && !!document.querySelector('.comp textarea')`)
}

// The text of who asked to be forgotten is gone from list and case, and both say
// so instead of failing.
func TestErased(t *testing.T) {
	p := open(t, "Era Sed", "agent", "/queue", 1440, 900)
	id := p.free()
	p.answering(`(path, b) => {
		const gone = c => { c.erased = true; c.excerpt = []; c.author = {key: c.author.key} }
		if (path.startsWith('/cases?')) b.cases.forEach(gone)
		if (path === '/cases/` + id + `') { gone(b); b.permission = undefined; b.mention_list.forEach(m => { m.erased = true; m.text = ''; m.shown = []; m.author = {key: m.author.key} }) }
	}`)
	p.show("/queue")
	p.until(`document.querySelector('.row .ex')?.innerText === 'The text is gone.' && document.querySelector('.row .who').innerText === 'Somebody'`)
	p.show("/cases/" + id)
	p.until(`document.querySelector('.post .pt')?.innerText === 'The text is gone.' && document.querySelector('.shut')?.innerText.includes('nothing left to answer')`)
}
