// What can be asked about cases: how it ended, until when, who, which.
import * as acts from '../acts'
import { get } from '../api'
import { full } from '../opened'
import { filterNames, goList, lastList, lists, type Filters } from '../route'
import { backlog, called, ids, lines, mayAssign, mayWork, me, people, targets } from '../store'
import { capital, code, t, type Key } from '../words'
import { when } from '../time'
import { complain } from '../toast'
import { ask, asking, type Choice } from './dialog'

const reasons = ['not_a_complaint', 'not_about_us', 'spam', 'duplicate']

// withTargets does something if there is a case to do it to, and who asks may.
function withTargets(run: (list: string[]) => void) {
  const list = targets()
  if (!mayWork.peek()) complain(t('may_not'))
  else if (list.length) run(list)
}

export const askResolve = () => withTargets(list => ask({
  title: t('ask.resolve'), choices: me.peek()!.dispositions.map(d => ({ value: d, name: capital(code(d)), icon: 'i-check' })), pick: d => { void acts.resolve(list, d) },
}))

export const askDismiss = () => withTargets(list => ask({
  title: t('ask.dismiss'), choices: reasons.map(r => ({ value: r, name: capital(code(r)), icon: 'i-ban' })), pick: r => { void acts.dismiss(list, r) },
}))

export function times(): Choice[] {
  const at = (change: (d: Date) => void) => { const d = new Date(); d.setSeconds(0, 0); change(d); return d.toISOString() }
  const morning = (days: number) => at(d => { d.setDate(d.getDate() + days); d.setHours(9, 0) })
  const monday = () => at(d => { d.setDate(d.getDate() + ((8 - d.getDay()) % 7 || 7)); d.setHours(9, 0) })
  return ([['time.hour', at(d => d.setHours(d.getHours() + 1))], ['time.hours', at(d => d.setHours(d.getHours() + 3))], ['time.tomorrow', morning(1)],
    ['time.days', morning(3)], ['time.monday', monday()], ['time.week', morning(7)]] as [Key, string][])
    .map(([name, value]) => ({ value, name: t(name), hint: when(value), icon: 'i-alarm-clock' }))
}

export const askSnooze = () => withTargets(list => ask({ title: t('ask.snooze'), choices: times(), pick: until => { void acts.snooze(list, until) } }))

export const askAssign = () => withTargets(list => {
  const team = [...people.peek().values()].filter(p => !p.disabled && p.role !== 'viewer')
  const choices: Choice[] = team.map(p => ({ value: p.name, name: p.name === me.peek()!.name ? `${p.display} (${t('you')})` : p.display, icon: 'i-user' }))
  choices.push({ value: '', name: t('back_to_queue'), icon: 'i-inbox' })
  ask({ title: t('ask.assign'), choices, pick: to => {
    if (to === me.peek()!.name) void acts.claim(list)
    else if (to === '') void acts.release(list)
    else if (mayAssign.peek()) void acts.assign(list, to)
    else asking.value = { kind: 'handoff', to }
  } })
})

export const askTag = () => withTargets(list => {
  const known = new Set<string>()
  for (const id of ids.peek()) for (const x of lines.get(id)!.peek().row.tags) known.add(x)
  ask({ title: t('ask.tag'), choices: [...known].sort().map(x => ({ value: x, name: x })), pick: x => { void acts.tag(list, x) },
    free: x => known.has(x) ? null : { value: x, name: t('new_tag', { tag: x }) } })
})

export const askQueue = () => withTargets(list => ask({
  title: t('ask.queue'), choices: (backlog.peek()?.queues ?? []).map(q => ({ value: q.name, name: q.title, hint: t('cases', { n: q.needs }), icon: 'i-list-filter' })), pick: q => { void acts.requeue(list, q) },
}))

export const askPromise = () => withTargets(list => { if (list.length === 1) asking.value = { kind: 'promise' } })

