// One case in the list.
import { useComputed, type Signal } from '@preact/signals'
import { Avatar, Icon, Left, Mixed, Mood, networkIcon, reach, Runs, Text, Topic, When, whoOf } from '../parts/small'
import { goCase, hrefOf, lastList, type List } from '../route'
import { called, mayWork, me, picked, presence, selected, type Line } from '../store'
import { code, t } from '../words'

const speaks = (l: string) => {
  const mine = me.value?.languages ?? [], base = l.split('-')[0]
  return mine.length ? mine.some(m => m.split('-')[0] === base) : base === 'en'
}

function Holder({ id, assignee }: { id: string; assignee: string | undefined }) {
  const there = (useComputed(() => presence.value.get(id)).value ?? []).filter(p => p.name !== me.value?.name)
  const typing = there.find(p => p.doing === 'typing')
  if (typing) return <span class="as"><span class="typing" title={t('is_replying', { who: typing.display })}><i aria-hidden="true"><b /><b /><b /></i><span>{t('replying')}</span></span><Avatar name={typing.display} by={typing.name} /></span>
  if (assignee) return <span class="as"><span class="nm" title={called(assignee)}>{assignee === me.value?.name ? t('You') : called(assignee).split(' ')[0]}</span><Avatar name={called(assignee)} by={assignee} /></span>
  if (there.length) return <span class="as"><span class="nm">{t('is_looking', { who: there[0]!.display })}</span><Icon name="i-search" /></span>
  return <span class="as"><span class="nobody" title={t('nobody_yet')}><Icon name="i-circle-dashed" /></span><span class="sr">{t('nobody_yet')}</span></span>
}

// What the first column tells depends on the list: time left where we owe
// something, an instant where we don't.
function Time({ r, list }: { r: Line['row']; list: List }) {
  switch (list) {
    case 'promised': return <Left due={r.promise_due ? { target: 'promise', start_at: r.opened_at, at_risk_at: r.promise_due, due_at: r.promise_due } : undefined} />
    case 'snoozed': return <span class="sla num"><Icon name="i-alarm-clock" /><When at={r.snoozed_until} /></span>
    case 'outside': return <span class="sla num"><Icon name="i-hourglass" /><When at={r.waits_until} /></span>
    case 'resolved': case 'dismissed': case 'awaiting': return <span class="sla num"><When at={r.resolved_at ?? r.last_at} /></span>
  }
  return <Left due={r.due} />
}

export function Row({ id, line, top, height }: { id: string; line: Signal<Line>; top: number; height: number }) {
  const { row: r, left } = line.value
  // Of what changes with each key, a row reads only whether it is meant: the others stay as they are drawn.
  const on = useComputed(() => picked.value.has(id)).value, sel = useComputed(() => selected.value === id).value
  const toggle = (e: Event) => {
    e.stopPropagation()
    selected.value = id
    const next = new Set(picked.value)
    if (!next.delete(id)) next.add(id)
    picked.value = next
  }
  const open = (e: MouseEvent) => {
    if ((e.target as Element).closest('a,button')) return
    selected.value = id
    if (e.detail === 2 || matchMedia('(pointer: coarse)').matches) goCase(id)
  }
  return <li class={`row${left ? ' left' : ''}`} id={`row-${id}`} data-case={id} data-sel={sel || undefined} data-on={on || undefined} aria-current={sel || undefined} onClick={open}
    style={{ transform: `translateY(${top}px)`, height: `${height}px` }}>
    {mayWork.value ? <button class="bx" role="checkbox" aria-checked={on} aria-label={t('select_row', { who: whoOf(r) })} tabIndex={-1} onClick={toggle} /> : <span />}
    <Time r={r} list={lastList.value.list} />
    <Mood mood={r.mood} />
    <span class="ch" title={r.network}><Icon name={networkIcon(r.network)} /><span class="sr">{r.network}</span></span>
    <a class="who" href={hrefOf({ case: id })} tabIndex={sel ? 0 : -1}><Text>{whoOf(r)}</Text>{r.author.mixed_script && <Mixed />}</a>
    <span class="topic"><Topic topic={r.topic} /></span>
    <span class="ex" dir="auto">{r.erased ? <span class="gone">{t('gone')}</span> : <Runs runs={r.excerpt} />}</span>
    <span class="sig">
      {left && <span class="chip soft">{r.assignee && r.state === 'claimed' ? called(r.assignee) : code(r.state)}</span>}
      {!left && r.urgency.slice(0, 1).map(u => <span class="urg">{code(u)}</span>)}
      {r.reply === 'unknown' && <span class="urg bad">{t('reply.unknown')}</span>}
      {r.reply === 'failed' && <span class="urg bad">{t('reply.failed')}</span>}
      {r.promises > 0 && <span title={t('promises', { n: r.promises })}><Icon name="i-flag" /></span>}
      {(r.earlier_complaints ?? 0) > 0 && <span title={t('earlier_n', { n: r.earlier_complaints! })}><Icon name="i-history" /><span class="num">{r.earlier_complaints}</span><span class="sr">{t('earlier_n', { n: r.earlier_complaints! })}</span></span>}
      {r.picture && <span title={t('has_picture')}><Icon name="i-image" /><span class="sr">{t('has_picture')}</span></span>}
      {r.mentions > 1 && <span title={t('posts', { n: r.mentions })}><Icon name="i-message-circle" /><span class="num">{r.mentions}</span><span class="sr">{t('posts', { n: r.mentions })}</span></span>}
      {r.late && <span class="urg" title={t('late.why')}>{t('late')}</span>}
      {r.language && !speaks(r.language) && <span class="lang">{r.language.toUpperCase().slice(0, 5)}</span>}
    </span>
    <span class={`reach num${r.reach >= 10000 ? ' hl' : ''}`}><span class="sr">{t('reach')} </span>{reach(r.reach)}</span>
    <Holder id={id} assignee={r.assignee} />
  </li>
}

