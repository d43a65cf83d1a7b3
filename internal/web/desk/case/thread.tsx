// The conversation, in order of time, with what happened in between.
import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { handleOf, Icon, Text, When } from '../parts/small'
import { full, lookedAt, thread } from '../opened'
import { agentOf, me } from '../store'
import { t } from '../words'
import type { Entry, Full } from '../types'
import { Ours, TeamNote } from './ours'
import { Post } from './post'

const quiet = new Set(['opened', 'routed', 'assigned', 'released', 'resolved', 'reopened', 'dismissed', 'escalated', 'handed_off', 'target_breached', 'snoozed', 'woken', 'merged', 'absorbed', 'unmatched'])
const icons: Record<string, string> = { opened: 'i-flag', routed: 'i-git-branch', assigned: 'i-user', released: 'i-inbox', resolved: 'i-check', dismissed: 'i-ban', snoozed: 'i-alarm-clock', target_breached: 'i-timer', escalated: 'i-triangle-alert' }

type Item = { at: string; seen: string; order: number; view: VNode }

const mine = (by: string) => agentOf(by) === me.value?.name

function items(c: Full): Item[] {
  const out: Item[] = []
  c.mention_list.forEach(m => out.push({ at: m.posted_at ?? m.seen_at ?? '', seen: m.seen_at ?? '', order: 0, view: <Post key={m.id} m={m} /> }))
  c.reply_list.forEach((r, i) => out.push({ at: r.requested_at ?? r.visible_at ?? '', seen: mine(r.by) ? '' : r.requested_at ?? '', order: 2, view: <Ours key={`r${i}`} id={c.id} r={r} /> }))
  c.notes.forEach(n => out.push({ at: n.at, seen: mine(n.by) ? '' : n.at, order: 2, view: <TeamNote key={`n${n.n}`} n={n} /> }))
  c.story.forEach((e: Entry) => {
    const told = e.events.filter(x => quiet.has(x.kind))
    if (!told.length) return
    out.push({ at: e.at, seen: '', order: 1, view: <div class="ev" key={`e${e.seq}`}><Icon name={icons[told[0]!.kind] ?? 'i-circle-dashed'} /><span><Text>{told.map(x => x.says).join(' ')}</Text></span><When at={e.at} /></div> })
  })
  return out.map((x, i) => ({ x, i, t: Date.parse(x.at) || 0 })).sort((a, b) => a.t - b.t || a.x.order - b.x.order || a.i - b.i).map(({ x }) => x)
}

// The thread as its network shows it now: read when asked for, and not kept.
function Around() {
  const list = thread.value
  if (list === null) return null
  if (list === 'loading') return <p class="quiet" role="status">{t('thread.loading')}</p>
  return <section class="around" aria-label={t('thread.title')}><header><Icon name="i-message-circle" /><b>{t('thread.title')}</b><span class="grow" /><button class="link" onClick={() => { thread.value = null }}>{t('thread.hide')}</button></header>
    {list.length === 0 && <p class="quiet">{t('thread.none')}</p>}
    <ol>{list.map((p, i) => <li key={i} class={p.this ? 'this' : ''}><div class="hd"><b><Text>{p.name || p.handle || t('somebody')}</Text></b> {handleOf(p) && <bdi>{handleOf(p)}</bdi>} <When at={p.posted_at} /></div><p><Text>{p.text}</Text></p></li>)}</ol></section>
}

export function Thread() {
  const box = useRef<HTMLDivElement>(null)
  const c = full.value!, all = items(c), list = all.map(x => x.view)
  const at = Date.parse(lookedAt.value), i = all.findIndex(x => Date.parse(x.seen) > at), first = i < 0 ? list.length : i
  useEffect(() => { box.current!.scrollTop = box.current!.scrollHeight }, [c.id, c.reply_list.length, c.notes.length, c.mention_list.length])
  return <div class="thread" ref={box} tabIndex={0} role="region" aria-label={t('thread')}>
    <Around />
    {list.slice(0, first)}{first < list.length && <p class="newline" role="separator" key="new"><span>{t('new_since')}</span></p>}{list.slice(first)}
  </div>
}
