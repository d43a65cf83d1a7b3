// Live events. One tab of a browser holds the stream, the others listen to it:
// HTTP/1.1 allows six connections to a site. Events are taken in once a frame,
// however many came.
import { batch, effect, signal } from '@preact/signals'
import { signedOut, offline } from './api'
import { say } from './say'
import { lastList } from './route'
import { brief, now } from './time'
import { at, fresh, lines, loading, me, patch, presence, readCounts, stale } from './store'
import { happened } from './opened'
import { called } from './alerts'
import { t } from './words'
import type { CaseEvent, Present } from './types'

export const connection = signal<'starting' | 'live' | 'lost'>('starting')
export const newest = signal(0) // when the latest event came

type Message = { kind: string; id: string; data: unknown }

let last = 0 // place in the log of the latest event we know
let pending = new Map<string, CaseEvent>() // what came since the last frame, one for each case
let during = new Map<string, CaseEvent>() // what was taken in while a list is read, which may be older
let reset = false // we were told to start anew in the middle of a reading
let asked = 0
let leading = false // this tab holds the stream

function belongs(e: CaseEvent): boolean {
  const { list, filters } = lastList.peek()
  if (filters.queue && filters.queue !== e.queue) return false
  if (filters.assignee && filters.assignee !== (e.assignee ?? 'nobody')) return false
  switch (list) {
    case 'queue': return e.needs
    case 'mine': return e.assignee === me.peek()?.name && !['resolved', 'dismissed', 'merged'].includes(e.state)
    case 'awaiting': case 'resolved': case 'dismissed': return e.state === list
  }
  return true // only a read can tell
}

// collect keeps the latest of a case, and from where it came.
function collect(into: Map<string, CaseEvent>, e: CaseEvent) {
  const before = into.get(e.case)
  const was = before?.was ?? e.was
  into.set(e.case, before ? { ...e, new: before.new || e.new || false, ...(was ? { was } : {}) } : e)
}

function take() {
  asked = 0
  const events = [...pending.values()]
  pending = new Map()
  if (!events.length) return
  if (loading.peek()) events.forEach(e => collect(during, e))
  const { news, soonest } = show(events)
  events.forEach(e => happened(e.case))
  if (news && lastList.peek().list === 'queue') {
    const left = (soonest - Date.now()) / 1000
    say(left < 3600 && left > 0 ? t('say.new_soon', { n: news, time: brief(left) }) : t('say.new', { n: news }))
  }
  countSoon()
}

// show puts into the list what happened; a second time changes nothing.
function show(events: CaseEvent[]): { news: number; soonest: number } {
  const more = new Set(fresh.peek())
  let news = 0
  let soonest = Infinity
  batch(() => {
    for (const e of events) {
      const s = lines.get(e.case)
      if (s) {
        const row = s.peek().row
        const due = e.due_at ? { target: 'next_response', start_at: new Date().toISOString(), at_risk_at: e.due_at, ...row.due, due_at: e.due_at, breached: e.breached ?? false } : undefined
        patch(e.case, { state: e.state, queue: e.queue, lane: e.lane, assignee: e.assignee, reply: e.reply, due }, !belongs(e))
      } else if (belongs(e) && (lastList.peek().list !== 'queue' || e.new || (e.was && !e.was.needs)) && Object.keys(lastList.peek().filters).every(f => f === 'queue' || f === 'assignee')) {
        if (!more.has(e.case)) news++
        more.add(e.case)
        if (e.due_at) soonest = Math.min(soonest, Date.parse(e.due_at))
      } else if (!belongs(e)) more.delete(e.case)
    }
    fresh.value = more
    newest.value = Date.now()
  })
  return { news, soonest }
}

let counting = 0
function countSoon() {
  counting ||= window.setTimeout(() => { counting = 0; void readCounts() }, 1500)
}

function took(m: Message) {
  const id = Number(m.id) || 0
  if (m.kind === 'lost') { if (connection.peek() !== 'lost') connection.value = 'lost'; return }
  if (m.kind === 'signed_out') { signedOut.value = true; return }
  if (m.kind !== 'bye' && connection.peek() !== 'live') {
    connection.value = 'live'
    offline.value = false
  }
  switch (m.kind) {
    case 'case':
      if (id <= last) return
      last = id
      collect(pending, m.data as CaseEvent)
      called(m.data as CaseEvent, leading)
      asked ||= document.visibilityState === 'visible' ? requestAnimationFrame(take) : window.setTimeout(take, 250)
      return
    case 'presence': {
      const p = m.data as { case: string; present: Present[] }
      const next = new Map(presence.peek())
      if (p.present.length) next.set(p.case, p.present)
      else next.delete(p.case)
      presence.value = next
      return
    }
    case 'reset':
      last = id
      reset = loading.peek()
      stale.value = true
      happened()
      countSoon()
  }
}

// listen follows what happens after a place in the log, until the page goes.
export function listen(after: number) {
  last = after
  effect(() => {
    if (loading.value) return
    const again = [...during.values()]
    during = new Map()
    if (again.length) show(again)
    if (reset) stale.value = true
    reset = false
  })
  const channel = new BroadcastChannel('amends-desk')
  channel.onmessage = e => {
    if (e.data.kind === 'hello') { if (leading && connection.peek() === 'live') channel.postMessage({ kind: 'open', id: '' }) }
    else took(e.data as Message)
  }
  const lead = () => new Promise<void>(() => {
    leading = true
    const es = new EventSource('/api/v1/events?after=' + last)
    const pass = (m: Message) => { took(m); channel.postMessage(m) }
    for (const kind of ['case', 'presence', 'reset', 'bye', 'signed_out']) {
      es.addEventListener(kind, e => {
        const m = e as MessageEvent<string>
        pass({ kind, id: m.lastEventId, data: JSON.parse(m.data) })
        if (kind === 'signed_out') es.close()
      })
    }
    es.onopen = () => pass({ kind: 'open', id: '', data: null })
    es.onerror = () => pass({ kind: 'lost', id: '', data: null })
  })
  channel.postMessage({ kind: 'hello' })
  if (navigator.locks) void navigator.locks.request('amends-desk', lead)
  else void lead()
}

// Deadlines that come near are told to who listens: one that was not near before.
const told = new Set<string>()
now.subscribe(t1 => {
  if (at.peek().size === 0) return
  for (const [id, s] of lines) {
    const { row, left } = s.peek()
    if (left || !row.due || told.has(id) || row.assignee !== me.peek()?.name) continue
    const s1 = (Date.parse(row.due.due_at) - t1) / 1000
    if (s1 > 0 && s1 < 300) {
      told.add(id)
      say(t('say.near', { name: row.author.name || row.author.handle || '', time: brief(s1) }))
    }
  }
})
