// The acts that have no key: one menu of them, on the case and in the palette.
import * as acts from '../acts'
import * as rarely from '../rarely'
import { full } from '../opened'
import { narrow } from '../parts/size'
import { mayAssign, me, mayWork, over, targets, rowOf } from '../store'
import { capital, code, t } from '../words'
import { askAssign, askDismiss, askEscalate, askPolicy, askQueue, askUntag, times } from './asks'
import { ask, type Choice } from './dialog'
import { askSplit, furtherActs, outs } from './further'
import type { Full } from '../types'

const askOutside = (list: string[]) => ask({
  title: t('ask.wait_on'), choices: (me.peek()?.outside ?? []).map(o => ({ value: o, name: capital(code(o)), icon: 'i-hourglass' })),
  pick: on => ask({ title: t('ask.wait_until', { who: code(on) }), choices: times(), pick: until => { void rarely.waitOn(list, on, until) } }),
})

// Most likely it goes on in another case of the same person.
const askMerge = (c: Full) => ask({
  title: t('ask.merge'), pick: into => { void rarely.merge(c.id, into) },
  choices: c.earlier.filter(b => b.state !== 'merged').map(b => ({ value: b.id, name: t('case_n', { number: b.number }), hint: [code(b.topic), code(b.state)].filter(Boolean).join(', '), icon: 'i-git-branch' })),
  free: typed => /^#?\d{1,12}$/.test(typed) ? { value: typed.replace('#', ''), name: t('case_n', { number: typed.replace('#', '') }) } : null,
})

// moreActs are what can be done with these cases besides what has a key.
export function moreActs(list: string[]): Choice[] {
  if (!mayWork.peek() || !list.length) return []
  const open = full.peek(), c = open && list.length === 1 && open.id === list[0] ? open : null
  const row = c ?? rowOf(list[0]!)
  const ended = over.includes(row?.state ?? '')
  const outside = list.length === 1 && row?.waits_on, tags = [...new Set(list.flatMap(id => (c ?? rowOf(id))?.tags ?? []))].sort()
  const out: Choice[] = ended ? row!.state === 'merged' ? [] : [{ value: 'reopen', name: t('reopen'), icon: 'i-rotate-ccw', run: () => void acts.reopenCase(list) }] : [
    { value: 'queue', name: t('ask.queue'), icon: 'i-inbox', run: askQueue },
    { value: 'release', name: t('back_to_queue'), icon: 'i-inbox', run: () => void acts.release(list) },
    { value: 'escalate', name: t('key.escalate'), icon: 'i-triangle-alert', run: () => askEscalate(list) },
    { value: 'await', name: t('wait_customer'), icon: 'i-hourglass', run: () => void acts.wait(list) },
    outside ? { value: 'stop', name: t('stop_waiting', { who: code(row.waits_on) }), icon: 'i-hourglass', run: () => void rarely.stopWaiting(list) }
      : { value: 'outside', name: t('ask.wait_on'), icon: 'i-hourglass', run: () => askOutside(list) },
  ]
  if (!ended && list.some(id => (c ?? rowOf(id))?.snoozed_until)) out.unshift({ value: 'wake', name: t('wake'), icon: 'i-alarm-clock', run: () => void acts.wake(list) })
  if (tags.length) out.push({ value: 'untag', name: t('ask.untag'), icon: 'i-x', run: () => askUntag(list, tags) })
  if (!c) return out
  out.unshift(...furtherActs(c))
  if (mayAssign.peek() && !ended) out.push({ value: 'policy', name: t('ask.policy'), icon: 'i-alarm-clock', run: () => askPolicy(c) })
  if (c.to_acknowledge) out.push({ value: 'ack', name: t('acknowledge'), icon: 'i-check', run: () => void rarely.acknowledge(c.id) })
  out.push({ value: 'merge', name: t('merge'), icon: 'i-git-branch', run: () => askMerge(c) })
  if (c.mention_list.length > 1) out.push({ value: 'split', name: t('split'), icon: 'i-git-branch', run: () => askSplit(c) })
  const m = c.mention_list.at(-1)
  if (m && mayAssign.peek()) {
    out.push({ value: 'block', name: t(c.blocked ? 'unblock' : 'block'), icon: 'i-ban', run: () => void rarely.block(c.id, m.id, !!c.blocked) })
  }
  return out
}

// On a phone the menu holds what the bar has no room for, too.
export const askMore = () => ask({ title: t('more_acts'), pick: () => {}, choices: [
  ...narrow.peek() ? [{ value: 'assign', name: t('key.assign'), icon: 'i-user-plus', run: askAssign }, { value: 'dismiss', name: t('key.dismiss'), icon: 'i-ban', run: askDismiss }] : [],
  ...moreActs(targets()), ...full.peek() ? outs(full.peek()!) : [],
] })
