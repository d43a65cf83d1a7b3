package browsertest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// free finds a case that nobody has, on a network that takes our answers.
func (p *tab) free() string {
	p.t.Helper()
	p.rows()
	return p.another("")
}

// another finds one beside a case, without an answer of ours, sent or not, and in
// English if there is one. Where earlier tests have them all, one of theirs is given
// back.
func (p *tab) another(beside string) string {
	p.t.Helper()
	type row struct {
		ID, Assignee, Language, Network, Lane, Queue string
		Replies                                      int
	}
	all := value[[]row](p, `fetch('/api/v1/cases?state=needs&limit=200').then(r => r.json()).then(l => Promise.all(l.cases.filter(c => c.network === 'mastodon').map(async c => ({ID: c.id, Assignee: c.assignee ?? '', Language: c.language ?? '', Network: c.network, Lane: c.lane, Queue: c.queue,
		Replies: (await (await fetch('/api/v1/cases/' + c.id)).json()).reply_list.length}))))`)
	all = slices.DeleteFunc(all, func(r row) bool {
		return r.Network != "mastodon" || r.Lane == "critical" || r.Assignee != "" && !strings.HasPrefix(r.Assignee, "tester") || r.ID == beside
	})
	if len(all) == 0 {
		p.t.Fatal("there is no case for a test")
	}
	best := slices.MinFunc(all, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Replies, b.Replies), cmp.Compare(a.Assignee, b.Assignee), cmp.Compare(strings.TrimPrefix(a.Language, "en"), strings.TrimPrefix(b.Language, "en")))
	})
	if best.Assignee != "" {
		p.w.run(p.t, "case", "requeue", best.ID, map[bool]string{true: "billing", false: "service"}[best.Queue == "service"])
	}
	return best.ID
}

// Two people at one case: each sees the other, the second to take it is told
// who was quicker, and what they wrote is still there.
func TestTwoAgents(t *testing.T) {
	ada := open(t, "Ada First", "agent", "/queue", 1440, 900)
	bo := open(t, "Bo Second", "agent", "/queue", 1280, 800)
	bo.mayComplain("409")
	id := ada.free()
	ada.show("/cases/" + id)
	bo.show("/cases/" + id)
	ada.until(`document.querySelector('.others')?.innerText.includes('Bo Second has this open')`)
	bo.until(`!!document.querySelector('.comp textarea')`)
	bo.press("r")
	bo.until(`document.activeElement.tagName === 'TEXTAREA'`)
	bo.press("We are very sorry about this.")
	ada.until(`document.querySelector('.others')?.innerText.includes('Bo Second is writing')`)
	ada.picture("two-presence")

	ada.press("i")
	ada.until(`document.querySelector('.toast')?.innerText.includes('You took')`)
	bo.until(`document.querySelector('.others')?.innerText.includes('Ada First has this case')`)
	bo.press("\x1b")
	bo.press("i")
	bo.until(`document.querySelector('.toast.bad')?.innerText.startsWith('Ada First already has this case')`)
	bo.picture("two-conflict")
	bo.press("r")
	bo.until(`document.activeElement.tagName === 'TEXTAREA'`)
	bo.eval(`document.querySelector('.cf .btn:not(.pri)').click()`)
	bo.until(`document.querySelector('.toast.bad')?.innerText.includes('Your text is still here')`)
	if text := value[string](bo, `document.querySelector('.comp textarea').value`); text != "We are very sorry about this." {
		t.Errorf("the draft is %q", text)
	}
	bo.show("/cases/" + id)
	bo.until(`document.querySelector('.comp textarea')?.value === 'We are very sorry about this.'`)
	if n := value[int](bo, `document.querySelectorAll('.ours').length`); n != 0 {
		t.Errorf("%d replies were sent", n)
	}
}

// Signed out in the middle of a draft: it says so, keeps the text, and has it
// again after the next sign-in.
func TestSignedOutWhileWriting(t *testing.T) {
	p := open(t, "Sol Out", "agent", "/queue", 1440, 900)
	p.mayComplain("401")
	id := p.free()
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.comp textarea')`)
	cookies, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		if strings.Contains(c.Name, "amends") {
			if _, err := chromedp.Call(p.ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: c.Name, URL: p.w.url}); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("This took me ten minutes to write.")
	p.until(`document.querySelector('.strip-note.bad')?.innerText.includes('You are signed out')`)
	p.until(`document.querySelector('.tabs .count').innerText.includes('until you sign in')`)
	p.picture("signed-out")
	p.do(chromedp.Click(chromedp.CSS(`.strip-note.bad a`)))
	p.until(`location.pathname === '/sign-in' && !!document.querySelector('input[type=password]')`)
	name := p.name
	p.eval(`document.querySelector('input[name=name], input[name=username]').value = ` + "'" + name + "'" + `; document.querySelector('input[type=password]').value = '` + password + `'; document.querySelector('main form:not(.theme)').requestSubmit()`)
	p.until(`location.pathname.startsWith('/cases/') && document.querySelector('.comp textarea')?.value === 'This took me ten minutes to write.'`)
	p.until(`document.querySelector('.tabs .count').innerText === 'Draft kept'`)
}
