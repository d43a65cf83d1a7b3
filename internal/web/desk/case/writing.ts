// What goes with an answer that is being written: which post it is to, the
// macro it was made of, what is worth a second look, what it promises.
import { batch, computed, effect, signal } from '@preact/signals'
import { get, post } from '../api'
import { ending, full, mode, text, wrote } from '../opened'
import { openID } from '../store'
import type { Filled, Macro, Offer, ReplyAdvice, Tracked } from '../types'

export const chosen = signal('') // the mention to answer; empty: the one that the API names
export const filled = signal<Filled | null>(null)
export const advice = signal<ReplyAdvice | null>(null)
export const ours = signal(false) // the personal details in it are our own
export const tracked = signal<(Tracked & { of: string })[]>([]) // of: the sentence that promises it
const found = signal<Offer[]>([])
const refused = signal<ReadonlySet<string>>(new Set())

export const answering = computed(() => chosen.value || full.value?.to || '')

// offers are sentences that promise something and of which nobody has said yet
// whether to keep track of them. A macro that has a promise brings its own.
export const offers = computed(() => filled.value?.promise ? [] : found.value.filter(o => !refused.value.has(o.text) && !tracked.value.some(p => p.of === o.text)))

// barred says that what is written can't be sent like this.
export const barred = computed(() => (advice.value?.advice ?? []).some(a => a.blocks && !(a.kind === 'personal' && ours.value)))

export function track(o: Offer, p: Partial<Tracked> = {}) {
  const due = p.due ?? o.due
  if (due) tracked.value = [...tracked.value, { of: o.text, text: p.text ?? o.text, what: p.what ?? o.what, due }]
}
export const untrack = (of: string) => { tracked.value = tracked.value.filter(p => p.of !== of); refuse(of) }
export const refuse = (sentence: string) => { refused.value = new Set(refused.value).add(sentence) }

// wipe forgets all of it: the answer is on its way, or another case is on screen.
export const wipe = () => batch(() => {
  chosen.value = ''
  filled.value = advice.value = null
  ours.value = false
  tracked.value = []
  found.value = []
  refused.value = new Set()
})

let turn = 0, timer = 0

async function look(id: string, value: string, direct: boolean, to: string) {
  const mine = ++turn
  const zone = full.peek()?.contact.zone?.text ?? ''
  try {
    const [a, f] = await Promise.all([
      post<ReplyAdvice>(`/cases/${id}/reply/check`, { text: value, direct, ...(to ? { to } : {}) }),
      post<{ promises: Offer[] }>(`/cases/${id}/promises/find`, { text: value, zone }),
    ])
    if (mine !== turn) return
    batch(() => {
      advice.value = a
      found.value = f.promises
      const still = new Set(f.promises.map(o => o.text))
      if (tracked.peek().some(p => !still.has(p.of))) tracked.value = tracked.peek().filter(p => still.has(p.of))
    })
  } catch { /* it is advice: the server says no again where it has to */ }
}

// Whenever the text rests for a moment it is looked at.
effect(() => {
  const id = openID.value, value = text.value, how = mode.value, to = chosen.value
  clearTimeout(timer)
  if (!value.trim()) {
    turn++
    batch(() => { advice.value = filled.value = null; found.value = []; tracked.value = []; ours.value = false })
  } else if (id && how !== 'note') timer = window.setTimeout(() => { void look(id, value, how === 'direct', to) }, 350)
})
effect(() => { openID.value; wipe() })

let all: Promise<{ macros: Macro[] }> | null = null

// macros are those for the queue of the case on screen.
export async function macros(): Promise<Macro[]> {
  all ??= get<{ macros: Macro[] }>('/macros')
  try {
    return (await all).macros.filter(m => !m.queues.length || m.queues.includes(full.peek()?.queue ?? ''))
  } catch (e) {
    all = null
    throw e
  }
}

// fill puts a macro into the box, behind what is there.
export async function fill(name: string): Promise<void> {
  const id = openID.peek()
  if (!id) return
  const f = await get<Filled>(`/cases/${id}/macros/${encodeURIComponent(name)}`)
  const before = text.peek().trimEnd()
  batch(() => {
    if (mode.peek() === 'note') mode.value = 'reply'
    wrote(before ? before + '\n' + f.text : f.text)
    filled.value = f
    if (f.disposition) ending.value = f.disposition
  })
}
