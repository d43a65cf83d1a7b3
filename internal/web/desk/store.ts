// What the desk knows: who we are, the list on screen, the counts. A row is a
// signal of its own, so that an update redraws that row and no other.
import { batch, computed, signal, type Signal } from '@preact/signals'
import { get } from './api'
import { lastList, place, type Filters, type List } from './route'
import { groupOf, type Group } from './time'
import type { Backlog, CaseList, IssueList, Me, Person, Row, Source } from './types'

export const me = signal<Me | null>(null)
export const people = signal<Map<string, Person>>(new Map())
export const backlog = signal<Backlog | null>(null)
export const known = signal<IssueList | null>(null) // issues, and what the watch proposes
export const blind = signal<{ source: string; kind: string; why: string }[]>([])

// A Line is a row with what happened to it since the list was read.
export interface Line { row: Row; left: boolean } // left: it is not in this list any more
export const lines = new Map<string, Signal<Line>>()

export const ids = signal<string[]>([])
export const groups = signal<{ name: Group; from: number; n: number }[]>([])
export const selected = signal<string | null>(null)
export const picked = signal<ReadonlySet<string>>(new Set())
export const fresh = signal<ReadonlySet<string>>(new Set()) // came since, and wait
export const stale = signal(false) // more happened than we can tell
export const loading = signal(false)
export const failed = signal('')
export const loaded = signal(false) // the list was read at least once
export const more = signal('')
export const presence = signal<ReadonlyMap<string, { name: string; display: string; doing: string }[]>>(new Map())

export const at = computed(() => new Map(ids.value.map((id, i) => [id, i])))
export const mayWork = computed(() => me.value !== null && me.value.role !== 'viewer')
export const mayAssign = computed(() => me.value !== null && (me.value.role === 'lead' || me.value.role === 'admin'))

export const line = (id: string) => lines.get(id)
export const over = ['resolved', 'dismissed', 'merged'] // states in which nothing is owed
export const rowOf = (id: string): Row | undefined => lines.get(id)?.peek().row

export function called(name: string | undefined): string {
  if (!name) return ''
  return people.value.get(name)?.display ?? name
}

export const actorName = (by: string): string => by.startsWith('agent/') ? called(by.slice(6)) : by
export const agentOf = (by: string): string => by.startsWith('agent/') ? by.slice(6) : ''

export const grouped = (list: List) => list === 'queue' || list === 'mine'

const firstPage = 80, pageSize = 200 // the first has to be quick
let turn = 0 // of the list that is being read; an answer to an earlier one is dropped
let abort: AbortController | null = null

// asked is what the API is asked for to fill a list.
export const asked = (list: List, filters: Filters): Record<string, string> =>
  ({ ...filters, ...(list === 'mine' ? { assignee: 'me' } : list === 'following' ? { for: 'me' } : { state: list === 'queue' ? 'needs' : list }) })

function address(list: List, filters: Filters, after: string): string {
  const q = new URLSearchParams(asked(list, filters))
  q.set('limit', String(after ? pageSize : firstPage))
  if (after) q.set('after', after)
  return '/cases?' + q
}

// put takes rows in. A row that is there keeps its signal.
function put(rows: Row[]) {
  for (const row of rows) {
    const s = lines.get(row.id)
    if (s) s.value = { row, left: false }
    else lines.set(row.id, signal({ row, left: false }))
  }
}

export function regroup() {
  const list = lastList.peek().list, t = Date.now()
  if (!grouped(list)) { groups.value = []; return }
  const out: { name: Group; from: number; n: number }[] = []
  ids.peek().forEach((id, i) => {
    const name = groupOf(lines.get(id)!.peek().row, t), last = out.at(-1)
    if (last?.name === name) last.n++
    else out.push({ name, from: i, n: 1 })
  })
  groups.value = out
}

