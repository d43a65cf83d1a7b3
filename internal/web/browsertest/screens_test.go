package browsertest

import (
	"fmt"
	"testing"
)

// Every screen, in both themes and three widths, without an accessibility
// violation.
func TestScreens(t *testing.T) {
	for _, width := range []int64{390, 1440, 1920} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			height := map[int64]int64{390: 844, 1440: 900, 1920: 1080}[width]
			p := open(t, "Mara Ling", "lead", "/queue", width, height)
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
		})
	}
}
