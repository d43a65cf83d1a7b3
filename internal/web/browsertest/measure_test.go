package browsertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var measure = flag.Int("measure", 0, "measure the desk with so many open cases")

// rowsSeen notes when the first row was there.
const rowsSeen = `new MutationObserver((_, o) => { if (document.querySelector('.row')) { window.rowsAt = performance.now(); o.disconnect() } }).observe(document, {childList: true, subtree: true})`

// figures are taken within the page: milliseconds.
const figures = `(async () => {
	const painted = () => new Promise(r => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => r(performance.now()); c.port2.postMessage(0) }))
	const at = (list, p) => +list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(p * list.length))].toFixed(1)
	const keys = [], frames = [] // an empty frame tells what the machine itself takes
	for (let i = 0; i < 60; i++) {
		const t = performance.now()
		frames.push(await painted() - t)
	}
	for (let i = 0; i < 120; i++) {
		const t = performance.now()
		document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', bubbles: true, cancelable: true}))
		keys.push(await painted() - t)
	}
	// A change by the API until it is on screen: request, commit, event, paint.
	const live = []
	for (let i = 0; i < 20; i++) {
		const row = i % 2 ? window.mine : [...document.querySelectorAll('.row')].find(r => r.querySelector('.nobody')), id = row.dataset.case, was = row.querySelector('.as').innerText
		window.mine = row
		const seen = new Promise(r => { const o = new MutationObserver(() => { if (row.querySelector('.as').innerText !== was) { o.disconnect(); painted().then(r) } }); o.observe(row, {childList: true, subtree: true, characterData: true}) })
		const t = performance.now()
		fetch('/api/v1/cases/' + id + '/' + (i % 2 ? 'release' : 'claim'), {method: 'POST'})
		live.push(await seen - t)
	}
	// A thousand events of other people at once, as another tab would pass them on.
	const channel = new BroadcastChannel('amends-desk'), ids = (await (await fetch('/api/v1/cases?state=needs&limit=200')).json()).cases
	let seq = 1e9, last = 0
	window.bursts = async times => {
		const took = []
		for (const end = last + times; last < end; last++) {
			const t = performance.now()
			for (let i = 0; i < 1000; i++) {
				const c = ids[i % ids.length]
				channel.postMessage({kind: 'case', id: String(seq++), data: {case: c.id, number: c.number, by: 'agent/x', kinds: ['assigned'], state: 'claimed', queue: c.queue, lane: c.lane, assignee: 'burst' + last, needs: true, due_at: c.due && c.due.due_at}})
			}
			const shown = () => [...document.querySelectorAll('.row')].some(r => r.innerText.includes('burst' + last))
			while (!shown()) await painted()
			took.push(await painted() - t)
		}
		return took
	}
	const bursts = await window.bursts(10)
	const paint = performance.getEntriesByName('first-contentful-paint')[0], own = e => e.name.includes(location.origin)
	const page = performance.getEntriesByType('navigation')[0], all = performance.getEntriesByType('resource').filter(own), first = all.filter(e => e.startTime <= window.rowsAt)
	const list = all.find(e => e.name.includes('/api/v1/cases?') && e.name.includes('limit=80'))
	return JSON.stringify({
		page: page.responseStart - page.requestStart, list: list.responseStart - list.requestStart, weight: (page.transferSize + first.reduce((n, e) => n + e.transferSize, 0)) / 1024,
		paint: paint ? paint.startTime : -1, rows: window.rowsAt, frame: at(frames, .5), key50: at(keys, .5), key95: at(keys, .95), live50: at(live, .5), live95: at(live, .95), burst50: at(bursts, .5), burst95: at(bursts, .95),
		drawn: document.querySelectorAll('.row').length,
	})
})()`

// A measured is what one visit of the desk showed, in milliseconds.
type measured struct {
	Page, List                                     float64 // until the server answered
	Paint, Rows                                    float64 // since the address was asked for
	Frame                                          float64 // with nothing to do
	Key50, Key95, Live50, Live95, Burst50, Burst95 float64
	Weight                                         float64 // of all that came until the first row, in KiB
	Drawn                                          int     // rows
}

