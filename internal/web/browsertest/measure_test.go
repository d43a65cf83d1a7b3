package browsertest

import (
	"encoding/json"
	"flag"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var measure = flag.Bool("measure", false, "measure the desk, together with -running")

// rowsSeen notes when the first row was there.
const rowsSeen = `new MutationObserver((_, o) => { if (document.querySelector('.row')) { window.rowsAt = performance.now(); o.disconnect() } }).observe(document, {childList: true, subtree: true})`

// figures are taken within the page: milliseconds.
const figures = `(async () => {
	const painted = () => new Promise(r => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => r(performance.now()); c.port2.postMessage(0) }))
	const at = (list, p) => +list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(p * list.length))].toFixed(1)
	const keys = []
	for (let i = 0; i < 120; i++) {
		const t = performance.now()
		document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', bubbles: true, cancelable: true}))
		keys.push(await painted() - t)
	}
	// A change by the API until it is on screen: request, commit, event, paint.
	const live = []
	for (let i = 0; i < 20; i++) {
		const row = document.querySelector('.row[data-sel]'), id = row.dataset.case, was = row.querySelector('.as').innerText
		const seen = new Promise(r => { const o = new MutationObserver(() => { if (row.querySelector('.as').innerText !== was) { o.disconnect(); painted().then(r) } }); o.observe(row, {childList: true, subtree: true, characterData: true}) })
		const t = performance.now()
		fetch('/api/v1/cases/' + id + '/' + (i % 2 ? 'release' : 'claim'), {method: 'POST'})
		live.push(await seen - t)
	}
	// A thousand events of other people at once, as another tab would pass them on.
	const channel = new BroadcastChannel('amends-desk'), ids = (await (await fetch('/api/v1/cases?state=needs&limit=200')).json()).cases
	const bursts = []
	let seq = 1e9
	for (let n = 0; n < 10; n++) {
		const t = performance.now()
		for (let i = 0; i < 1000; i++) {
			const c = ids[i % ids.length]
			channel.postMessage({kind: 'case', id: String(seq++), data: {case: c.id, number: c.number, by: 'agent/x', kinds: ['assigned'], state: 'claimed', queue: c.queue, lane: c.lane, assignee: 'burst' + n, needs: true, due_at: c.due && c.due.due_at}})
		}
		const shown = () => [...document.querySelectorAll('.row')].some(r => r.innerText.includes('burst' + n))
		while (!shown()) await painted()
		bursts.push(await painted() - t)
	}
	const paint = performance.getEntriesByName('first-contentful-paint')[0]
	return JSON.stringify({
		first_paint: Math.round(paint ? paint.startTime : -1), rows: Math.round(window.rowsAt), key_p50: at(keys, .5), key_p95: at(keys, .95),
		live_p50: at(live, .5), live_p95: at(live, .95), burst_p50: at(bursts, .5), burst_p95: at(bursts, .95),
		drawn: document.querySelectorAll('.row').length, heap_mb: Math.round(performance.memory.usedJSHeapSize / 1e5) / 10, count: document.querySelector('.bar .sub').innerText,
	})
})()`

// Figures of the desk over a folder with many cases. Not a test: nothing fails
// by being slow.
func TestMeasure(t *testing.T) {
	if !*measure {
		t.Skip("measures only with -measure")
	}
	p := open(t, "Mo Swift", "agent", "/queue", 1440, 900)
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: rowsSeen}); err != nil {
		t.Fatal(err)
	}
	for _, slow := range []float64{1, 4} {
		if _, err := chromedp.Call(p.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slow}); err != nil {
			t.Fatal(err)
		}
		p.show("/queue")
		p.rows()
		var out map[string]any
		if err := json.Unmarshal([]byte(value[string](p, figures)), &out); err != nil {
			t.Fatal(err)
		}
		t.Logf("CPU %v× slower: %v", slow, out)
	}
}
