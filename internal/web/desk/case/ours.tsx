// What we answered, with what truly became of it, and notes to the team.
import * as acts from '../acts'
import * as rarely from '../rarely'
import { askRefuse } from '../dialogs/further'
import { Avatar, Icon, Key, Runs, Text, When } from '../parts/small'
import { Changed, ReplyMenu } from './changes'
import { Original } from './post'
import { actorName, agentOf, mayAssign, mayWork, me } from '../store'
import { code, t, type Key as Word } from '../words'
import type { Note, Reply } from '../types'

// What a lead says of a reply that waits for them.
function Approval({ id, r }: { id: string; r: Reply }) {
  return <div class="offer"><Icon name="i-users" /><span>{t('approval.why', { rule: r.approval! })}</span><span class="grow" />
    {mayAssign.value && agentOf(r.by) !== me.value?.name
      ? <><button class="btn pri" onClick={() => void rarely.approveReply(id, r.n!)}><Icon name="i-check" />{t('approve')}</button><button class="btn" onClick={() => askRefuse(t('refuse'), why => void rarely.refuseReply(id, r.n!, why))}>{t('refuse')}</button></>
      : <small>{t('approval.waits')}</small>}</div>
}

export function Ours({ id, r }: { id: string; r: Reply }) {
  const who = agentOf(r.by) ? actorName(r.by) : t('our_team')
  const waits = r.state === 'requested' && !!r.approval, own = agentOf(r.by) === me.value?.name
  const again = own && mayWork.value && !r.erased && (r.state === 'refused' || r.state === 'failed' || r.state === 'undone')
  const mine = agentOf(r.by) === me.value?.name && r.state === 'requested' && !r.tries
  return <article class={`ours ${r.withdrawn ? 'undone' : r.state}`}>
    <div class="ph"><Avatar name={who} by={agentOf(r.by)} /><div class="nm"><bdi>{who}</bdi></div><span class="hd">{r.direct ? t('direct') : t('public')}{r.automatic && ` · ${t(agentOf(r.by) ? 'automatic.asked' : 'automatic')}`}</span><span class="grow" />
      <span class={`chip state-${waits ? 'waits' : r.withdrawn ? 'undone' : r.state}`}>{t(waits ? 'state.waits' : r.withdrawn ? 'state.withdrawn' : `state.${r.state}` as Word)}</span><When at={r.requested_at ?? r.visible_at} /><ReplyMenu id={id} r={r} /></div>
    {r.erased ? <p class="rt gone">{t('gone')}</p> : <p class="rt"><Text><Runs runs={r.shown} links /></Text></p>}
    <Changed id={id} r={r} />
    {r.refused && <p class="small">{t('refused.why')} “<Text>{r.refused}</Text>”</p>}
    {waits && <Approval id={id} r={r} />}
    {(mine || again || r.url || r.state === 'unknown' || r.state === 'failed') && <div class="pm">
      {r.state === 'failed' && <span class="urg bad">{code(r.why)}</span>}
      {mine && <button class="btn" onClick={() => void acts.undoReply(id, r.n!)}><Icon name="i-rotate-ccw" />{t('key.undo')} <Key>Z</Key></button>}
      {r.state === 'unknown' && <><span>{t('unknown.why', { n: r.looks ?? 0 })}</span>{mayWork.value && <>
        <button class="btn" onClick={() => void acts.settle(id, r.n!, true)}>{t('it_is_there')}</button>
        <button class="btn" onClick={() => void acts.settle(id, r.n!, false)}>{t('it_is_not')}</button></>}</>}
      {again && <button class="link" onClick={() => acts.anew(r.text)}>{t('write_anew')}</button>}
      <span class="grow" /><Original m={r} /></div>}
  </article>
}

export function TeamNote({ n }: { n: Note }) {
  return <div class="note"><header><Icon name="i-sticky-note" /><b>{actorName(n.by)}</b> {n.handed_off ? t('handed_on') : t('note_to_team')}<When at={n.at} /></header>
    {n.erased ? <p class="gone">{t('gone')}</p> : <p class="nt"><Text>{n.text}</Text></p>}</div>
}
