// What somebody does to cases: shown at once, sent, and taken back if it was
// refused. A refusal says who was quicker.
import { batch } from '@preact/signals'
import { call, post, Problem } from './api'
import { every, forMany, many } from './many'
import { endsOf, full, refreshCase, reread, sent, text, noteText, mode, keepNow, ending, wrote, type Mode } from './opened'
import { advice, answering, barred, filled, ours, tracked, wipe } from './case/writing'
import { goBack, goCase, lastList, place } from './route'
import { complain, tell } from './toast'
import { at, backlog, called, fresh, ids, lines, loaded, me, openID, patch, people, picked, read, rowOf, selected } from './store'
import { t, code } from './words'
import type { Row, Written } from './types'

// named persons in a refusal are called as people call them.
export function refusal(e: unknown): string {
  if (!(e instanceof Problem)) return String(e)
  if (e.status === 0) return t('offline')
  if (e.status === 401) return t('signed_out')
  const [first, ...rest] = e.message.split(' ')
  return people.peek().has(first!) ? [called(first), ...rest].join(' ') : e.message || t('failed')
}

interface Act {
  path: string
  body?: (id: string) => unknown
  change: (r: Row) => Partial<Row>
  leaves?: boolean // the list it is in
  back?: (id: string, was: Row) => Promise<unknown>
  done: string // what to say, with who
}

const nameOf = (id: string): string => {
  const r = rowOf(id) ?? (full.peek()?.id === id ? full.peek()! : undefined)
  return r?.author.name || r?.author.handle || t('case_n', { number: r?.number ?? '' })
}

// after moves on to the next row, so that the hands stay where they are.
function after(list: string[]) {
  const sel = selected.peek()
  if (!sel || !list.includes(sel)) return
  const all = ids.peek(), i = at.peek().get(sel) ?? 0, gone = new Set(list)
  const next = all.slice(i).find(id => !gone.has(id) && !lines.get(id)?.peek().left) ?? all.slice(0, i).reverse().find(id => !gone.has(id) && !lines.get(id)?.peek().left)
  if (next) selected.value = next
}

export async function act(list: string[], a: Act): Promise<boolean> {
  if (!list.length) return false
  const meant = every.peek()
  if (meant && !forMany(a.path)) { complain(t('not_many')); return false }
  const was = new Map(list.map(id => [id, rowOf(id) ?? full.peek()!]))
  const back = new Map<string, () => void>()
  batch(() => {
    for (const id of list) {
      const row = was.get(id)
      if (row) back.set(id, patch(id, a.change(row), a.leaves ? true : undefined))
    }
    if (a.leaves && !place.peek().case) after(list)
    if (picked.peek().size) picked.value = new Set()
  })
  if (list.length > 1 && forMany(a.path)) return many(meant, list, a.path, (a.body?.(list[0]!) ?? {}) as object, a.done)
  const wrong: string[] = [], right: string[] = []
  const queue = [...list]
  const one = async () => {
    for (let id = queue.shift(); id; id = queue.shift()) {
      try {
        await post<Written>(`/cases/${id}/${a.path}`, a.body?.(id))
        right.push(id)
      } catch (e) {
        back.get(id)?.()
        wrong.push(refusal(e))
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, list.length) }, one))
  if (openID.peek()) await reread()
  const undo = a.back && (async () => {
    try {
      for (const id of right) {
        await a.back!(id, was.get(id)!)
        const row = was.get(id)
        if (row) patch(id, row, false)
      }
      tell(t('undone'))
    } catch (e) { complain(refusal(e)) }
    if (openID.peek()) refreshCase(0)
  })
  if (wrong.length) complain(list.length === 1 ? wrong[0]! : t('some_failed', { n: wrong.length, of: list.length, why: wrong[0]! }))
  else tell(list.length === 1 ? `${a.done} ${nameOf(list[0]!)}`.trim() : `${a.done} ${t('cases', { n: list.length })}`, undo)
  return !wrong.length
}

const reopen = (id: string, was: Row) => post(`/cases/${id}/reopen`).then(() => was.assignee === me.peek()?.name ? post(`/cases/${id}/claim`).catch(() => {}) : undefined)

