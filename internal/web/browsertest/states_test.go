package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// before runs a script in each page that is opened from now on, before its own.
func (p *tab) before(js string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js}); err != nil {
		p.t.Fatal(err)
	}
}

// answering changes what the API answers with, for states that the demo is never
// in: change is a function of the path and the answer's body.
func (p *tab) answering(change string) {
	p.t.Helper()
	p.before(`{ const real = window.fetch, change = ` + change + `
		window.fetch = async (at, init) => {
			const r = await real(at, init)
			if (!String(at).startsWith('/api/v1/') || (init?.method ?? 'GET') !== 'GET' || !r.ok || r.status === 204) return r
			const body = await r.json()
			return new Response(JSON.stringify(await change(String(at).slice(7), body) ?? body), {status: r.status, headers: r.headers})
		} }`)
}

// connected plugs the network in or out, as the page sees it.
func (p *tab) connected(is bool) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: !is, DownloadThroughput: -1, UploadThroughput: -1}}})
	if err == nil {
		_, err = chromedp.Call(p.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !is, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// Offline in the middle of an answer: it says so, keeps the text, and has it on
// the server once there is a connection again.
func TestOffline(t *testing.T) {
	p := open(t, "Ofelia Line", "agent", "/queue", 1440, 900)
	p.mayComplain("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
	id := p.free()
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.comp textarea')`)
	p.connected(false)
	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("Written in a tunnel.")
	p.until(`document.querySelector('.strip-note.bad')?.innerText.includes('No connection')`)
	p.until(`document.querySelector('.tabs .count').innerText.startsWith('Draft not kept yet')`)
	p.check("state-offline")
	p.eval(`document.querySelector('.cf .btn:not(.pri)').click()`)
	p.until(`document.querySelector('.toast.bad')?.innerText.includes('Your text is still here')`)
	p.connected(true)
	p.until(`document.querySelector('.tabs .count').innerText === 'Draft kept'`)
	p.until(`!document.querySelector('.strip-note.bad')`)
	if n := value[int](p, `document.querySelectorAll('.ours').length`); n != 0 {
		t.Errorf("%d replies were sent", n)
	}
}

// The stream breaks: what is on screen may be old, and it says so until it lives.
func TestReconnecting(t *testing.T) {
	p := open(t, "Rea Connect", "agent", "/queue", 1440, 900)
	p.rows()
	p.eval(`window.other = new BroadcastChannel('amends-desk'); other.postMessage({kind: 'lost', id: '', data: null})`)
	p.until(`document.querySelector('.strip-note')?.innerText.includes('What you see may be old')`)
	p.until(`document.querySelector('[data-live-text]').innerText === 'Not live'`)
	p.check("state-reconnecting")
	p.eval(`other.postMessage({kind: 'open', id: '', data: null})`)
	p.until(`!document.querySelector('.strip-note[role=status]')?.innerText.includes('may be old') && document.querySelector('[data-live-text]').innerText.startsWith('Live')`)
}

// Who may only read can read everything, is offered nothing that changes a case,
// and is told so where a key would.
func TestNoPermission(t *testing.T) {
	p := open(t, "Vi Ewer", "viewer", "/queue", 1440, 900)
	id := p.free()
	if n := value[int](p, `document.querySelectorAll('.bar .btn.pri').length`); n != 0 {
		t.Error("a viewer is offered the next case")
	}
	p.press("e")
	p.toast("Your role does not allow this")
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.post') && document.querySelector('.comp')?.innerText.includes('You can read this case')`)
	p.check("state-viewer")
	if left := value[[]string](p, `[...document.querySelectorAll('.bar .btn:not(.ic), .comp textarea, .cu button:not(.link)')].map(b => b.outerHTML)`); len(left) != 0 {
		t.Errorf("a viewer is offered %q", left)
	}
	p.mayComplain("403")
	if status := value[int](p, `fetch('/api/v1/cases/`+id+`/claim', {method: 'POST'}).then(r => r.status)`); status != 403 {
		t.Errorf("claiming: %d", status)
	}
}

// A reply that failed says why; one of which nobody knows asks a person.
func TestFailedAndUnknownReplies(t *testing.T) {
	p := open(t, "Una Sent", "agent", "/queue", 1440, 900)
	id := p.free()
	p.answering(`(path, b) => { if (path === '/cases/` + id + `') b.reply_list = [
		{n: 1, state: 'failed', by: 'agent/x', text: 'One.', shown: [{text: 'One.'}], requested_at: b.opened_at, tries: 3, why: 'not_there'},
		{n: 2, state: 'unknown', by: 'agent/x', text: 'Two.', shown: [{text: 'Two.'}], requested_at: b.opened_at, tries: 1, looks: 2}]
		if (path.startsWith('/cases?')) b.cases.slice(0, 2).forEach((c, i) => { c.reply = ['failed', 'unknown'][i] }) }`)
	p.show("/queue")
	p.rows()
	p.until(`document.querySelector('.q').innerText.includes('reply failed') && document.querySelector('.q').innerText.includes('reply unknown')`)
	p.show("/cases/" + id)
	p.until(`document.querySelector('.ours.failed')?.innerText.includes('it is not on the network')`)
	p.until(`document.querySelector('.ours.unknown')?.innerText.includes('Nobody knows whether it arrived; looked 2 times')`)
	p.until(`[...document.querySelectorAll('.ours.unknown .btn')].map(b => b.innerText).join() === 'It is there,It is not'`)
	p.check("state-replies")
}

// A source that hears nothing and a desk that is held are said on every list.
func TestBlindAndHeld(t *testing.T) {
	p := open(t, "Bly Nd", "admin", "/queue", 1440, 900)
	p.answering(`(path, b) => { if (path === '/sources') b.sources[0].troubles = [{kind: 'stopped', why: 'The key has expired.', blinding: true}]; if (path === '/me') b.held = 'restored from a backup' }`)
	p.show("/queue")
	p.rows()
	p.until(`[...document.querySelectorAll('.strip-note.bad')].some(n => n.innerText.includes('is stopped') && n.innerText.includes('The key has expired.'))`)
	p.until(`[...document.querySelectorAll('.strip-note.bad')].some(n => n.innerText.includes('nothing is read or sent') && n.querySelector('button')?.innerText === 'Release it')`)
	p.check("state-blind")
}

// Nothing to show is said with what to do next; what takes long shows a skeleton,
// and what doesn't shows none.
func TestEmptyAndLoading(t *testing.T) {
	p := open(t, "Em Pty", "agent", "/mine", 1440, 900)
	p.until(`document.querySelector('.zero h2')?.innerText === 'You have no open case.' && !!document.querySelector('.zero .btn')`)
	p.check("state-empty")
	const watch = `addEventListener('DOMContentLoaded', () => { new MutationObserver(() => {
		if (document.querySelector('.filters')) window.framedAt ??= performance.now()
		if (document.querySelector('.skeleton')) window.bonesAt ??= performance.now()
	}).observe(document, {childList: true, subtree: true}) })`
	p.before(watch)
	p.answering(`async path => { if (path.startsWith('/cases?')) await new Promise(r => { window.goOn = r; if (!location.search.includes('tag=slow')) r() }) }`)
	p.show("/queue?tag=slow")
	p.until(`window.bonesAt > 0 && !!document.querySelector('.skeleton .bone')`)
	if !value[bool](p, `window.bonesAt > window.framedAt`) {
		t.Error("the skeleton shows at once")
	}
	p.check("state-loading")
	p.eval(`window.goOn()`)
	p.until(`!document.querySelector('.skeleton') && document.querySelector('.zero h2')?.innerText === 'Nothing fits these filters.'`)
}

// A list or a case that can't be had says so, and tries again when asked.
func TestListAndCaseThatFail(t *testing.T) {
	p := open(t, "Fay Led", "agent", "/queue", 1440, 900)
	p.rows()
	p.mayComplain("404", "ERR_INTERNET_DISCONNECTED")
	p.show("/cases/AAAAAAAAAAAAAAAAAAAAAAAAAA")
	p.until(`document.readyState === 'complete' && document.body.innerText.includes('There is no such case')`)
	p.show("/queue")
	p.rows()
	p.connected(false)
	p.press("g")
	p.press("s")
	p.until(`document.querySelector('.zero h2')?.innerText.includes('be shown')`)
	p.check("state-list-failed")
	p.connected(true)
	p.do(chromedp.Click(chromedp.CSS(`.zero .btn`)))
	p.until(`!!document.querySelector('.row') || document.querySelector('.zero h2')?.innerText === 'Nothing is asleep.'`)
}
