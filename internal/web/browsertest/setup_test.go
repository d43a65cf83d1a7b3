package browsertest

import (
	"fmt"
	"testing"
)

// What is set up, and trying it, in both themes, on a laptop and a phone,
// without an accessibility violation.
func TestSetup(t *testing.T) {
	p := open(t, "Lena Ott", "lead", "/setup", 390, 844)
	for _, width := range []int64{390, 1440} {
		p.size(width, map[int64]int64{390: 844, 1440: 900}[width])
		for _, theme := range []string{"light", "dark"} {
			p.theme(theme)
			for name, at := range map[string]string{
				"all": "/setup", "route": "/setup/routing?topic=billing&mood=angry&urgency=safety&at=2026-11-20T15:30:00Z", "deadline": "/setup/deadlines?policy=standard&at=2026-11-20T15:30:00Z",
			} {
				p.show(at)
				p.until(`!!document.querySelector('.tbl.set, .told')`)
				p.check(fmt.Sprintf("setup-%s-%d-%s", name, width, theme))
			}
		}
	}
}
