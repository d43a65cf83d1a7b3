package browsertest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// paper lets the tab show what would be printed on A4 or letter, whose smaller
// width is meant.
func (p *tab) paper() {
	p.t.Helper()
	p.size(700, 1000)
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		p.t.Fatal(err)
	}
}

// print prints what the tab shows.
func (p *tab) print(name string) {
	p.t.Helper()
	r, err := chromedp.Call(p.ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		p.t.Fatal(err)
	}
	if !bytes.HasPrefix(r.Data, []byte("%PDF-")) {
		p.t.Errorf("%s is no PDF", name)
	}
	if *pictures != "" {
		if err := os.WriteFile(filepath.Join(*pictures, name+".pdf"), r.Data, 0o644); err != nil {
			p.t.Log(err)
		}
	}
}

// lost are the things of a page that paper would cut off, or that nobody could
// read on it.
const lost = `(() => {
	const wrong = []
	for (const e of document.querySelectorAll('main, main *')) {
		if (e.closest('svg') && e.tagName !== 'svg' || !e.checkVisibility()) continue
		const r = e.getBoundingClientRect(), s = getComputedStyle(e)
		if (r.width && (r.right > innerWidth + 1 || r.left < -1)) wrong.push('beyond the edge: ' + e.outerHTML.slice(0, 120))
		if (s.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1 && !e.closest('.heads')) wrong.push('cut: ' + e.outerHTML.slice(0, 120))
	}
	const [red, green, blue] = getComputedStyle(document.body).color.match(/[\d.]+/g).map(Number)
	if (red + green + blue > 250) wrong.push('light text: ' + getComputedStyle(document.body).color)
	return wrong.slice(0, 5)
})()`

// A printed report has everything on it, dark on white whatever the theme; and
// whoever printed it is told so when they ask the same again.
func TestPrintedReports(t *testing.T) {
	t.Parallel()
	p := open(t, "Pia Print", "lead", "/reports/now", 1440, 900)
	for _, name := range []string{"now", "response", "promises", "volume", "topics", "quality", "voice", "people"} {
		p.show("/reports/" + name + "?by=queue&days=90")
		p.eval(`document.documentElement.dataset.theme = 'dark'; 0`)
		p.paper()
		for _, l := range value[[]string](p, lost) {
			t.Errorf("%s: %s", name, l)
		}
		p.theme("light")
		p.size(1440, 900)
	}
	p.show("/reports/response?days=7")
	if value[bool](p, `document.body.innerText.includes('You printed')`) {
		t.Fatal("it is printed before it is")
	}
	p.print("paper-response")
	p.until(`fetch(location.href).then(r => r.text()).then(t => t.includes('You printed'))`)
	p.show("/reports/response?days=7")
	p.until(`document.querySelector('.strip-note').innerText.includes('You printed')`)
	if !value[bool](p, `!!document.querySelector('.strip-note a[href*="at="]')`) {
		t.Error("it leads to no figures as they were printed")
	}
}

// A case that is taken out as a page can be printed whole.
func TestPrintedCase(t *testing.T) {
	t.Parallel()
	p := open(t, "Cas Paper", "lead", "/queue", 1440, 900)
	p.rows()
	text := value[string](p, `fetch('/api/v1/cases?limit=1').then(r => r.json()).then(l => fetch('/cases/' + l.cases[0].id + '/export?format=html')).then(r => r.text())`)
	file := filepath.Join(t.TempDir(), "case.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, theme := range []string{"light", "dark"} {
		p.theme(theme)
		p.do(chromedp.Navigate("file://" + file))
		p.until(`!!document.querySelector('main h1')`)
		p.check(fmt.Sprintf("case-out-%s", theme))
	}
	p.paper()
	for _, l := range value[[]string](p, lost) {
		t.Error(l)
	}
	p.print("paper-case")
}
