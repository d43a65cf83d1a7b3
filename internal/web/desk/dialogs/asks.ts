// What can be asked about cases: how it ended, until when, who, which.
import * as acts from '../acts'
import { get } from '../api'
import { endsOf, full, original } from '../opened'
import { track } from '../case/writing'
import { filterNames, goList, hrefOf, lastList, lists, type Filters } from '../route'
import { backlog, called, ids, lines, mayAssign, mayWork, me, people, rowOf, targets } from '../store'
import { capital, code, t, type Key } from '../words'
import { complain } from '../toast'
import { ask, asking, askForm, type Choice } from './dialog'
import { times } from './times'
import { promiseBy } from '../rarely'
import { when } from '../time'
import type { Full, Offer, Person, Policy, Tracked } from '../types'

export { times }

const reasons = ['not_a_complaint', 'not_about_us', 'spam', 'duplicate']

// withTargets does something if there is a case to do it to, and who asks may.
function withTargets(run: (list: string[]) => void) {
  const list = targets()
  if (!mayWork.peek()) complain(t('may_not'))
  else if (list.length) run(list)
}

// askDetails asks for what has to be told with an end, if anything has.
export function askDetails(queue: string, disposition: string, run: (details?: Record<string, string>) => void) {
  const fields = acts.fieldsOf(queue, disposition)
  if (!fields.length) run()
  else askForm({ title: capital(code(disposition)), submit: t('key.resolve'), run, fields: fields.map(f => ({ name: f, label: capital(code(f)), kind: 'text' })) })
}

export const askResolve = () => withTargets(list => {
  const queue = (rowOf(list[0]!) ?? full.peek())?.queue ?? ''
  ask({ title: t('ask.resolve'), choices: endsOf(queue).map(e => ({ value: e.code, name: capital(code(e.code)), icon: 'i-check' })),
    pick: d => askDetails(queue, d, details => { void acts.resolve(list, d, details) }) })
})

export const askDismiss = () => withTargets(list => ask({
  title: t('ask.dismiss'), choices: reasons.map(r => ({ value: r, name: capital(code(r)), icon: 'i-ban' })), pick: r => { void acts.dismiss(list, r) },
}))

export const askSnooze = () => withTargets(list => ask({ title: t('ask.snooze'), choices: times(), pick: until => { void acts.snooze(list, until) } }))

export const askAssign = () => withTargets(list => {
  const choices: Choice[] = team().map(p => ({ value: p.name, name: p.name === me.peek()!.name ? `${p.display} (${t('you')})` : p.display, icon: 'i-user', ...awayHint(p) }))
  choices.push({ value: '', name: t('back_to_queue'), icon: 'i-inbox' })
  ask({ title: t('ask.assign'), choices, pick: to => {
    if (to === me.peek()!.name) void acts.claim(list)
    else if (to === '') void acts.release(list)
    else if (mayAssign.peek()) void acts.assign(list, to)
    else askHandOff(list, to)
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

export const askUntag = (list: string[], tags: string[]) => ask({ title: t('ask.untag'), choices: tags.map(x => ({ value: x, name: x })), pick: x => { void acts.untag(list, x) } })

const team = () => [...people.peek().values()].filter(p => !p.disabled && p.role !== 'viewer')
const awayHint = (p: Person) => p.away ? { hint: p.away_until ? t('is_away_until', { when: when(p.away_until) }) : t('is_away') } : {}

export const askEscalate = (list: string[]) => ask({
  title: t('ask.escalate'), pick: to => { void acts.escalate(list, to) },
  choices: [{ value: '', name: t('escalate.rules'), icon: 'i-triangle-alert' }, ...team().map(p => ({ value: p.name, name: p.display, icon: 'i-user', ...awayHint(p) }))],
})

// askPolicy tells what each policy would make of the case's deadlines.
export const askPolicy = (c: Full) => {
  get<{ policies: Policy[] }>(`/cases/${c.id}/policies`).then(({ policies }) => ask({
    title: t('ask.policy'), pick: name => { if (name !== c.policy) void promiseBy(c, name) },
    choices: policies.map(p => ({
      value: p.name, name: p.in_force ? t('policy.own', { policy: p.name }) : p.name, icon: p.in_force ? 'i-check' : 'i-alarm-clock',
      hint: p.targets.map(x => `${code(x.target)}: ${x.state === 'paused' ? code(x.state) : when(x.due_at)}`).join(' · ') || t('none_running'),
    })),
  })).catch(e => complain(acts.refusal(e)))
}

const askHandOff = (list: string[], to: string) => askForm({
  title: t('ask.handoff', { who: called(to) }), submit: t('handoff.do'), run: v => { void acts.handOff(list, to, v.note!) },
  fields: [{ name: 'note', label: t('handoff.note'), kind: 'area', max: 10000 }],
})

const kinds = ['write', 'call', 'refund', 'repair', 'other']

function askPromised(p: Partial<Tracked>, run: (p: Tracked) => void) {
  askForm({
    title: t('ask.promise'), submit: t('promise.track'), run: v => run({ text: v.text!, what: v.what!, due: v.due! }),
    fields: [
      { name: 'text', label: t('promise.text'), kind: 'area', value: p.text ?? '' },
      { name: 'what', label: t('promise.what'), kind: 'select', value: p.what ?? 'write', options: kinds.map(k => ({ value: k, name: capital(code(k)) })) },
      { name: 'due', label: t('promise.due'), kind: 'when', zone: full.peek()?.contact.zone?.text, ...p.due ? { value: p.due } : {} },
    ],
  })
}

export const askPromise = () => withTargets(list => { if (list.length === 1) askPromised({}, p => { void acts.promise(list, p) }) })

// askOffer is the same for a sentence that is about to be sent.
export const askOffer = (o: Offer) => askPromised({ text: o.text, what: o.what, ...o.due ? { due: o.due } : {} }, p => track(o, p))

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

const listNames: Record<string, Key> = { queue: 'list.queue', mine: 'list.mine', awaiting: 'list.awaiting', snoozed: 'list.snoozed', outside: 'list.outside', promised: 'list.promised', approve: 'list.approve', friction: 'list.friction', held: 'list.held', following: 'list.following', resolved: 'list.resolved', dismissed: 'list.dismissed' }
export const listName = (l: string) => t(listNames[l]!)

export function places(): Choice[] {
  const keys: Record<string, string[]> = { queue: ['G', 'Q'], mine: ['G', 'M'], snoozed: ['G', 'S'] }
  const own = new Set(lists.map(l => hrefOf({ list: l, filters: {} })))
  const beside = [...document.querySelectorAll<HTMLAnchorElement>('.rail a.nav')].filter(a => !own.has(a.getAttribute('href')!))
  return [...lists.map(l => ({ value: 'list:' + l, name: t('go_to', { where: listName(l) }), icon: 'i-chevron-right', keys: keys[l] ?? [], run: () => goList(l) })),
  ...beside.map(a => ({ value: a.href, name: t('go_to', { where: a.querySelector('.nm')?.textContent ?? '' }), icon: 'i-chevron-right', run: () => a.click() })),
  { value: 'me', name: t('my_account'), icon: 'i-user', run: () => location.assign('/me') }]
}

export const openOriginal = () => {
  const m = original()
  if (m?.url) window.open(m.url, '_blank', 'noopener,noreferrer')
}
