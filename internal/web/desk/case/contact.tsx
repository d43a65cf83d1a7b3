// The person behind the account: what we know of them and from where, what they
// want, their other accounts and cases.
import type { ComponentChildren } from 'preact'
import * as rarely from '../rarely'
import { ask } from '../dialogs/dialog'
import { Icon, Text, When } from '../parts/small'
import { hrefOf } from '../route'
import { actorName, mayWork } from '../store'
import { capital, code, t, type Key } from '../words'
import type { Account, Full, Known, Proposal } from '../types'

const facts = ['name', 'language', 'channel', 'tier', 'given', 'note']

// What can be noted of a person: facts, what they agreed to, and that they want
// to be left alone.
const askKnow = (c: Full) => ask({
  title: t('ask.know'), choices: [
    ...facts.map(f => ({ value: f, name: t(`fact.${f}` as Key), icon: 'i-user' })),
    { value: 'consent', name: t(c.contact.consent ? 'consent_end' : 'consent'), icon: 'i-users', run: () => void rarely.consent(c.id, !c.contact.consent) },
    ...c.contact.opt_out ? [] : [{ value: 'silence', name: t('do_not_contact'), icon: 'i-ban', run: () => askOptOut(c.id) }],
  ],
  pick: what => ask({ title: t(`fact.${what}` as Key), choices: [], pick: text => { void rarely.know(c.id, what, text) }, free: text => ({ value: text.slice(0, 500), name: text }) }),
})
const askOptOut = (id: string) => ask({
  title: t('ask.opt_out'), choices: ['told', 'asked', 'legal'].map(w => ({ value: w, name: t(`opt_out.${w}` as Key), icon: 'i-ban' })), pick: why => { void rarely.optOut(id, why) },
})
const askLift = (id: string) => ask({
  title: t('ask.lift'), choices: ['asked_again', 'mistake'].map(w => ({ value: w, name: t(`lift.${w}` as Key), icon: 'i-rotate-ccw' })), pick: why => { void rarely.liftOptOut(id, why) },
})

const Fact = ({ k }: { k: Known }) => <>{k.erased ? <span class="gone">{t('gone')}</span> : <Text>{k.text}</Text>}
  <small>{k.from === 'customer' ? t('they_said') : t('noted_by', { who: actorName(k.by) })} <When at={k.at} /></small></>

function Facts({ id, what, list }: { id: string; what: 'given' | 'note'; list: Known[] }) {
  if (!list.length) return null
  return <><h3>{t(`fact.${what}` as Key)}</h3><ul class="hist">{list.map(k => <li key={k.n}><Fact k={k} />
    {mayWork.value && <button class="link" onClick={() => void rarely.forget(id, what, k.n)}>{t('take_back')}</button>}</li>)}</ul></>
}

const Handle = ({ a }: { a: { author: string; handle?: string; network: string } }) =>
  <a class="out" href={hrefOf({ list: 'queue', filters: { author: a.author } })}><bdi dir="auto">{a.handle ? '@' + a.handle : t('an_account')}</bdi></a>
const evidence = (e: { kind: string }[]) => e.map(x => code(x.kind)).join(', ')

const Other = ({ a, children }: { a: Account | Proposal; children: ComponentChildren }) => <li class="prom"><Handle a={a} />
  <small>{capital(a.network)}{a.evidence.length > 0 && ` · ${evidence(a.evidence)}`}</small>{mayWork.value && <span class="acts">{children}</span>}</li>

export function Contact({ c }: { c: Full }) {
  const p = c.contact, id = c.id
  const one: [Key, Known | undefined][] = [['fact.name', p.name], ['fact.language', p.language], ['fact.channel', p.channel], ['fact.tier', p.tier]]
  const told = p.promises, all = told.open + told.kept + told.told + told.late
  return <>
    {p.opt_out && <div class="strip-note bad"><span><b>{t('opted_out')}</b> {t(`opt_out.${p.opt_out.why}` as Key)}</span>{mayWork.value && <button class="btn" onClick={() => askLift(id)}>{t('lift')}</button>}</div>}
    {p.asks && <div class="strip-note"><span>{t('may_ask_silence')} “<Text>{p.asks.text}</Text>”</span>{mayWork.value && <button class="btn" onClick={() => void rarely.optOut(id, 'asked', p.asks!.mention)}>{t('do_not_contact')}</button>}</div>}
    {(one.some(x => x[1]) || all > 0) && <dl class="kv">
      {one.map(([name, k]) => k && <><dt>{t(name)}</dt><dd><Fact k={k} /></dd></>)}
      {all > 0 && <><dt>{t('promises_k')}</dt><dd class="num">{t('promise_tally', { kept: told.kept, told: told.told, late: told.late, open: told.open })}</dd></>}
    </dl>}
    <Facts id={id} what="given" list={p.given} />
    <Facts id={id} what="note" list={p.notes} />
    {p.accounts.length > 1 && <><h3>{t('accounts')}</h3><ul>{p.accounts.map((a, i) => <Other a={a} key={a.author}>{i > 0 && <button class="link" onClick={() => void rarely.notSamePerson(id, a.author, true)}>{t('somebody_else')}</button>}</Other>)}</ul></>}
    {p.proposals.length > 0 && <><h3>{t('maybe_same')}</h3><ul>{p.proposals.map(a => <Other a={a} key={a.author}>
      <button class="btn" onClick={() => void rarely.samePerson(id, a.author)}>{t('same_person')}</button><button class="btn gh" onClick={() => void rarely.notSamePerson(id, a.author, false)}>{t('somebody_else')}</button></Other>)}</ul></>}
    {mayWork.value && <p><button class="btn gh slim" onClick={() => askKnow(c)}><Icon name="i-sticky-note" />{t('ask.know')}</button></p>}
  </>
}
