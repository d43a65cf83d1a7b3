// Amends: what a page beside the desk does besides being a page. Everything
// works without it.
(() => {
  'use strict'
  const $ = s => document.querySelector(s)
  if ($('#desk')) return // it does all of this itself

  // Instants in the reader's own time.
  const sameDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
  const otherDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  for (const t of document.querySelectorAll('time[data-when]')) {
    const at = new Date(t.dateTime)
    if (isNaN(at)) continue
    t.textContent = (at.toDateString() === new Date().toDateString() ? sameDay : otherDay).format(at)
    t.title = at.toString()
  }

  // The first mention of a source: the page that waits for it shows it.
  const wait = $('[data-wait]')
  if (wait) {
    const look = async () => {
      try {
        const r = await fetch('/api/v1/sources')
        const one = r.ok && (await r.json()).sources.find(s => s.name === wait.dataset.wait)
        if (one && one.new) { location.reload(); return }
      } catch { /* asked again */ }
      setTimeout(look, 2000)
    }
    setTimeout(look, 1000)
  }

  // Keys. Off while typing, and for good where a person turned them off.
  let off = false
  try { off = localStorage.getItem('keys') === 'off' } catch { /* no storage */ }
  if (off) return
  document.documentElement.classList.add('keys-on')
  const places = { q: '/queue', m: '/mine', d: '/promised', s: '/snoozed', w: '/awaiting' } // as at the desk
  let going = 0
  addEventListener('keydown', e => {
    if (e.isComposing || e.metaKey || e.ctrlKey || e.altKey || e.target.closest('input,textarea,select')) return
    if (Date.now() - going < 1200 && places[e.key]) { location.href = places[e.key]; return }
    if (e.key === 'g') { going = Date.now(); return }
    if (e.key === 'y' || e.key === 'x') $(`[data-key="${e.key}"]`)?.click()
  })
})()
