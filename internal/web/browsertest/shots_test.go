package browsertest

import (
	"fmt"
	"testing"
)

// Every list on a laptop and on a phone, to be looked at: pictures, no checks.
// TestScreens has those, and the queue and a case at all widths and in both themes.
func TestShots(t *testing.T) {
	if *pictures == "" {
		t.Skip("takes pictures only with -pictures")
	}
	p := open(t, "Sana Khan", "lead", "/queue", 1440, 900)
	for _, list := range []string{"mine", "awaiting", "snoozed", "outside", "promised", "approve", "following", "resolved", "dismissed"} {
		p.show("/" + list)
		for _, width := range []int64{1440, 390} {
			p.size(width, map[int64]int64{390: 844, 1440: 900}[width])
			p.until(`!!document.querySelector('.row, .zero h2')`)
			p.picture(fmt.Sprintf("list-%s-%d", list, width))
		}
	}
}