// read reads the list anew from its beginning; keep: what is selected stays.
export async function read(keep = true): Promise<void> {
  const { list, filters } = lastList.peek(), mine = ++turn
  abort?.abort()
  abort = new AbortController()
  loading.value = true
  try {
    const page = await get<CaseList>(address(list, filters, ''), abort.signal)
    if (mine !== turn) return
    batch(() => {
      if (!keep) lines.clear()
      put(page.cases)
      ids.value = page.cases.map(r => r.id)
      const known = new Set(ids.value)
      for (const id of lines.keys()) if (!known.has(id)) lines.delete(id)
      picked.value = new Set([...picked.value].filter(id => known.has(id)))
      if (!selected.value || !known.has(selected.value)) selected.value = ids.value[0] ?? null
      more.value = page.next ?? ''
      fresh.value = new Set()
      stale.value = false
      failed.value = ''
      loaded.value = true
      regroup()
    })
  } catch (e) {
    if (mine === turn) failed.value = (e as Error).message || 'offline'
  } finally {
    if (mine === turn) loading.value = false
  }
}

// readMore reads the next page, if there is one.
export async function readMore(): Promise<void> {
  if (!more.value || loading.value) return
  const { list, filters } = lastList.peek(), mine = turn
  loading.value = true
  try {
    const page = await get<CaseList>(address(list, filters, more.value))
    if (mine !== turn) return
    batch(() => {
      const known = at.peek(), add = page.cases.filter(r => !known.has(r.id))
      put(add)
      ids.value = ids.value.concat(add.map(r => r.id))
      more.value = page.next ?? ''
      regroup()
    })
  } catch { /* scrolling on tries again */ } finally {
    if (mine === turn) loading.value = false
  }
}

// patch changes a row that is on screen; it answers with how to change it back.
export function patch(id: string, change: Partial<Row>, left?: boolean): () => void {
  const s = lines.get(id)
  if (!s) return () => {}
  const was = s.peek()
  s.value = { row: { ...was.row, ...change }, left: left ?? was.left }
  return () => { if (lines.get(id) === s) s.value = was }
}

export async function readCounts(): Promise<void> {
  try { backlog.value = await get<Backlog>('/queues') } catch { /* the next one */ }
}

export async function readIssues(): Promise<void> {
  try { known.value = await get<IssueList>('/issues') } catch { /* the next one */ }
}

const blinding = new Set(['stopped', 'failing', 'capped', 'quiet'])

export async function readSources(): Promise<void> {
  try {
    const { sources } = await get<{ sources: Source[] }>('/sources')
    blind.value = sources.flatMap(s => s.troubles.filter(x => blinding.has(x.kind)).slice(0, 1).map(x => ({ source: s.name, kind: x.kind, why: x.why })))
  } catch { /* the next one */ }
}

export async function readMe(): Promise<void> {
  const [who, team] = await Promise.all([get<Me>('/me'), get<{ people: Person[] }>('/people')])
  batch(() => {
    me.value = who
    people.value = new Map(team.people.map(p => [p.name, p]))
  })
}

// next is the case after or before one in the list.
export function beside(id: string, step: number): string | undefined {
  const i = at.value.get(id)
  return i === undefined ? undefined : ids.value[i + step]
}

export function move(step: number) {
  const list = ids.value
  if (!list.length) return
  const i = selected.value === null ? -1 : at.value.get(selected.value) ?? -1
  const to = Math.max(0, Math.min(list.length - 1, i + step))
  selected.value = list[to]!
  if (to > list.length - 50) void readMore()
}

// targets are what an act is about: the open case, or what is picked, or the row
// that is selected.
export function targets(): string[] {
  const here = place.peek()
  if (here.case !== undefined) return [openID.peek() ?? here.case]
  if (picked.peek().size) return [...picked.peek()]
  return selected.peek() ? [selected.peek()!] : []
}

// openID is the id of the case on screen, also where its address is a number.
export const openID = signal<string | null>(null)
