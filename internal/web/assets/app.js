// Amends: what a page does besides being a page. Everything works without it.
(() => {
  'use strict'
  const $ = (s, r = document) => r.querySelector(s)
  const $$ = (s, r = document) => [...r.querySelectorAll(s)]
  const api = (method, path, body) => fetch('/api/v1' + path, {
    method, keepalive: true, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body && JSON.stringify(body),
  })
  document.documentElement.classList.add('keys-on')
  if ($('#desk')) return // it does all of this itself

  // Instants in the reader's own time.
  const sameDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
  const otherDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  for (const t of $$('time[data-when]')) {
    const at = new Date(t.dateTime)
    if (isNaN(at)) continue
    t.textContent = (at.toDateString() === new Date().toDateString() ? sameDay : otherDay).format(at)
    t.title = at.toString()
  }

  // Deadlines run on.
  const two = n => String(n).padStart(2, '0')
  const brief = s => s < 900 ? `${Math.floor(s / 60)}:${two(s % 60)}`
    : s < 3600 ? `${Math.floor(s / 60)} min`
      : s < 36000 ? `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)}`
        : s < 86400 ? `${Math.floor(s / 3600)} h`
        : s < 172800 ? '1 day' : `${Math.floor(s / 86400)} days`
  const dues = $$('[data-due]').map(el => ({ el, at: Date.parse(el.dataset.due) }))
  const tick = () => {
    for (const { el, at } of dues) {
      const left = Math.floor((at - Date.now()) / 1000)
      const text = left < 0 ? brief(-left) + ' late' : brief(left)
      if (el.textContent !== text) el.textContent = text
      const pill = el.closest('.sla')
      pill.classList.toggle('bad', left < 0)
      pill.classList.toggle('warn', left >= 0 && left < 900)
    }
  }
  if (dues.length) setInterval(tick, 1000)

  // What happens elsewhere. One tab of a browser listens for all of them.
  const rows = $('[data-rows]'), talk = $('.th[data-case]')
  const here = talk && talk.dataset.case
  let last = (rows || talk || { dataset: {} }).dataset.after || ''
  const fresh = $('[data-fresh]'), freshText = $('[data-fresh-text]')
  const news = new Set()
  const state = (text, off) => {
    const box = $('[data-live-state]')
    if (!box) return
    box.hidden = false
    box.classList.toggle('off', !!off)
    $('[data-live-text]').textContent = text
  }
  const tell = text => {
    if (!fresh) return
    freshText.textContent = text
    fresh.hidden = false
  }
  const onCase = (id, e) => {
    if (id && Number(id) <= Number(last)) return
    if (id) last = id
    if (here === e.case && Number(id) > Number(talk.dataset.seq)) $('[data-moved]').hidden = false
    const row = rows && $$('.row', rows).find(r => r.dataset.case === e.case)
    if (row) row.toggleAttribute('data-moved', true)
    if (rows && e.needs && !row && (e.new || (e.was && !e.was.needs))) {
      news.add(e.case)
      tell(`${news.size} new`)
    }
  }
  const onPresence = e => {
    if (here !== e.case) return
    const box = $('[data-others]'), me = $('.me .nm').textContent
    const others = e.present.filter(p => p.display !== me)
    box.hidden = others.length === 0
    box.replaceChildren(...others.map(p => {
      const s = document.createElement('span')
      s.textContent = `${p.display} ${p.doing === 'typing' ? 'is writing' : 'has this open'}`
      return s
    }))
  }
  const took = m => {
    state(m.kind === 'signed_out' ? 'Signed out: reload to sign in' : m.kind === 'lost' ? 'Connection lost, trying again' : 'Live', m.kind === 'signed_out' || m.kind === 'lost')
    if (m.kind === 'case') onCase(m.id, m.data)
    if (m.kind === 'presence') onPresence(m.data)
    if (m.kind === 'reset') { last = m.id; tell('Show what is new'); if (talk) $('[data-moved]').hidden = false }
  }
  const listen = () => {
    const channel = new BroadcastChannel('amends-live')
    channel.onmessage = e => took(e.data)
    const lead = () => new Promise(() => {
      const es = new EventSource('/api/v1/events' + (last ? '?after=' + last : ''))
      const pass = m => { took(m); channel.postMessage(m) }
      for (const kind of ['case', 'presence', 'reset', 'bye', 'signed_out']) {
        es.addEventListener(kind, e => {
          pass({ kind, id: e.lastEventId, data: JSON.parse(e.data) })
          if (kind === 'signed_out') es.close()
        })
      }
      es.onopen = () => pass({ kind: 'open' })
      es.onerror = () => pass({ kind: 'lost' })
    })
    if (navigator.locks) navigator.locks.request('amends-live', lead)
    else lead()
  }
  if (document.body.hasAttribute('data-live')) listen()
  fresh?.addEventListener('click', () => location.reload())

  // Who is here, and what they write.
  const reply = $('[data-reply]')
  if (here) {
    const be = doing => api('POST', `/cases/${here}/presence`, { doing }).catch(() => {})
    let typing = 0
    be('viewing')
    setInterval(() => { if (document.visibilityState === 'visible') be(Date.now() - typing < 30000 ? 'typing' : 'viewing') }, 30000)
    addEventListener('pagehide', () => be('gone'))
    if (reply) {
      const kept = $('[data-kept]'), count = $('[data-count]'), max = Number(reply.dataset.max)
      const measure = {
        bytes: s => new TextEncoder().encode(s).length, utf16: s => s.length, characters: s => [...s].length,
        graphemes: s => Intl.Segmenter ? [...new Intl.Segmenter().segment(s)].length : [...s].length,
      }[reply.dataset.unit] || (s => [...s].length)
      const sized = () => {
        const n = measure(reply.value)
        count.textContent = n ? String(n) : ''
        count.classList.toggle('over', max > 0 && n > max)
      }
      let timer = 0, sending = false
      const keep = async () => {
        timer = 0
        if (sending) return
        try {
          const r = await api('PUT', `/cases/${here}/draft`, { text: reply.value })
          kept.textContent = r.ok ? 'Draft kept' : r.status === 401 ? 'Not kept: you are signed out. Copy your text, then sign in again.' : 'Draft not kept'
        } catch { kept.textContent = 'Draft not kept: no connection' }
      }
      reply.addEventListener('input', () => {
        sized()
        if (Date.now() - typing > 15000) be('typing')
        typing = Date.now()
        clearTimeout(timer)
        timer = setTimeout(keep, 700)
      })
      reply.form.addEventListener('submit', () => { sending = true; clearTimeout(timer) })
      addEventListener('pagehide', () => { if (timer && !sending) keep() })
      sized()
    }
  }

  // Keys. Off while typing, and for good with localStorage.keys = 'off'.
  let off = false
  try { off = localStorage.keys === 'off' } catch { /* no storage */ }
  if (off) { document.documentElement.classList.remove('keys-on'); return }
  const hint = $('[data-hint]')
  if (hint) hint.hidden = false
  const list = () => $$('.row')
  let at = -1
  const select = i => {
    const all = list()
    if (!all.length) return
    all[at]?.removeAttribute('data-sel')
    at = Math.max(0, Math.min(all.length - 1, i))
    all[at].toggleAttribute('data-sel', true)
    $('a.who', all[at]).focus({ preventScroll: true })
    all[at].scrollIntoView({ block: 'nearest' })
  }
  const press = key => $(`[data-key="${key}"]`)?.click()
  const acts = {
    j: () => select(at + 1), k: () => select(at - 1), n: () => press('n'), i: () => press('i'), z: () => press('z'), y: () => press('y'), x: () => press('x'),
    '.': () => { if (fresh && !fresh.hidden) location.reload() },
    r: () => reply?.focus(),
    m: () => { const n = $('[data-note]'); if (n) { n.closest('details').open = true; n.focus() } },
    l: () => $('[data-tag]')?.focus(),
    v: () => $('.post a.out')?.click(),
  }
  const places = { q: '/queue', m: '/mine', a: '/mentions', s: '/sources', r: '/reviews' }
  let going = 0
  addEventListener('keydown', e => {
    if (e.isComposing) return
    const field = e.target.closest('input,textarea,select')
    if (field) {
      if (e.key === 'Escape') field.blur()
      if (e.key === 'Enter' && (e.metaKey || e.ctrlKey) && field === reply) {
        e.preventDefault()
        field.form.requestSubmit($(`button[value="${e.shiftKey ? 'resolve' : 'await'}"]`, field.form))
      }
      return
    }
    if (e.metaKey || e.ctrlKey || e.altKey) return
    if (Date.now() - going < 1000 && places[e.key]) { location.href = places[e.key]; return }
    if (e.key === 'g') { going = Date.now(); return }
    if (e.key === 'Escape' && here) { $('[data-back]').click(); return }
    if (acts[e.key]) { e.preventDefault(); acts[e.key]() }
  })
})()
