// The case on screen, and what is being written in it.
import { batch, signal } from '@preact/signals'
import { call, get, Problem, signedOut } from './api'
import { complain } from './toast'
import { me, mayWork, openID, patch, selected, lines } from './store'
import { t } from './words'
import type { Full, Mention, ThreadPost, Translation } from './types'

export const full = signal<Full | null>(null)
export const caseFailed = signal<{ status: number; text: string } | null>(null)
export const thread = signal<ThreadPost[] | 'loading' | null>(null)
export const translations = signal<ReadonlyMap<string, Translation | 'loading'>>(new Map()) // by mention

export type Mode = 'reply' | 'direct' | 'note'
export const mode = signal<Mode>('reply')
export const text = signal('') // of the answer
export const noteText = signal('')
export const kept = signal<'' | 'kept' | 'not' | 'here'>('')
export const ending = signal('') // with which to send and resolve
export const lookedAt = signal('') // when we last looked at this case before, by the server's clock; empty: never

const slot = (id: string, what: string) => `desk.${what}.${me.peek()?.name ?? ''}.${id}`
const store = (k: string, v: string) => { try { v ? sessionStorage.setItem(k, v) : sessionStorage.removeItem(k) } catch { /* no storage */ } }
const stored = (k: string) => { try { return sessionStorage.getItem(k) ?? '' } catch { return '' } }

let reading = 0, timer = 0, dirty = false
let meanwhile: Set<string> | null = null // what happened to cases while one is read; '' is more than we can tell
let doing: 'viewing' | 'typing' = 'viewing', typedAt = 0, beat = 0

const present = (id: string, what: string) => void call('POST', `/cases/${id}/presence`, { doing: what }).catch(() => {})

export async function openCase(name: string): Promise<void> {
  closeCase()
  const mine = ++reading
  meanwhile = new Set()
  batch(() => { full.value = null; caseFailed.value = null; thread.value = null; translations.value = new Map(); mode.value = 'reply'; kept.value = '' })
  try {
    const c = await get<Full>(`/cases/${name}`)
    if (mine !== reading) return
    const draft = mayWork.peek() ? await readDraft(c.id).catch(e => again(e) ? null : { text: '' }) : { text: '' }
    if (mine !== reading) return
    const here = stored(slot(c.id, 'draft')) // what no server has taken yet
    batch(() => {
      full.value = c
      openID.value = c.id
      if (lines.has(c.id)) selected.value = c.id
      text.value = here || draft?.text || ''
      noteText.value = stored(slot(c.id, 'note'))
      kept.value = here ? 'here' : draft?.text ? 'kept' : ''
      ending.value = endsOf(c.queue)[0]?.code ?? ''
      lookedAt.value = seen.get(c.id) ?? c.looked_at ?? ''
    })
    if (!draft) readLater(c.id, mine)
    looked(c)
    if (meanwhile?.has(c.id) || meanwhile?.has('')) refreshCase()
    meanwhile = null
    if (here) { dirty = true; keepSoon() }
    doing = 'viewing'
    present(c.id, doing)
    beat = window.setInterval(() => {
      if (document.visibilityState !== 'visible') return
      doing = Date.now() - typedAt < 30000 ? 'typing' : 'viewing'
      present(c.id, doing)
    }, 30000)
  } catch (e) {
    if (mine === reading && e instanceof Problem) caseFailed.value = { status: e.status, text: e.message }
  }
}

const readDraft = (id: string) => get<{ text: string; kept_at?: string }>(`/cases/${id}/draft`)

// again says that it may go well another time.
const again = (e: unknown) => !(e instanceof Problem) || e.status === 0 || e.status >= 500 || e.status === 401

let unread = '' // the case on screen, while the server's draft of it is not known

// readLater asks again for a draft that could not be read. Until then none is
// put over it; what was written meanwhile goes behind.
function readLater(id: string, mine: number) {
  unread = id
  setTimeout(async () => {
    if (mine !== reading) return
    try {
      const draft = await readDraft(id)
      if (mine !== reading) return
      unread = ''
      if (draft.text && draft.text !== text.peek()) wrote([draft.text, text.peek()].filter(Boolean).join('\n'))
      else if (dirty) keepSoon()
    } catch (e) { again(e) ? readLater(id, mine) : unread = '' }
  }, 2000)
}

// endsOf are the ways in which a case of a queue can end.
export const endsOf = (queue: string) => (me.peek()?.ends ?? []).filter(e => !e.queues.length || e.queues.includes(queue))

