package browsertest

import "testing"

// Search and saved lists by keyboard: something is looked for with a typo in it
// and opened, and a list is kept under a name, renamed and deleted.
func TestSearchAndSavedLists(t *testing.T) {
	p := open(t, "Sol Ferro", "lead", "/queue", 1440, 900)
	p.rows()
	find := func() {
		p.press("/")
		p.until(`document.activeElement === document.querySelector('dialog[open] .seek input')`)
	}
	find()
	p.until(`!!document.querySelector('.seek .try')`)
	p.picture("search-empty")
	p.press("refnud")
	p.until(`document.querySelectorAll('.seek [role=option] mark').length > 0 && !!document.querySelector('.seek .near')`)
	p.picture("search-typo")
	p.check("search-typo-checked")
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	find()
	p.mayComplain("422")
	p.press("network:nowhere mood:silly ")
	p.until(`document.querySelector('.seek .none.bad')?.innerText.includes('calm')`)
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	find()
	p.press("refund")
	p.until(`document.querySelectorAll('.seek [role=option] mark').length > 1 && document.querySelector('.seek [role=listbox]').getAttribute('aria-busy') === 'false'`)
	p.picture("search-found")
	p.press("\r")
	p.until(`!document.querySelector('dialog') && location.pathname.includes('/cases/') || location.search.includes('author=')`)
	p.press("\x1b")

	p.show("/queue?severity=high")
	p.until(`document.querySelectorAll('.fch').length === 1`)
	p.eval(`[...document.querySelectorAll('.filters .btn')].find(b => b.innerText.includes('Save')).click()`)
	p.until(`!!document.querySelector('dialog[open] input')`)
	p.press("Hard ones")
	p.until(`document.querySelectorAll('dialog [role=option]').length === 2`)
	p.press("\r")
	p.until(`document.querySelector('.rail .saved a[aria-current=page]')?.innerText.includes('Hard ones')`)
	p.picture("saved-list")
	p.eval(`[...document.querySelectorAll('.filters .btn')].find(b => b.innerText.includes('Hard ones')).click()`)
	p.until(`!!document.querySelector('dialog[open] [role=option]')`)
	p.press("Delete")
	p.press("\r")
	p.until(`!document.querySelector('.rail .saved a')`)
}