// Filters: first by what, then which, out of what the list shows.
function valuesOf(name: string): Choice[] {
  if (name === 'queue') return (backlog.peek()?.queues ?? []).map(q => ({ value: q.name, name: q.title, hint: t('cases', { n: q.needs }) }))
  if (name === 'assignee') return [{ value: 'nobody', name: t('nobody') }, ...[...people.peek().values()].map(p => ({ value: p.name, name: p.display }))]
  if (name === 'left') return ['past', 'quarter', 'hour', 'later', 'none'].map(v => ({ value: v, name: t(`group.${v}` as Key) }))
  if (name === 'has') return [{ value: 'promise', name: t('has.promise') }]
  const count = new Map<string, number>()
  for (const id of ids.peek()) {
    const r = lines.get(id)!.peek().row
    for (const v of name === 'tag' ? r.tags : [r[name as 'topic']]) if (v) count.set(v, (count.get(v) ?? 0) + 1)
  }
  const fixed: Record<string, string[]> = { lane: ['critical', 'ordinary'], severity: ['high', 'low'], mood: ['furious', 'angry', 'annoyed', 'calm'] }
  for (const v of fixed[name] ?? []) if (!count.has(v)) count.set(v, 0)
  return [...count].sort((a, b) => b[1] - a[1]).map(([v, n]) => ({ value: v, name: capital(code(v)), hint: n ? t('cases', { n }) : '' }))
}

export function filterBy(name: string, value: string) {
  const now = lastList.peek(), filters: Filters = { ...now.filters, [name]: value }
  goList(now.list, filters)
}

export function unfilter(name: string) {
  const { [name]: _, ...filters } = lastList.peek().filters
  goList(lastList.peek().list, filters)
}

const chosen = new Set(['queue', 'assignee', 'lane', 'severity', 'mood', 'left', 'has', 'issue']) // one of a few

export const askFilter = () => ask({
  title: t('ask.filter'), choices: filterNames.slice(0, 12).map(f => ({ value: f, name: t(`filter.${f}` as Key), icon: 'i-list-filter' })),
  pick: f => f === 'issue' ? void askIssue() : ask({ title: t(`filter.${f}` as Key), choices: valuesOf(f), pick: v => filterBy(f, v),
    free: v => chosen.has(f) ? null : { value: f === 'tag' ? v : v.toLocaleLowerCase(), name: v } }),
})

const issues = new Map<string, string>() // known issues that were asked for, by id

async function askIssue() {
  try {
    const all = (await get<{ issues: { id: string; number: number; title?: string }[] }>('/issues')).issues
    for (const i of all) issues.set(i.id, i.title || `#${i.number}`)
    ask({ title: t('filter.issue'), choices: all.map(i => ({ value: i.id, name: issues.get(i.id)! })), pick: v => filterBy('issue', v) })
  } catch (e) { complain((e as Error).message || t('offline')) }
}

export function filterValue(name: string, value: string): string {
  if (name === 'queue') return backlog.value?.queues.find(q => q.name === value)?.title ?? value
  if (name === 'assignee') return value === 'nobody' ? t('nobody') : called(value)
  if (name === 'author' || name === 'thread') return t('this_one')
  if (name === 'left') return t(`group.${value}` as Key)
  if (name === 'has') return t('has.promise')
  if (name === 'issue') return issues.get(value) ?? t('this_one')
  return name === 'tag' ? value : capital(code(value))
}

const listNames: Record<string, Key> = { queue: 'list.queue', mine: 'list.mine', awaiting: 'list.awaiting', snoozed: 'list.snoozed', outside: 'list.outside', promised: 'list.promised', resolved: 'list.resolved', dismissed: 'list.dismissed' }
export const listName = (l: string) => t(listNames[l]!)

export function places(): Choice[] {
  const keys: Record<string, string[]> = { queue: ['G', 'Q'], mine: ['G', 'M'], snoozed: ['G', 'S'] }
  return lists.map(l => ({ value: 'list:' + l, name: t('go_to', { where: listName(l) }), icon: 'i-chevron-right', keys: keys[l] ?? [], run: () => goList(l) }))
}

export const openOriginal = () => {
  const list = full.peek()?.mention_list ?? []
  const m = list.find(x => x.id === full.peek()?.to) ?? list.at(-1)
  if (m?.url) window.open(m.url, '_blank', 'noopener,noreferrer')
}
