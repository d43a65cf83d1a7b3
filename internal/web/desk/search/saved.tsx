// Saved lists: in the rail with their counts, and what can be done with one.
import { render } from 'preact'
import { effect, signal } from '@preact/signals'
import { call, get, Problem } from '../api'
import { ask, type Choice } from '../dialogs/dialog'
import { Icon } from '../parts/small'
import { hrefOf, lastList, place, type Filters, type List } from '../route'
import { backlog, mayAssign } from '../store'
import { complain, tell } from '../toast'
import { t } from '../words'
import { openSearch } from './search'
import type { Saved } from './types'

export const saved = signal<Saved[]>([])

let turn = 0
export async function readSaved(): Promise<void> {
  const mine = ++turn
  try {
    const { views } = await get<{ views: Saved[] }>('/views')
    if (mine === turn) saved.value = views
  } catch { /* the next one */ }
}

const stateOf: Record<List, string> = { queue: 'needs', mine: '', awaiting: 'awaiting', snoozed: 'snoozed', outside: 'outside', promised: 'promised', resolved: 'resolved', dismissed: 'dismissed' }

// asFilters is the list on screen as the API's filters.
function asFilters(list: List, filters: Filters): Record<string, string> {
  return list === 'mine' ? { ...filters, assignee: 'me' } : { ...filters, state: stateOf[list] }
}

// asPlace is the other way round; null: the desk has no such list.
function asPlace(v: Saved): { list: List; filters: Filters } | null {
  const { state, ...filters } = v.filters
  if (filters.assignee === 'me' && !state) {
    const { assignee: _, ...rest } = filters
    return { list: 'mine', filters: rest }
  }
  const list = (Object.keys(stateOf) as List[]).find(l => stateOf[l] === (state ?? 'needs') && l !== 'mine')
  return list && filters.assignee !== 'me' ? { list, filters } : null
}

const same = (a: Record<string, string>, b: Record<string, string>) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([k, v]) => b[k] === v)

// current is the saved list on screen, if it is one.
export const current = (): Saved | undefined => {
  const { list, filters } = lastList.value
  return saved.value.find(v => { const p = asPlace(v); return p && p.list === list && same(p.filters, filters) })
}

const words = (v: Saved) => Object.entries(v.filters).map(([k, x]) => `${k}:${/\s/.test(x) ? `"${x}"` : x}`).join(' ')

function Rail() {
  const here = place.value.case === undefined ? current()?.id : undefined
  return saved.value.length > 0 && <>
    <h2>{t('saved')}</h2>
    {saved.value.map(v => {
      const p = asPlace(v), inner = <><Icon name={v.shared ? 'i-users' : 'i-list-filter'} /><span class="nm"><bdi>{v.name}</bdi></span>{v.count > 0 && <span class="n num">{v.count}</span>}</>
      return p ? <a class="nav" key={v.id} href={hrefOf(p)} aria-current={v.id === here ? 'page' : undefined}>{inner}</a>
        : <a class="nav" key={v.id} href="#" onClick={e => { e.preventDefault(); openSearch(words(v)) }}>{inner}</a>
    })}
  </>
}

// beginSaved puts the lists into the rail and keeps their counts true.
export function beginSaved() {
  const before = document.querySelectorAll('.rail h2')[1]
  if (!before) return
  const box = document.createElement('div')
  box.className = 'saved'
  before.before(box)
  render(<Rail />, box)
  effect(() => { if (backlog.value) void readSaved() }) // read whenever the counts are
}

async function write(what: Promise<unknown>, done: string) {
  try {
    await what
    await readSaved()
    tell(done)
  } catch (e) { complain(e instanceof Problem && e.status ? e.message : t('offline')) }
}

// askSave keeps the list on screen under a name.
export function askSave() {
  const { list, filters } = lastList.peek()
  const keep = (name: string, shared: boolean) => void write(call('POST', '/views', { name, shared, filters: asFilters(list, filters) }), t('saved.did', { name }))
  ask({ title: t('saved.name'), pick: () => {}, choices: typed => {
    const name = typed.trim()
    if (!name) return []
    const out: Choice[] = [{ value: 'me', name: t('saved.for_me', { name }), icon: 'i-list-filter', run: () => keep(name, false) }]
    if (mayAssign.peek()) out.push({ value: 'team', name: t('saved.for_team', { name }), icon: 'i-users', run: () => keep(name, true) })
    return out
  } })
}

const at = (v: Saved) => `/views/${v.id}${v.shared ? '?shared=true' : ''}`

// askSaved offers what can be done with the saved list on screen.
export function askSaved() {
  const v = current()
  if (!v) { askSave(); return }
  const copy: Choice = { value: 'copy', name: t('saved.copy'), icon: 'i-external-link', run: () => void navigator.clipboard.writeText(location.href).then(() => tell(t('link_copied'))).catch(() => {}) }
  if (v.shared && !mayAssign.peek()) { ask({ title: v.name, pick: () => {}, choices: [copy] }); return }
  const own = saved.peek().filter(x => !!x.shared === !!v.shared), i = own.findIndex(x => x.id === v.id)
  const change = (body: unknown) => void write(call('PATCH', at(v), body), t('saved.changed'))
  const choices: Choice[] = [copy, { value: 'name', name: t('saved.rename'), icon: 'i-sticky-note', run: () => ask({ title: t('saved.name'), choices: [], pick: name => change({ name }), free: x => ({ value: x, name: x }) }) }]
  if (i > 0) choices.push({ value: 'up', name: t('saved.up'), icon: 'i-chevron-right', run: () => change({ place: i - 1 }) })
  if (i < own.length - 1) choices.push({ value: 'down', name: t('saved.down'), icon: 'i-chevron-right', run: () => change({ place: i + 1 }) })
  choices.push({ value: 'delete', name: t('saved.delete'), icon: 'i-x', run: () => void write(call('DELETE', at(v)), t('saved.deleted')) })
  ask({ title: v.name, choices, pick: () => {} })
}
