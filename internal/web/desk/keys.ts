// The keyboard: one table for what a key does, what the help says of it, and
// what the command menu offers. Off while typing, and for good where a person
// wants it so.
import { signal } from '@preact/signals'
import * as acts from './acts'
import { call } from './api'
import { askAssign, askDismiss, askFilter, askPromise, askResolve, askSnooze, askTag, openOriginal, places } from './dialogs/asks'
import { ask, asking, type Choice } from './dialogs/dialog'
import { askMore, moreActs } from './dialogs/more'
import { askMacro, outs } from './dialogs/further'
import { caseFailed, full, mode, type Mode } from './opened'
import { goBack, goCase, goList, place } from './route'
import { at, beside, fresh, mayWork, move, openID, picked, selected, stale, targets } from './store'
import { openSearch } from './search/search'
import { askSaved } from './search/saved'
import { complain, undoLast, toast } from './toast'
import { toggleTranslations } from './translated'
import { t, type Key } from './words'

export const keysOff = signal(document.documentElement.dataset.keys === 'off')

export function setKeys(on: boolean) {
  keysOff.value = !on
  document.documentElement.classList.toggle('keys-on', on)
  void call('PATCH', '/me/settings', { keys_off: !on }).catch((e: Error) => complain(e.message || t('offline')))
}

export const peeking = signal(false)

// box is set by the composer, while it is there.
export const box: { there: boolean; focus: () => boolean; put: (typed: string) => void } = { there: false, focus: () => false, put: () => {} }

function write(how: Mode) {
  const id = targets()[0]
  if (!id) return
  if (!openID.peek()) goCase(id)
  mode.value = how
  if (openID.peek() === id && box.focus()) return
  wanted = how // for when its box is there
  ahead = ''
  requestAnimationFrame(() => { if (openID.peek() === id && box.there) begin() })
}

// wanted is the kind of message that a case is opened for.
export let wanted: Mode | null = null
let ahead = '' // what was typed before the box was there

// begin goes to the box that was wanted, with what was typed on the way to it.
export function begin() {
  if (wanted && box.focus()) box.put(ahead)
  wanted = null
}

function pick() {
  const id = selected.peek()
  if (!id || openID.peek()) return
  const next = new Set(picked.peek())
  if (!next.delete(id)) next.add(id)
  picked.value = next
}

function step(n: number) {
  const open = openID.peek()
  if (!open) { move(n); return }
  const to = beside(open, n)
  if (to) { selected.value = to; goCase(to) }
}

function escape() {
  if (toast.peek() && !toast.peek()!.undo) toast.value = null
  if (place.peek().case !== undefined) goBack()
  else if (peeking.peek()) peeking.value = false
  else if (picked.peek().size) picked.value = new Set()
}

export interface Command { key: string; name: Key; icon?: string; where: 'move' | 'act' | 'any'; show?: string[]; run: () => void; needs?: 'case' | 'list'; work?: true }

export const commands: Command[] = [
  { key: 'j', name: 'key.next', where: 'move', run: () => step(1) },
  { key: 'k', name: 'key.previous', where: 'move', run: () => step(-1) },
  { key: 'Enter', name: 'key.open', where: 'move', show: ['↵'], needs: 'list', run: () => { if (selected.peek()) goCase(selected.peek()!) } },
  { key: ' ', name: 'key.peek', where: 'move', show: ['Space'], needs: 'list', run: () => { peeking.value = !peeking.peek() } },
  { key: 'Escape', name: 'key.back', where: 'move', show: ['Esc'], run: escape },
  { key: 'n', name: 'key.take_next', icon: 'i-corner-up-left', where: 'move', work: true, run: () => void acts.takeNext() },
  { key: '.', name: 'key.show_new', where: 'move', run: () => { if (fresh.peek().size || stale.peek()) acts.showNew() } },
  { key: 'x', name: 'key.select', where: 'move', work: true, needs: 'list', run: pick },
  { key: 'r', name: 'key.reply', icon: 'i-reply', where: 'act', work: true, run: () => write('reply') },
  { key: 'd', name: 'key.direct', icon: 'i-lock', where: 'act', work: true, run: () => write('direct') },
  { key: 'm', name: 'key.note', icon: 'i-sticky-note', where: 'act', work: true, run: () => write('note') },
  { key: 'c', name: 'ask.macro', icon: 'i-zap', where: 'act', work: true, needs: 'case', run: askMacro },
  { key: 'p', name: 'key.promise', icon: 'i-flag', where: 'act', work: true, run: askPromise },
  { key: 'a', name: 'key.assign', icon: 'i-user-plus', where: 'act', work: true, run: askAssign },
  { key: 'i', name: 'key.claim', icon: 'i-user', where: 'act', work: true, run: () => void acts.claim(targets()) },
  { key: 'e', name: 'key.resolve', icon: 'i-check', where: 'act', work: true, run: askResolve },
  { key: 's', name: 'key.snooze', icon: 'i-alarm-clock', where: 'act', work: true, run: askSnooze },
  { key: '!', name: 'key.dismiss', icon: 'i-ban', where: 'act', work: true, run: askDismiss },
  { key: 'l', name: 'key.tag', icon: 'i-list-filter', where: 'act', work: true, run: askTag },
  { key: 't', name: 'key.translate', icon: 'i-languages', where: 'act', needs: 'case', run: () => void toggleTranslations() },
  { key: 'v', name: 'key.original', icon: 'i-external-link', where: 'act', needs: 'case', run: openOriginal },
  { key: 'o', name: 'more_acts', icon: 'i-ellipsis', where: 'act', needs: 'case', run: askMore },
  { key: 'z', name: 'key.undo', icon: 'i-rotate-ccw', where: 'act', work: true, run: () => void undoLast() },
  { key: 'f', name: 'key.filter', icon: 'i-list-filter', where: 'any', needs: 'list', run: askFilter },
  { key: '/', name: 'key.search', icon: 'i-search', where: 'any', run: () => openSearch() },
  { key: '?', name: 'key.help', icon: 'i-life-buoy', where: 'any', run: () => { asking.value = { kind: 'help' } } },
]

