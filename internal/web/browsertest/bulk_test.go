package browsertest

import "testing"

// All that match means all, also what is not loaded; what was done is taken back
// as one.
func TestAllThatMatch(t *testing.T) {
	p := open(t, "Bela Many", "lead", "/resolved", 1440, 900)
	p.rows()
	all := value[int](p, `fetch('/api/v1/count?state=resolved').then(r => r.json()).then(c => c.count)`)
	if all <= 200 {
		t.Fatalf("only %d cases are resolved: all of them are loaded", all)
	}
	p.press("x")
	p.until(`document.querySelector('.bulk')?.innerText.includes('Select all')`)
	p.until(`[...document.querySelectorAll('.bulk button')].some(b => /Select all \d+ that match/.test(b.innerText))`)
	p.picture("bulk-offer")
	p.eval(`[...document.querySelectorAll('.bulk button')].find(b => b.innerText.includes('that match')).click()`)
	p.until(`parseInt(document.querySelector('.bulk b').innerText) > 200`)
	p.picture("bulk-all")
	p.check("all that match")
	p.press("l")
	p.until(`document.activeElement.tagName === 'INPUT'`)
	p.press("swept up")
	p.press("\r")
	p.until(`/\d{3,} cases/.test(document.querySelector('.toast')?.innerText) && !!document.querySelector('.toast button')`)
	p.picture("bulk-done")
	tagged := `fetch('/api/v1/count?state=resolved&tag=swept+up').then(r => r.json()).then(c => c.count)`
	if n := value[int](p, tagged); n < all {
		t.Errorf("%d of %d were tagged", n, all)
	}
	p.press("z")
	p.until(`document.querySelector('.toast')?.innerText.includes('Undone')`)
	if n := value[int](p, tagged); n != 0 {
		t.Errorf("%d are tagged after the undo", n)
	}
}