// Figures of the desk over many cases, as a table for docs/console.md. Not a test:
// nothing fails by being slow.
func TestMeasure(t *testing.T) {
	if *measure == 0 {
		t.Skip("measures only with -measure")
	}
	p := open(t, "Mo Swift", "agent", "/queue", 1440, 900)
	p.fill(*measure)
	p.before(rowsSeen)
	fmt.Printf("| open cases | CPU | page, list by the server | weight | first paint | first rows | empty frame | key p50, p95 | live p50, p95 | burst p50, p95 | memory before, after 10,000 and 60,000 events |\n")
	for _, slow := range []float64{1, 4} {
		p.slower(slow)
		p.show("/queue")
		p.rows()
		before := p.heap()
		var m measured
		if err := json.Unmarshal([]byte(value[string](p, figures)), &m); err != nil {
			t.Fatal(err)
		}
		p.slower(1)
		after := p.heap()
		value[int](p, `window.bursts(50).then(all => all.length)`) // an hour with a burst each minute
		if m.Drawn > 120 {
			t.Errorf("%d rows are drawn: all that is on screen is some thirty", m.Drawn)
		}
		fmt.Printf("| %d | %v× | %.0f, %.0f ms | %.0f KiB | %.0f ms | %.0f ms | %.0f ms | %.0f, %.0f ms | %.0f, %.0f ms | %.0f, %.0f ms | %.1f, %.1f, %.1f MB |\n",
			p.waiting(), slow, m.Page, m.List, m.Weight, m.Paint, m.Rows, m.Frame, m.Key50, m.Key95, m.Live50, m.Live95, m.Burst50, m.Burst95, before, after, p.heap())
	}
}

func (p *tab) slower(times float64) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times}); err != nil {
		p.t.Fatal(err)
	}
}

// heap is what the page holds once the rubbish is out, in MB.
func (p *tab) heap() float64 {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, heapprofiler.CollectGarbage, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	u, err := chromedp.Call(p.ctx, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	return u.UsedSize / 1e6
}

func (p *tab) waiting() int {
	return value[int](p, `fetch('/api/v1/queues').then(r => r.json()).then(q => q.needs)`)
}

// fill lets strangers complain until so many cases wait.
func (p *tab) fill(cases int) {
	p.t.Helper()
	missing := cases - p.waiting()
	if missing <= 0 {
		return
	}
	name := filepath.Join(p.t.TempDir(), "complaints.jsonl")
	f, err := os.Create(name)
	if err != nil {
		p.t.Fatal(err)
	}
	out, now := bufio.NewWriter(f), time.Now().UTC()
	says := []string{"My internet has been down since %d o'clock and nobody answers the phone, this is awful", "You charged me %d euros twice and refuse the refund, terrible service", "Waited %d days for the engineer, who never came. I want my money back"}
	for i := range missing {
		line, err := json.Marshal(map[string]any{"id": fmt.Sprintf("m%d-%d", now.UnixNano(), i), "text": fmt.Sprintf(says[i%len(says)], i%23), "network": "mastodon",
			"posted_at": now.Add(-time.Duration(i%50) * time.Minute).Format(time.RFC3339), "author": map[string]any{"handle": fmt.Sprintf("m%d", i), "name": fmt.Sprintf("Person %d", i), "followers": i % 5000}})
		if err != nil {
			p.t.Fatal(err)
		}
		_, _ = out.Write(append(line, '\n')) // Flush tells
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		p.t.Fatal(err)
	}
	if text, err := exec.CommandContext(p.t.Context(), p.w.bin, "import", name, "--data", p.w.dir).CombinedOutput(); err != nil {
		p.t.Fatalf("import: %v\n%s", err, text)
	}
	for p.waiting() < cases*9/10 {
		p.until(`new Promise(r => setTimeout(() => r(true), 500))`)
	}
}
