// Amends: what a page beside the desk does besides being a page. Everything
// works without it.
(() => {
  'use strict'
  const $ = s => document.querySelector(s)
  $('.rail [aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  if ($('#desk')) return // it does all of this itself

  // Instants in the reader's own time.
  const own = document.documentElement.dataset
  let timeZone // the one they chose, where this browser knows it
  try { timeZone = own.zone && new Intl.DateTimeFormat('en', { timeZone: own.zone }).resolvedOptions().timeZone } catch { /* the browser's */ }
  const hour = { hour: '2-digit', minute: '2-digit', timeZone }
  const lang = document.documentElement.lang
  const locale = navigator.languages.find(l => l.split('-')[0] === lang) ?? lang // with the reader's region, as at the desk
  const sameDay = new Intl.DateTimeFormat(locale, hour)
  const otherDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...hour })
  const whole = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long', timeZone })
  const date = new Intl.DateTimeFormat('en-CA', { timeZone })
  for (const t of document.querySelectorAll('time[data-when]')) {
    const at = new Date(t.dateTime)
    if (isNaN(at)) continue
    t.textContent = (date.format(at) === date.format() ? sameDay : otherDay).format(at)
    t.title = whole.format(at)
  }

  // The time zones that this browser knows, to choose from.
  const zones = $('#zones')
  if (zones) for (const z of Intl.supportedValuesOf('timeZone')) zones.append(Object.assign(document.createElement('option'), { value: z }))
  // Whoever prints a report can see later what changed since.
  addEventListener('beforeprint', () => {
    const form = $('form[data-keep]')
    if (!form) return
    const kept = new URLSearchParams(new FormData(form))
    kept.set('printed', 'yes')
    fetch(form.action, { method: 'POST', body: kept, redirect: 'manual', keepalive: true }).catch(() => { /* it is printed all the same */ })
  })
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
  if (own.keys === 'off') return
  document.documentElement.classList.add('keys-on')
  const places = { q: '/queue', m: '/mine', d: '/promised', s: '/snoozed', w: '/awaiting' } // as at the desk
  let going = 0
  addEventListener('keydown', e => {
    const find = $('a[data-find]')
    if (find && (e.metaKey || e.ctrlKey) && !e.altKey && e.key.toLowerCase() === 'k') { e.preventDefault(); find.click(); return }
    if (e.isComposing || e.metaKey || e.ctrlKey || e.altKey || e.target.closest('input,textarea,select')) return
    if (find && e.key === '/') { e.preventDefault(); find.click(); return }
    if (Date.now() - going < 1200 && places[e.key]) { location.href = places[e.key]; return }
    if (e.key === 'g') { going = Date.now(); return }
    if (e.key === 'y' || e.key === 'x') $(`[data-key="${e.key}"]`)?.click()
  })
})()
