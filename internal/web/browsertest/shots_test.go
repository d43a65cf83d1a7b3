package browsertest

import (
	"fmt"
	"testing"
)

// Every list and a case at three widths and in both themes, to be looked at:
// pictures, no checks. TestScreens has those.
func TestShots(t *testing.T) {
	if *pictures == "" {
		t.Skip("takes pictures only with -pictures")
	}
	for _, width := range []int64{1440, 1024, 390} {
		height := map[int64]int64{390: 844, 1024: 768, 1440: 900}[width]
		p := open(t, "Sana Khan", "lead", "/queue", width, height)
		p.rows()
		id := p.free()
		for _, theme := range []string{"light", "dark"} {
			p.theme(theme)
			for _, list := range []string{"queue", "mine", "awaiting", "snoozed", "outside", "promised", "resolved", "dismissed"} {
				p.show("/" + list)
				p.until(`!!document.querySelector('.row, .zero h2')`)
				p.picture(fmt.Sprintf("list-%s-%d-%s", list, width, theme))
			}
			p.show("/cases/" + id)
			p.until(`!!document.querySelector('.post')`)
			p.picture(fmt.Sprintf("case-%d-%s", width, theme))
		}
	}
}
