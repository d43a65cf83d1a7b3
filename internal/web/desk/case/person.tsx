// The person beside the conversation, and what was before.
import { Avatar, handleOf, Mixed, reach, Text, When, whoOf } from '../parts/small'
import { hrefOf, goList } from '../route'
import { capital, code, t } from '../words'
import { backlog, called } from '../store'
import { Contact } from './contact'
import { languageName } from './post'
import type { Full } from '../types'

export function Earlier({ c }: { c: Full }) {
  if (!c.earlier.length) return <p class="small">{t('nothing_before')}</p>
  return <ul class="hist"><li class="now"><b>{c.topic ? capital(code(c.topic)) : t('case_n', { number: c.number })}</b><small><When at={c.opened_at} /> · {code(c.state)}</small></li>
    {c.earlier.map(b => <li class={b.breached ? 'bad' : ''} key={b.id}><a href={hrefOf({ case: b.id })}><b>{b.topic ? capital(code(b.topic)) : t('case_n', { number: b.number })}</b></a>
      <small><When at={b.opened_at} /> · {code(b.state)}{b.end && `, ${code(b.end)}`}{b.breached && ` · ${t('was_late')}`}</small></li>)}</ul>
}

export function Person({ c }: { c: Full }) {
  const a = c.author
  return <>
    <div class="ph"><Avatar name={whoOf(c)} by={a.key} size="l" /><div><div class="nm"><Text>{whoOf(c)}</Text>{a.mixed_script && <Mixed />}</div><div class="hd">{handleOf(a, c.network) && <bdi>{handleOf(a, c.network)}</bdi>}</div></div></div>
    <dl class="kv">
      <dt>{t('network')}</dt><dd>{capital(c.network)}</dd>
      {(a.followers ?? 0) > 0 && <><dt>{t('followers_k')}</dt><dd class="num">{reach(a.followers!)}</dd></>}
      {c.language && <><dt>{t('writes')}</dt><dd>{languageName(c.language)}</dd></>}
    </dl>
    <Contact c={c} />
    <h2>{t('before_this')}</h2><Earlier c={c} />
    {c.earlier.length > 0 && <p class="small"><button class="link" onClick={() => goList('queue', { author: a.key })}>{t('all_of_author')}</button></p>}
  </>
}

// What is known of the case itself.
export function About({ c }: { c: Full }) {
  return <><dl class="kv">
      <dt>{t('queue')}</dt><dd>{backlog.value?.queues.find(q => q.name === c.queue)?.title ?? c.queue} {c.lane === 'critical' && <span class="urg bad">{t('group.critical')}</span>}</dd>
      <dt>{t('assignee')}</dt><dd>{called(c.assignee) || t('nobody_yet')}</dd>
      {c.waits_on && <><dt>{t('waits_on')}</dt><dd>{code(c.waits_on)} <When at={c.waits_until} /></dd></>}
      {(c.level ?? 0) > 0 && <><dt>{t('escalated')}</dt><dd>{t('level', { n: c.level! })}</dd></>}
      {c.followers.length > 0 && <><dt>{t('followers_of')}</dt><dd>{c.followers.map(called).join(', ')}</dd></>}
      {c.first_reply_at && <><dt>{t('first_reply')}</dt><dd><When at={c.first_reply_at} /></dd></>}
      <dt>{t('source')}</dt><dd>{c.source}</dd>
      {c.path.length > 0 && <><dt>{t('path')}</dt><dd>{c.path.join(' › ')}</dd></>}
    </dl>
    <p class="small"><button class="link" onClick={() => goList('queue', { thread: c.thread })}>{t('all_of_thread')}</button></p></>
}
