package browsertest

import (
	"fmt"
	"testing"
)

// Every report, in both themes, on a laptop, a small one and a phone, without an
// accessibility violation; a number leads to its cases.
func TestReports(t *testing.T) {
	p := open(t, "Lena Ott", "lead", "/reports/now", 390, 844)
	for _, width := range []int64{390, 1024, 1440} {
		p.size(width, map[int64]int64{390: 844, 1024: 768, 1440: 900}[width])
		for _, theme := range []string{"light", "dark"} {
			if width == 1024 && theme == "dark" {
				continue // its colours are those of the others
			}
			p.theme(theme)
			for _, name := range []string{"now", "response", "promises", "volume", "topics", "quality", "voice", "people"} {
				p.show("/reports/" + name + "?with=demo&with=imported&with=late&by=queue")
				p.until(`!!document.querySelector('.rep .card')`)
				p.check(fmt.Sprintf("report-%s-%d-%s", name, width, theme))
			}
			p.show("/reports/response?with=demo&with=imported&with=late")
			p.until(`!!document.querySelector('.figs a.fig')`)
			p.check(fmt.Sprintf("report-plain-%d-%s", width, theme))
			p.eval(`document.querySelector('.figs a.fig').click(); 0`)
			p.until(`!!document.querySelector('[data-cases]')`)
			p.check(fmt.Sprintf("report-cases-%d-%s", width, theme))
		}
	}
}