// offered are the commands that who is here may use: others are not shown.
export const offered = () => commands.filter(c => !c.work || mayWork.value)

const byKey = new Map(commands.map(c => [c.key, c]))
const shown = (c: Command) => c.show ?? [c.key.toUpperCase()]

// palette offers everything that can be done now.
export function palette() {
  const here = place.peek().case !== undefined, any = targets().length > 0
  const list: Choice[] = offered().filter(c => c.key !== 'Escape' && (c.where !== 'act' || any) && (!c.needs || (c.needs === 'case') === here))
    .map(c => ({ value: c.key, name: t(c.name), icon: c.icon ?? 'i-chevron-right', keys: shown(c), run: c.run }))
  const more = any ? moreActs(targets()) : []
  if (here && full.peek()) more.push(...outs(full.peek()!))
  if (!here) more.push({ value: 'saved', name: t('saved.this'), icon: 'i-flag', run: askSaved })
  ask({ title: t('ask.palette'), choices: [...list, ...more, ...places()], pick: () => {} })
}

let going = 0

const elsewhere: Record<string, () => void> = {
  q: () => goList('queue'), m: () => goList('mine'), d: () => goList('promised'), s: () => goList('snoozed'), w: () => goList('awaiting'),
}

export function beginKeys() {
  addEventListener('keydown', e => {
    if (e.isComposing || e.defaultPrevented) return
    if ((e.metaKey || e.ctrlKey) && !e.altKey && e.key.toLowerCase() === 'k') { e.preventDefault(); if (!asking.peek()) palette(); return }
    const field = (e.target as Element).closest?.('input,textarea,select,[contenteditable]') as HTMLElement | null
    if (asking.peek()) return
    if (field) {
      if (e.key === 'Escape') { field.blur(); e.preventDefault() }
      return
    }
    if (e.metaKey || e.ctrlKey || e.altKey) return
    if (wanted && (e.key === 'Escape' || place.peek().case === undefined || caseFailed.peek())) wanted = null // it comes to nothing
    if (wanted && e.key.length === 1) { // it belongs into the box
      e.preventDefault()
      ahead += e.key
      return
    }
    const control = (e.target as Element).closest?.('a[href],button,summary')
    if (control && (e.key === 'Enter' || (e.key === ' ' && !control.matches('a')))) return
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      if (place.peek().case === undefined && at.peek().size) { e.preventDefault(); move(e.key === 'ArrowDown' ? 1 : -1) }
      return
    }
    if (keysOff.peek() && e.key.length === 1) return
    if (Date.now() - going < 1200 && elsewhere[e.key]) { going = 0; e.preventDefault(); elsewhere[e.key]!(); return }
    if (e.key === 'g') { going = Date.now(); return }
    const c = byKey.get(e.key)
    if (!c || (c.needs && (c.needs === 'case') !== (place.peek().case !== undefined))) return
    e.preventDefault()
    if (c.work && !mayWork.peek()) complain(t('may_not'))
    else c.run()
  })
}
