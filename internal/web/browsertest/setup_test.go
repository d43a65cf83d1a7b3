package browsertest

import "testing"

// What is set up, and trying it, in both themes, on laptops and a phone, without
// an accessibility violation.
func TestSetup(t *testing.T) {
	t.Parallel()
	p := open(t, "Lena Ott", "lead", "/setup", 390, 844)
	for name, at := range map[string]string{
		"all": "/setup", "route": "/setup/routing?topic=billing&mood=angry&urgency=safety&at=2026-11-20T15:30:00Z", "deadline": "/setup/deadlines?policy=standard&at=2026-11-20T15:30:00Z",
	} {
		p.show(at)
		p.until(`!!document.querySelector('.tbl.set, .told')`)
		p.everywhere("setup-" + name)
	}
}
