package browsertest

import (
	"fmt"
	"testing"
)

// Every screen, in both themes and four widths, without an accessibility
// violation.
func TestScreens(t *testing.T) {
	t.Parallel()
	for _, group := range [][]int64{{390}, {1024, 1440, 1920}} { // a phone, and a window that is made wider
		var p *tab
		for _, width := range group {
			height := map[int64]int64{390: 844, 1024: 768, 1440: 900, 1920: 1080}[width]
			if p == nil {
				p = open(t, "Mara Ling", "lead", "/queue", width, height)
			} else {
				p.size(width, height)
			}
			for _, theme := range []string{"light", "dark"} {
				p.theme(theme)
				at := fmt.Sprintf("%d-%s", width, theme)
				p.show("/queue")
				p.rows()
				p.check("queue-" + at)
				if width > 1000 {
					p.press(" ")
					p.until(`!!document.querySelector('.pk .pm')`)
					p.check("peek-" + at)
					p.press(" ")
				}
				p.press("?")
				p.until(`!!document.querySelector('dialog[open] .keys')`)
				p.check("keys-" + at)
				p.press("\x1b")
				p.until(`!document.querySelector('dialog')`)
				p.press("/")
				p.until(`!!document.querySelector('dialog[open] .pal')`)
				p.check("palette-" + at)
				p.press("\x1b")
				p.until(`!document.querySelector('dialog')`)
				p.press("\r")
				p.until(`!!document.querySelector('.post')`)
				p.check("case-" + at)
				p.show("/queue?topic=nothing-like-this")
				p.until(`!!document.querySelector('.zero h2')`)
				p.check("empty-" + at)
			}
		}
	}
}
