// What somebody does to many cases at once: one request, one undo. All that
// match are meant also where they are not loaded; the server says what came of
// each.
import { computed, signal } from '@preact/signals'
import { get, post } from './api'
import { lastList } from './route'
import { asked, ids, picked, read } from './store'
import { complain, tell } from './toast'
import { t } from './words'

interface Bulk {
  id: string; state: 'running' | 'done'; cases: number; pending: number; done: number; same: number; refused: number
  refusals: { why: string; n: number }[]
}
interface Count { count: number; limit: number; position: number }

// Every is all cases of a list, as of when they were counted.
interface Every extends Count { matching: Record<string, string>; picked: ReadonlySet<string> }

const chosen = signal<Every | null>(null)

// every is what is meant while nobody has ticked anything else since.
export const every = computed(() => chosen.value?.picked === picked.value ? chosen.value : null)

const here = () => asked(lastList.peek().list, lastList.peek().filters)

export const count = () => get<Count>('/count?' + new URLSearchParams(here()))

// pickEvery ticks all that match.
export async function pickEvery(): Promise<void> {
  try {
    const matching = here(), found = await count()
    if (found.count > found.limit) { complain(t('too_many', { n: found.limit })); return }
    picked.value = new Set(ids.peek())
    chosen.value = { ...found, matching, picked: picked.peek() }
  } catch (e) { complain((e as Error).message || t('failed')) }
}

const acts = new Set(['claim', 'release', 'assign', 'requeue', 'snooze', 'wake', 'tag', 'resolve', 'dismiss'])

export const forMany = (path: string) => acts.has(path)

const pause = () => new Promise(go => setTimeout(go, 700))

// over waits until it is done, and tells how far it is.
async function over(b: Bulk): Promise<Bulk> {
  while (b.state === 'running') {
    tell(t('bulk.running', { n: b.cases - b.pending, of: b.cases }), undefined, 60)
    await pause()
    b = await get<Bulk>(`/bulks/${b.id}`)
  }
  return b
}

const why = (b: Bulk) => b.refused ? ' ' + t('bulk.left', { n: b.refused, why: b.refusals.slice(0, 3).map(r => `${r.why} (${r.n})`).join(' ') }) : ''

// many does something to many cases, and says what came of it.
export async function many(meant: Every | null, list: string[], act: string, more: object, done: string): Promise<boolean> {
  try {
    const which = meant ? { matching: meant.matching, position: meant.position } : { cases: list }
    const b = await over(await post<Bulk>('/cases/bulk', { ...which, do: act, ...more }))
    const says = `${done} ${t('cases', { n: b.done })}${why(b)}`
    if (b.done) tell(says, () => back(b.id), 20)
    else complain(why(b).trim() || says)
    return b.refused === 0
  } catch (e) {
    complain((e as Error).message || t('failed'))
    return false
  } finally { void read() }
}

async function back(id: string): Promise<void> {
  try {
    const b = await over(await post<Bulk>(`/bulks/${id}/undo`))
    tell(t('undone') + why(b), undefined, b.refused ? 20 : 8)
  } catch (e) { complain((e as Error).message || t('failed')) }
  void read()
}
