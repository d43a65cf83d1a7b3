package browsertest

import (
	"strings"
	"testing"
)

// button presses a button of the open form by what it says of itself.
func (p *tab) button(do string) {
	p.t.Helper()
	p.eval(`document.body.dataset.old = '1'`)
	p.until(`!!document.querySelector('.set-form button[value="` + do + `"]')`)
	p.eval(`document.querySelector('.set-form button[value="` + do + `"]').click()`)
	p.until(`document.readyState === 'complete' && !document.body.dataset.old`)
}

// A tree of routes is made in the console: rows are added and moved, it is tried
// before it is saved, an example that does not come out keeps it from being
// saved, and no word is lost meanwhile.
func TestRoutingInTheConsole(t *testing.T) {
	w := empty(t)
	p := enterBy(t, w, w.first, 1440, 900)
	p.mayComplain("status of 422") // a tree that was refused
	p.show("/setup/edit/queues")
	p.field("name", "billing")
	p.send("save")
	p.until(`location.pathname === '/setup'`)

	p.show("/setup/edit/routing")
	p.field("tree.routes.0.when.mood", "furious")
	p.field("tree.routes.0.lane", "critical")
	p.button("add:tree.routes")
	p.until(`location.hash === '#f-tree-routes-1' && document.querySelector('#f-tree-routes-1').open`)
	p.field("tree.routes.1.when.topic", "billing")
	p.field("tree.routes.1.queue", "billing")
	p.looked("row")
	p.button("add:tree.routes.1.routes")
	p.field("tree.routes.1.routes.0.when.severity", "high")
	p.field("tree.routes.1.routes.0.priority", "7")
	p.button("up:tree.routes.1")
	p.until(`document.querySelector('#f-tree-routes-0 > summary').innerText.includes('Topic: billing')`)
	p.field("try.topic", "billing")
	p.button("route")
	p.says(".trybox .kv", "billing")
	p.looked("tree")
	p.button("example")
	p.until(`document.querySelector('[name="examples.0.want"]').value === 'billing'`)
	p.field("examples.0.want", "care")
	p.button("save")
	p.says("main", "comes to queue")
	p.looked("tree-refused")
	p.field("examples.0.want", "billing")
	p.button("save")
	p.until(`location.pathname === '/setup' && document.querySelector('main').innerText.includes('severity=high')`)
	if said := string(w.run(t, "route", "topic=billing", "severity=high")); !strings.Contains(said, "priority 7") {
		t.Errorf("a command says %s", said)
	}
}

// What else was only in a file: working hours, turns, who gets what, lists, surveys.
func TestTheRestOfTheFile(t *testing.T) {
	w := empty(t)
	p := enterBy(t, w, w.first, 1440, 900)
	save := func(section string, fields ...string) {
		t.Helper()
		p.show("/setup/edit/" + section)
		for i := 0; i < len(fields); i += 2 {
			p.field(fields[i], fields[i+1])
		}
		p.looked("form-" + section)
		p.send("save")
		p.until(`location.pathname === '/setup'`)
	}
	save("calendars", "name", "office", "zone", "Europe/Berlin", "week.0.key", "mon-fri", "week.0.text", "09:00-12:00, 13:00-17:00",
		"holidays.0.date", "12-25", "exceptions.0.date", "12-24", "exceptions.0.hours", "09:00-12:00")
	save("on_call", "name", "first-line", "zone", "Europe/Berlin", "people", "ada\nbo", "since", "2026-12-07", "days", "7", "at", "8h")
	save("people", "name", "ada", "skills", "", "capacity", "12", "shift", "office")
	save("lists", "name", "vip", "authors", "bluesky/ana.example.org\nmastodon/@bo@example.org")
	save("fallbacks", "name", "en", "texts.0.key", "customer.name", "texts.0.text", "there")
	save("notices", "silences.0.why", "breached", "silences.0.from", "2026-12-24T12:00:00Z", "silences.0.until", "2026-12-27T08:00:00Z")
	p.until(`['office', 'mon-fri', 'first-line', 'ada, bo', 'vip', 'customer.name', 'silent about breached'].every(w => document.querySelector('main').textContent.includes(w))`)
	p.looked("all-set")
}
