// Deadlines with their whole arithmetic, and promises to the customer.
import * as acts from '../acts'
import { Icon, Key, Left, Text, When } from '../parts/small'
import { askPolicy, askPromise } from '../dialogs/asks'
import { askLater } from './together'
import { Both } from './offers'
import { full } from '../opened'
import { called, mayAssign, mayWork, over } from '../store'
import { capital, code, t } from '../words'
import type { Full, Promised } from '../types'

export function Deadlines({ c }: { c: Full }) {
  const by = c.policy && t('policy.by', { policy: c.policy })
  return <>{c.targets.length ? <div class="clocks">{c.targets.map(x => <details key={x.target}>
    <summary><b>{capital(code(x.target))}</b><span class={`chip ${x.state === 'met' ? 'ok' : x.state === 'breached' ? 'bad' : ''}`}>{code(x.state)}</span><span class="grow" /><When at={x.due_at} /></summary>
    <ol>{x.explained.map((s, i) => <li key={i}>{s}</li>)}</ol></details>)}</div> : <p class="small">{t('left.none')}</p>}
    {by && <p class="small">{by}</p>}
    {mayAssign.value && !over.includes(c.state) && <p><button class="btn gh slim" onClick={() => askPolicy(c)}><Icon name="i-alarm-clock" />{t('ask.policy')}</button></p>}</>
}

function One({ id, p }: { id: string; p: Promised }) {
  const open = p.state === 'open' || p.state === 'told' || p.state === 'slipped'
  const slip = () => askLater(t('ask.renegotiate'), full.peek()?.contact.zone?.text, (due, told) => { void acts.tellPromise(id, p.n, due, told) })
  return <li class="prom"><Text>{p.text}</Text>
    <small>{p.done_at ? <>{code(p.state)} <When at={p.done_at} /></> : <>{t('due')} <Both at={p.due_at} /></>}{p.owner && ` · ${called(p.owner)}`}{p.slipped && ` · ${t('slipped_once')}`}</small>
    {open && !p.done_at && <Left due={{ target: 'promise', start_at: p.made_at, at_risk_at: p.due_at, due_at: p.due_at }} />}
    {open && !p.done_at && mayWork.value && <span class="acts"><button class="btn" onClick={() => void acts.keepPromise(id, p.n)}><Icon name="i-check" />{t('promise.kept')}</button><button class="btn gh" onClick={slip}>{t('promise.later')}</button></span>}</li>
}

export function Promises({ c }: { c: Full }) {
  return <><ul>{c.promise_list.map(p => <One key={p.n} id={c.id} p={p} />)}</ul>
    {mayWork.value && <p><button class="btn gh slim" onClick={askPromise}><Icon name="i-flag" />{t('key.promise')} <Key>P</Key></button></p>}</>
}
