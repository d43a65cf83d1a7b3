// What people do about a case beside answering it: what was given for the
// trouble, what stood in the way, the cases beside it, who hears of it.
import * as rarely from '../rarely'
import { askForm } from '../dialogs/dialog'
import { askGoodwill, askRefuse } from '../dialogs/further'
import { Icon, Text, When, whoOf } from '../parts/small'
import { money } from '../money'
import { hrefOf } from '../route'
import { called, mayAssign, mayWork, me } from '../store'
import { capital, code, t } from '../words'
import type { Friction, Full, Gift, Survey } from '../types'

// What everybody has to know who opens the case.
export function Strips({ c }: { c: Full }) {
  const name = me.value?.name ?? ''
  return <>
    {c.on_hold && <div class="strip-note" role="status"><Icon name="i-lock" /><span><b>{t('on_hold')}</b> {t('on_hold.why')}</span>{mayAssign.value && <button class="btn" onClick={() => void rarely.liftHold(c.id)}>{t('lift')}</button>}</div>}
    {c.called.includes(name) && <div class="strip-note" role="status"><Icon name="i-megaphone" /><span>{t('called')}</span>{mayWork.value && <button class="btn" onClick={() => void rarely.unfollow(c.id)}>{t('called.read')}</button>}</div>}
    {c.to_acknowledge && mayWork.value && <div class="strip-note bad" role="status"><Icon name="i-triangle-alert" /><span>{t('unheard')}</span><button class="btn" onClick={() => void rarely.acknowledge(c.id)}>{t('acknowledge')}</button></div>}
    {c.blocked && <div class="strip-note" role="status"><Icon name="i-ban" /><span>{t('is_blocked')}</span></div>}
  </>
}

function One({ c, g }: { c: Full; g: Gift }) {
  const mine = g.by === me.value?.name
  return <li class="prom"><b class="num">{money(g.amount, g.currency)}</b> {code(g.what)} <span class={`chip ${g.state === 'given' ? 'ok' : ''}`}>{t(`gift.${g.state}`)}</span>
    <small><Text>{g.why}</Text></small><small>{called(g.by)} <When at={g.at} />{g.decided_by && ` · ${t('decided_by', { who: called(g.decided_by) })}`}{g.refused && <> · “<Text>{g.refused}</Text>”</>}</small>
    {g.state === 'asked' && (mayAssign.value && !mine
      ? <span class="acts"><button class="btn" onClick={() => void rarely.approveGift(c.id, g.n)}><Icon name="i-check" />{t('gift.yes')}</button><button class="btn gh" onClick={() => askRefuse(t('gift.no'), why => void rarely.refuseGift(c.id, g.n, why))}>{t('gift.no')}</button></span>
      : <small>{t('gift.waits')}</small>)}</li>
}

export function Goodwill({ c }: { c: Full }) {
  const before = c.contact.goodwill
  if (!c.goodwill.length && !before.length) return null
  return <><h2>{t('goodwill')}</h2><ul>{c.goodwill.map(g => <One key={g.n} c={c} g={g} />)}</ul>
    {before.length > 0 && <><h3>{t('gift.before')}</h3><ul class="hist">{before.map(g => <li key={g.case + g.at}><a href={hrefOf({ case: g.case })}><b class="num">{money(g.amount, g.currency)}</b> {code(g.what)}</a><small>{t('case_n', { number: g.number })} · <When at={g.at} /></small></li>)}</ul></>}
    {mayWork.value && <p><button class="btn gh slim" onClick={() => askGoodwill(c)}><Icon name="i-gift" />{t('goodwill.give')}</button></p>}</>
}

const Way = ({ c, f }: { c: Full; f: Friction }) => <li class="prom"><b>{capital(code(f.what))}</b> {f.mended_at && <span class="chip ok">{t('friction.mended')}</span>}<small><Text>{f.why}</Text></small><small>{called(f.by)} <When at={f.at} /></small>
  {!f.mended_at && mayAssign.value && <span class="acts"><button class="btn" onClick={() => void rarely.mendFriction(c.id, f.n)}><Icon name="i-check" />{t('friction.mend')}</button></span>}</li>

export const Frictions = ({ c }: { c: Full }) => c.frictions.length ? <><h2>{t('frictions')}</h2><ul>{c.frictions.map(f => <Way key={f.n} c={c} f={f} />)}</ul></> : null

const highest = { csat: 5, ces: 7, nps: 10 }

const Said = ({ s }: { s: Survey }) => <li class="prom"><b>{t(`survey.${s.ask}`)}</b> {s.score !== undefined && <span class="num">{t('survey.score', { score: s.score, of: highest[s.ask] })}</span>}
  {s.comment ? <small dir="auto">“<Text>{s.comment}</Text>”</small> : s.erased && <small class="gone">{t('gone')}</small>}
  <small>{s.answered_at ? <><When at={s.answered_at} />{s.answers > 1 && ` · ${t('survey.changed')}`}</> : <>{t('survey.open')} <When at={s.until} /></>}</small></li>

// What the customer said of how it went.
export const Surveys = ({ c }: { c: Full }) => c.surveys.length ? <><h2>{t('surveys')}</h2><ul>{c.surveys.map(s => <Said key={s.n} s={s} />)}</ul></> : null

export function Beside({ c }: { c: Full }) {
  if (!c.beside.length) return null
  return <><h2>{t('beside')}</h2><ul>{c.beside.map(b => <li class="prom" key={b.how + b.id}><a class="out" href={hrefOf({ case: b.id })}>{t('case_n', { number: b.number })}, <Text>{whoOf(b)}</Text></a>
    <small>{t(`beside.${b.how}`)} · {code(b.state)}{b.topic && ` · ${code(b.topic)}`}</small>
    {mayWork.value && b.how !== 'absorbed' && <span class="acts"><button class="link" onClick={() => void (b.how === 'linked' ? rarely.unlink(c.id, b.id) : rarely.unmerge(c.id))}>{t(b.how === 'linked' ? 'unlink' : 'take_out')}</button></span>}</li>)}</ul></>
}

// The whole note of a promise that will not be kept in time: tell them first.
export const askLater = (title: string, zone: string | undefined, run: (due: string, told: boolean) => void) => askForm({
  title, lead: t('tell_first'), submit: t('promise.later'), run: v => run(v.due!, v.told === 'true'),
  fields: [{ name: 'due', label: t('promise.due'), kind: 'when', zone }, { name: 'told', label: t('told_them'), kind: 'tick', value: 'true' }],
})
