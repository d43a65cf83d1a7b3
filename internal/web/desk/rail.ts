// The rail around the desk is the server's: this keeps its counts and its mark
// of where we are true.
import { effect } from '@preact/signals'
import { palette } from './keys'
import { connection, newest } from './live'
import { mod } from './parts/small'
import { hrefOf, place, lists } from './route'
import { backlog } from './store'
import { now } from './time'
import { offline, signedOut } from './api'
import { t } from './words'

export function beginRail() {
  const find = document.querySelector<HTMLButtonElement>('[data-find]')
  if (find) {
    find.hidden = false
    find.querySelector('.nm')!.textContent = t('search_or_run')
    find.querySelector('kbd')!.textContent = mod === 'Ctrl' ? 'Ctrl K' : mod + 'K'
    find.onclick = palette
    if (location.hash === '#find') { // from a page beside the desk
      history.replaceState(history.state, '', location.pathname + location.search)
      palette()
    }
  }
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.rail a.nav')]
  effect(() => {
    const p = place.value, here = p.case === undefined ? hrefOf(p) : ''
    for (const a of links) {
      if (a.getAttribute('href') === here) a.setAttribute('aria-current', 'page')
      else a.removeAttribute('aria-current')
    }
  })
  effect(() => {
    const b = backlog.value
    if (!b) return
    const counts: Record<string, number> = { queue: b.needs, mine: b.mine, awaiting: b.awaiting, snoozed: b.snoozed, outside: b.outside, approve: b.approve, promised: b.promises }
    const byHref = new Map<string, number>(lists.filter(l => l in counts).map(l => [hrefOf({ list: l, filters: {} }), counts[l]!]))
    for (const q of b.queues) byHref.set(hrefOf({ list: 'queue', filters: { queue: q.name } }), q.needs)
    for (const a of links) {
      const n = byHref.get(a.getAttribute('href') ?? '')
      if (n === undefined) continue
      let box = a.querySelector<HTMLElement>('.n')
      if (!box && n) { box = document.createElement('span'); box.className = 'n num'; a.append(box) }
      if (box) { box.textContent = n ? String(n) : ''; if (a.getAttribute('href') === hrefOf({ list: 'queue', filters: {} })) box.classList.toggle('hot', b.breached > 0) }
    }
  })
  const box = document.querySelector<HTMLElement>('[data-live-state]'), word = document.querySelector<HTMLElement>('[data-live-text]')
  effect(() => {
    if (!box || !word) return
    const lost = signedOut.value || offline.value || connection.value === 'lost'
    box.hidden = connection.value === 'starting' && !lost
    box.classList.toggle('off', lost)
    const s = Math.max(0, Math.round((now.value - newest.value) / 1000))
    const text = lost ? t('live.lost') : newest.value && s < 3600 ? t('live.newest', { time: s < 60 ? t('span.s', { s }) : t('span.min', { m: Math.floor(s / 60) }) }) : t('live.on')
    if (word.textContent !== text) word.textContent = text
  })
}