export const claim = (list: string[]) => act(list, {
  path: 'claim', change: () => ({ assignee: me.peek()!.name, state: 'claimed' }), done: t('did.claim'), back: id => post(`/cases/${id}/release`),
})
export const release = (list: string[]) => act(list, {
  path: 'release', change: () => ({ assignee: undefined, state: 'waiting' }), done: t('did.release'), back: id => post(`/cases/${id}/claim`),
})
export const assign = (list: string[], to: string) => act(list, {
  path: 'assign', body: () => ({ to }), change: () => ({ assignee: to, state: 'claimed' }), done: t('did.assign', { who: called(to) }),
  back: (id, was) => was.assignee ? post(`/cases/${id}/assign`, { to: was.assignee }) : Promise.reject(new Problem(409, 'conflict', t('no_undo'))),
})
export const handOff = (list: string[], to: string, note: string) => act(list, {
  path: 'handoff', body: () => ({ to, note }), change: () => ({ assignee: to || undefined }), done: t('did.handoff', { who: called(to) || t('the_queue') }),
})
export const resolve = (list: string[], disposition: string, details?: Record<string, string>) => act(list, {
  path: 'resolve', body: () => ({ disposition, details }), change: () => ({ state: 'resolved', end: disposition }), leaves: true, done: t('did.resolve'), back: reopen,
})
export const dismiss = (list: string[], reason: string) => act(list, {
  path: 'dismiss', body: () => ({ reason }), change: () => ({ state: 'dismissed', end: reason }), leaves: true, done: t('did.dismiss'), back: reopen,
})
export const reopenCase = (list: string[]) => act(list, { path: 'reopen', change: () => ({ state: 'waiting' }), done: t('did.reopen') })
export const snooze = (list: string[], until: string) => act(list, {
  path: 'snooze', body: () => ({ until }), change: () => ({ snoozed_until: until }), leaves: true, done: t('did.snooze'), back: id => post(`/cases/${id}/wake`),
})
export const wake = (list: string[]) => act(list, { path: 'wake', change: () => ({ snoozed_until: undefined }), done: t('did.wake') })
export const wait = (list: string[]) => act(list, { path: 'await', change: () => ({ state: 'awaiting' }), leaves: true, done: t('did.await') })
export const requeue = (list: string[], queue: string) => act(list, {
  path: 'requeue', body: () => ({ queue }), change: () => ({ queue }), done: t('did.requeue', { queue: backlog.peek()?.queues.find(q => q.name === queue)?.title ?? queue }),
  back: (id, was) => post(`/cases/${id}/requeue`, { queue: was.queue }),
})
export const tag = (list: string[], add: string) => act(list, {
  path: 'tag', body: () => ({ add: [add] }), change: r => ({ tags: [...r.tags, add] }), done: t('did.tag', { tag: add }), back: id => post(`/cases/${id}/tag`, { remove: [add] }),
})
export const untag = (list: string[], off: string) => act(list, {
  path: 'tag', body: () => ({ remove: [off] }), change: r => ({ tags: r.tags.filter(x => x !== off) }), done: t('did.untag', { tag: off }), back: id => post(`/cases/${id}/tag`, { add: [off] }),
})
export const escalate = (list: string[], to: string) => act(list, { path: 'escalate', body: () => to ? { to } : {}, change: r => ({ level: (r.level ?? 0) + 1 }), done: t('did.escalate') })
export const promise = (list: string[], body: { text: string; due: string; what: string }) =>
  act(list, { path: 'promises', body: () => body, change: r => ({ promises: r.promises + 1 }), done: t('did.promise') })
export const keepPromise = (id: string, n: number) =>
  act([id], { path: `promises/${n}/keep`, change: r => ({ promises: Math.max(0, r.promises - 1) }), done: t('did.keep') })
export const tellPromise = (id: string, n: number, due: string, told: boolean) =>
  act([id], { path: `promises/${n}/renegotiate`, body: () => ({ due, told }), change: () => ({}), done: t('did.renegotiate') })
export const review = (id: string, mention: string, complaint: boolean) =>
  act([id], { path: 'review', body: () => ({ mention, complaint }), change: () => ({}), done: t('did.review') })
export const settle = (id: string, n: number, arrived: boolean) =>
  act([id], { path: `replies/${n}/settle`, body: () => ({ sent: arrived }), change: () => ({}), done: t('did.settle') })
