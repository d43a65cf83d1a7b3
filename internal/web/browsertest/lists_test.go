package browsertest

import "testing"

// Each list of the rail is the desk's own: its link leads to a list of that name.
func TestListsOfTheRail(t *testing.T) {
	p := open(t, "Lis Tanner", "agent", "/queue", 1440, 900)
	names := value[map[string]string](p, `Object.fromEntries([...document.querySelectorAll('nav a[href^="/"]')]
		.filter(a => !a.search && ['queue', 'mine', 'awaiting', 'snoozed', 'outside', 'promised', 'resolved', 'dismissed'].includes(a.pathname.slice(1))).map(a => [a.pathname, [...a.childNodes].filter(n => !n.classList?.contains('n')).map(n => n.textContent).join('').trim()]))`)
	if _, there := names["/outside"]; !there || len(names) != 8 {
		t.Fatalf("the rail leads to %v", names)
	}
	for path, name := range names {
		p.show(path)
		if got := value[string](p, `document.querySelector('h1').textContent`); got != name {
			t.Errorf("%s, which the rail calls %q, shows %q", path, name, got)
		}
	}
}