// What we have seen of cases, case by case the instant of the newest thing that
// was there, is the server's to keep: it is told now and then, several at once.
const seen = new Map<string, string>() // in this page, to tell or told
const toTell = new Set<string>()
let telling = 0

function looked(c: Full) {
  const at = c.story.at(-1)?.at
  if (!at || Date.parse(seen.get(c.id) ?? c.looked_at ?? '') >= Date.parse(at)) return
  seen.set(c.id, at)
  toTell.add(c.id)
  telling ||= window.setTimeout(tellSeen, 10000)
  if (toTell.size >= 50) tellSeen()
}

function tellSeen() {
  clearTimeout(telling)
  telling = 0
  if (!toTell.size) return
  const cases = Object.fromEntries([...toTell].map(id => [id, seen.get(id)!]))
  toTell.clear()
  void call('PUT', '/me/looked', { cases }).catch(() => Object.keys(cases).forEach(id => toTell.add(id))) // with the next one
}

export function closeCase() {
  const id = openID.peek()
  reading++
  meanwhile = null
  clearInterval(beat)
  if (id) {
    if (unread === id) dirty = false // it stays in the tab
    else if (dirty) void keepNow()
    unread = ''
    present(id, 'gone')
    openID.value = null
  }
}

let soon = 0
// refreshCase reads the case again shortly: what happened to it, not what is
// being written.
export function refreshCase(after = 60) {
  soon ||= window.setTimeout(() => { soon = 0; void reread() }, after)
}

// happened takes in that a case changed, or any case: also while it is still
// on its way here, read before that.
export function happened(id = '') {
  if (openID.peek() === null) meanwhile?.add(id)
  else if (!id || id === openID.peek()) refreshCase()
}

export async function reread(): Promise<void> {
  const id = openID.peek(), mine = reading
  if (!id) return
  try {
    const c = await get<Full>(`/cases/${id}`)
    if (mine !== reading || (full.peek()?.seq ?? 0) > c.seq) return
    full.value = c
    looked(c)
    patch(id, { state: c.state, assignee: c.assignee, due: c.due, reply: c.reply, tags: c.tags, mentions: c.mentions, replies: c.replies })
  } catch (e) { if (e instanceof Problem && e.status > 0 && e.status !== 401) complain(e.message) }
}

export function wrote(value: string) {
  const id = openID.peek()
  if (!id) return
  text.value = value
  dirty = true
  store(slot(id, 'draft'), value)
  typed(id)
  keepSoon()
}

export function wroteNote(value: string) {
  const id = openID.peek()
  if (!id) return
  noteText.value = value
  store(slot(id, 'note'), value)
  typed(id)
}

function typed(id: string) {
  if (doing !== 'typing' || Date.now() - typedAt > 15000) { doing = 'typing'; present(id, doing) }
  typedAt = Date.now()
}

function keepSoon() {
  clearTimeout(timer)
  timer = window.setTimeout(keepNow, 700)
}

export async function keepNow(): Promise<void> {
  clearTimeout(timer)
  const id = openID.peek(), value = text.peek()
  if (!id || !dirty || unread === id) return
  dirty = false
  try {
    await call('PUT', `/cases/${id}/draft`, { text: value })
    if (openID.peek() === id && text.peek() !== value) return
    store(slot(id, 'draft'), '')
    kept.value = value ? 'kept' : ''
  } catch (e) {
    dirty = true
    kept.value = signedOut.peek() ? 'here' : 'not'
    if (e instanceof Problem && e.status === 0) timer = window.setTimeout(keepNow, 5000)
  }
}

// sent forgets what was written: it is on its way.
export function sent(what: Mode) {
  const id = openID.peek()
  if (!id) return
  clearTimeout(timer)
  if (what === 'note') { noteText.value = ''; store(slot(id, 'note'), ''); return }
  dirty = false
  text.value = ''
  kept.value = ''
  store(slot(id, 'draft'), '')
}

export async function readThread(mention: string): Promise<void> {
  thread.value = 'loading'
  try {
    thread.value = (await get<{ posts: ThreadPost[] }>(`/mentions/${mention}/thread`)).posts
  } catch (e) {
    thread.value = null
    complain((e as Error).message || t('offline'))
  }
}

addEventListener('pagehide', () => {
  tellSeen()
  const id = openID.peek()
  if (!id) return
  if (dirty) void keepNow()
  void fetch(`/api/v1/cases/${id}/presence`, { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' }, body: '{"doing":"gone"}' }).catch(() => {})
})


// original is the post that the answer is to, or else the newest.
export function original(): Mention | undefined {
  const list = full.value?.mention_list ?? []
  return list.find(m => m.id === full.value?.to) ?? list.at(-1)
}