export const undoReply = (id: string, n: number) => act([id], { path: `replies/${n}/undo`, change: () => ({}), done: t('did.undo_reply') })

// takeNext asks the server for the case that is most urgent and nobody has.
export async function takeNext(): Promise<void> {
  const queue = lastList.peek().filters?.queue ?? 'any'
  try {
    const w = await post<Written | undefined>(`/queues/${encodeURIComponent(queue)}/next`)
    if (!w) { tell(t('nobody_waits')); return }
    patch(w.case, { assignee: me.peek()!.name, state: 'claimed' })
    if (lines.has(w.case)) selected.value = w.case
    goCase(w.case)
    tell(t('did.next'), async () => {
      try {
        await post(`/cases/${w.case}/release`)
        patch(w.case, { assignee: undefined, state: 'waiting' })
        tell(t('did.release'))
        refreshCase(0)
      } catch (e) { complain(refusal(e)) }
    })
  } catch (e) { complain(refusal(e)) }
}

export function showNew() {
  fresh.value = new Set()
  if (loaded.peek()) void read()
}

let sending = false

// fieldsOf are what has to be told with an end.
export const fieldsOf = (queue: string, disposition: string) => endsOf(queue).find(e => e.code === disposition)?.fields ?? []

// ahead is what a reply comes to once it is sent: as was pressed, or as its macro
// says.
export function ahead(then: 'await' | 'resolve'): { then: string; disposition?: string } {
  const m = filled.peek()
  const what = then === 'await' ? m?.then ?? 'await' : then
  return what === 'resolve' ? { then: what, disposition: then === 'await' && m?.disposition || ending.peek() } : { then: what }
}

// send sends what is written. It stays in the box until the server has it.
export async function send(then: 'await' | 'resolve', details?: Record<string, string>): Promise<void> {
  const c = full.peek(), how: Mode = mode.peek()
  if (!c || sending) return
  const body = (how === 'note' ? noteText : text).peek()
  if (!body.trim()) return
  if (how !== 'note' && barred.peek()) { complain(t('barred')); return }
  sending = true
  try {
    if (how === 'note') {
      await post(`/cases/${c.id}/note`, { text: body })
      sent('note')
      tell(t('did.note'))
    } else {
      const next = ahead(then), waits = advice.peek()?.approval
      const w = await post<Written>(`/cases/${c.id}/reply`, {
        text: body, to: answering.peek(), direct: how === 'direct', ...next, details, macro: filled.peek()?.macro, ours: ours.peek() || undefined,
        promises: tracked.peek().map(({ text, what, due }) => ({ text, what, due })),
      })
      sent(how)
      wipe()
      const seconds = Math.max(5, me.peek()!.undo_seconds)
      tell(waits ? t('did.reply_waits') : next.then === 'resolve' ? t('did.reply_resolve') : t('did.reply'), async () => {
        try {
          await post(`/cases/${c.id}/replies/${w.n}/undo`)
          await call('PUT', `/cases/${c.id}/draft`, { text: body })
          if (openID.peek() === c.id) text.value = body
          else goCase(c.id)
          tell(t('did.undo_reply'))
          refreshCase(0)
        } catch (e) { complain(refusal(e)) }
      }, seconds)
      if (next.then === 'resolve' && !waits) {
        patch(c.id, { state: 'resolved', reply: 'requested' }, true)
        after([c.id])
        goBack()
      } else patch(c.id, { reply: 'requested' })
    }
    await reread()
  } catch (e) {
    if (how !== 'note') void keepNow()
    complain(refusal(e) + ' ' + t('text_kept'))
    await reread()
  } finally {
    sending = false
  }
}

// anew takes the text of a reply that did not leave back into the box.
export function anew(words: string) {
  mode.value = 'reply'
  wrote(text.peek().trim() ? text.peek() + '\n' + words : words)
}

// byHand copies the answer and opens the post: for networks that only take it
// from a person.
export async function byHand(url: string | undefined): Promise<void> {
  try {
    await navigator.clipboard.writeText(text.peek())
    tell(t('copied'))
  } catch { complain(t('not_copied')) }
  if (url) window.open(url, '_blank', 'noopener,noreferrer')
}

export const dispositionName = (d: string) => code(d)
