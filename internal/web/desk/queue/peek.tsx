// A look at a case without leaving the list.
import { useEffect } from 'preact/hooks'
import { signal } from '@preact/signals'
import * as acts from '../acts'
import { get } from '../api'
import { Avatar, handleOf, Icon, Key, Left, Mixed, reach, Runs, Text, whoOf } from '../parts/small'
import { Earlier } from '../case/person'
import { Post } from '../case/post'
import { goCase } from '../route'
import { lines, mayWork, selected } from '../store'
import { capital, t } from '../words'
import type { Full } from '../types'

const peeked = signal<Full | null>(null)

export function Peek() {
  const id = selected.value, line = id ? lines.get(id) : undefined
  useEffect(() => {
    if (!id) return
    const stop = new AbortController()
    const timer = setTimeout(() => { // not for each row that is only passed
      get<Full>(`/cases/${id}`, stop.signal).then(c => { peeked.value = c }).catch(() => {})
    }, 80)
    return () => { clearTimeout(timer); stop.abort() }
  }, [id, line?.value.row.seq])
  if (!line) return <aside class="pk" aria-label={t('key.peek')} />
  const r = line.value.row, c = peeked.value?.id === id ? peeked.value : null
  return <aside class="pk" aria-label={t('key.peek')} tabIndex={0}>
    <div class="ph"><Avatar name={whoOf(r)} by={r.author.key} size="l" />
      <div><div class="nm"><Text>{whoOf(r)}</Text>{r.author.mixed_script && <Mixed />}</div><div class="hd">{handleOf(r.author, r.network) && <><bdi>{handleOf(r.author, r.network)}</bdi> · </>}{capital(r.network)}{r.reach > 0 && ` · ${t('followers', { n: reach(r.reach) })}`}</div></div>
      <span class="grow" /><Left due={r.due} /></div>
    {c ? <>{c.mention_list.slice(-3).map(m => <Post key={m.id} m={m} bare />)}</> : <p class="pt" dir="auto"><Runs runs={r.excerpt} /></p>}
    {c && <><h2>{t('before_this')}</h2><Earlier c={c} /></>}
    <div class="acts"><button class="btn pri" onClick={() => goCase(r.id)}>{t('key.open')} <Key>↵</Key></button>
      {mayWork.value && !r.assignee && <button class="btn" onClick={() => void acts.claim([r.id])}><Icon name="i-user" />{t('take_it')} <Key>I</Key></button>}</div>
  </aside>
}
