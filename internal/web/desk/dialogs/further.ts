// More acts on the case on screen: what is given, what stands in the way, who
// hears of it, what it belongs to, and how to take it out.
import * as rarely from '../rarely'
import { full } from '../opened'
import { hundredths, money } from '../money'
import { askKnow } from '../case/contact'
import { askIssue } from '../case/issues'
import { chosen, fill, macros } from '../case/writing'
import { box } from '../keys'
import { mayAssign, mayWork, me, ids, lines } from '../store'
import { when } from '../time'
import { complain, tell } from '../toast'
import { refusal } from '../acts'
import { capital, code, t } from '../words'
import { moodLevel, whoOf } from '../parts/small'
import { ask, askForm, type Choice } from './dialog'
import { score } from './picker'
import type { Full, Row } from '../types'

const gifts = ['voucher', 'refund', 'replacement', 'other']
const frictions = ['refund_limit', 'rule', 'tool', 'information', 'other_team', 'other']
const options = (codes: string[]) => codes.map(c => ({ value: c, name: capital(code(c)) }))

export function askGoodwill(c: Full) {
  const limit = me.peek()!.goodwill, currency = limit.currency || c.goodwill.at(-1)?.currency || 'EUR'
  const given = c.goodwill.filter(g => g.state === 'given' && g.currency === currency).reduce((n, g) => n + g.amount, 0)
  const left = Math.max(0, limit.amount - given)
  const before = c.contact.goodwill.length ? ' ' + t('gift.got', { list: c.contact.goodwill.slice(0, 3).map(g => `${money(g.amount, g.currency)} ${code(g.what)} (${t('case_n', { number: g.number })})`).join(', ') }) : ''
  askForm({
    title: t('goodwill.give'), lead: (left ? t('goodwill.free', { amount: money(left, currency) }) : t('goodwill.ask')) + before, submit: t('goodwill.do'),
    fields: [
      { name: 'amount', label: t('goodwill.amount'), kind: 'money' }, { name: 'currency', label: t('goodwill.currency'), kind: 'text', value: currency, max: 3 },
      { name: 'what', label: t('goodwill.what'), kind: 'select', options: options(gifts) }, { name: 'why', label: t('goodwill.why'), kind: 'area' },
    ],
    run: v => {
      const amount = hundredths(v.amount!), own = v.currency!.toUpperCase()
      void rarely.give(c.id, { amount, currency: own, what: v.what!, why: v.why! }, own === limit.currency && amount <= left)
    },
  })
}

export const askRefuse = (title: string, run: (why: string) => void) =>
  askForm({ title, submit: title, fields: [{ name: 'why', label: t('refuse.why'), kind: 'area' }], run: v => run(v.why!) })

const askFriction = (c: Full) => askForm({
  title: t('friction'), lead: t('friction.lead'), submit: t('friction.do'), run: v => { void rarely.friction(c.id, v.what!, v.why!) },
  fields: [{ name: 'what', label: t('friction.what'), kind: 'select', options: options(frictions) }, { name: 'why', label: t('friction.why'), kind: 'area' }],
})

const askHold = (c: Full) => askForm({
  title: t('hold'), lead: t('on_hold.why'), submit: t('hold'), run: v => { void rarely.hold(c.id, v.why!) }, fields: [{ name: 'why', label: t('hold.why'), kind: 'area' }],
})

export const askSplit = (c: Full) => askForm({
  title: t('split'), submit: t('split.do'), run: v => { void rarely.split(c.id, v.mentions!.split(' ')) },
  fields: [{ name: 'mentions', label: t('split'), kind: 'ticks', options: c.mention_list.map(m => ({ value: m.id, name: `${m.posted_at ? when(m.posted_at) + ' · ' : ''}${m.erased ? t('gone') : m.text.slice(0, 90)}` })) }],
})

// among finds cases among those that are loaded, and any by its number.
export function among(typed: string, but?: string): Choice[] {
  const out: Choice[] = [], number = /^#?(\d{1,12})$/.exec(typed.trim())
  if (number) out.push({ value: number[1]!, name: t('case_n', { number: number[1]! }), icon: 'i-search' })
  const text = (r: Row) => r.excerpt.map(x => x.text).join('')
  return out.concat(ids.peek().filter(id => id !== but).map(id => lines.get(id)!.peek().row)
    .map(r => ({ r, s: Math.max(2 * score(`${whoOf(r)} ${r.author.handle ?? ''}`, typed), typed.trim().length > 2 ? score(text(r), typed) : -1) }))
    .filter(x => x.s >= 0).sort((a, b) => b.s - a.s || moodLevel(b.r.mood) - moodLevel(a.r.mood)).slice(0, 30)
    .map(({ r }) => ({ value: r.id, name: `${t('case_n', { number: r.number })}, ${whoOf(r)}`, hint: text(r).slice(0, 60), icon: 'i-user' })))
}

const askLink = (c: Full) => ask({ title: t('ask.link'), choices: typed => among(typed, c.id), pick: to => { void rarely.link(c.id, to) } })

const askAnswer = (c: Full) => ask({
  title: t('ask.answer'), pick: id => { chosen.value = id; box.focus() },
  choices: c.mention_list.filter(m => !m.erased).map(m => ({ value: m.id, name: m.text.slice(0, 70), hint: m.posted_at ? when(m.posted_at) : '', icon: 'i-reply' })),
})

// askMacro fills a canned reply in. Each is for this case, in the customer's
// language.
export function askMacro() {
  const c = full.peek()
  if (!c || !mayWork.peek()) return
  void macros().then(all => {
    if (!all.length) { complain(t('macro.none')); return }
    ask({ title: t('ask.macro'), choices: all.map(m => ({ value: m.name, name: m.title, hint: m.languages.join(', '), icon: 'i-zap' })),
      pick: name => { void fill(name).then(() => requestAnimationFrame(() => box.focus())).catch(e => complain(refusal(e))) } })
  }).catch(e => complain(refusal(e)))
}

const askSurvey = (c: Full) => ask({
  title: t('ask.survey'), choices: (['csat', 'ces', 'nps'] as const).map(q => ({ value: q, name: t(`survey.${q}`), hint: t(`survey.${q}.what`), icon: 'i-message-circle' })), pick: q => { void rarely.survey(c.id, q) },
})

// furtherActs are what can be done with the case on screen.
export function furtherActs(c: Full): Choice[] {
  const mine = me.peek()!.name, follows = c.followers.includes(mine)
  const out: Choice[] = [
    { value: 'goodwill', name: t('goodwill.give'), icon: 'i-gift', run: () => askGoodwill(c) },
    { value: 'follow', name: t(follows ? 'unfollow' : 'follow'), icon: 'i-eye', run: () => void (follows ? rarely.unfollow(c.id) : rarely.follow(c.id)) },
    { value: 'friction', name: t('friction'), icon: 'i-triangle-alert', run: () => askFriction(c) },
    { value: 'know', name: t('ask.know'), icon: 'i-sticky-note', run: () => askKnow(c) },
    { value: 'issue', name: t('link_issue'), icon: 'i-megaphone', run: () => askIssue(c) },
    ...c.issues.map(i => ({ value: 'not' + i.id, name: `${t('not_this')}: ${i.name}`, icon: 'i-megaphone', run: () => void rarely.unlinkIssue(c.id, i.id) })),
    { value: 'link', name: t('link'), icon: 'i-link', run: () => askLink(c) },
    ...c.beside.filter(b => b.how === 'linked').map(b => ({ value: 'un' + b.id, name: t('unlink.n', { number: b.number }), icon: 'i-link', run: () => void rarely.unlink(c.id, b.id) })),
  ]
  if (c.state === 'resolved' && me.value?.surveys) out.unshift({ value: 'survey', name: t('survey.ask'), icon: 'i-message-circle', run: () => askSurvey(c) })
  if (c.mention_list.length > 1) out.unshift({ value: 'answer', name: t('ask.answer'), icon: 'i-reply', run: () => askAnswer(c) })
  if (mayAssign.peek()) out.push(c.on_hold ? { value: 'lift', name: t('hold.lift'), icon: 'i-lock', run: () => void rarely.liftHold(c.id) } : { value: 'hold', name: t('hold'), icon: 'i-lock', run: () => askHold(c) })
  return out
}

const take = (c: Full, format: string) => { location.assign(`/cases/${c.id}/export?format=${format}`) }

// outs are how a case leaves the screen: as a link, on paper, as a file.
export const outs = (c: Full): Choice[] => [
  { value: 'copy', name: t('copy_link'), icon: 'i-link', run: () => void navigator.clipboard.writeText(location.href).then(() => tell(t('link_copied'))).catch(() => complain(t('not_copied'))) },
  { value: 'print', name: t('print'), icon: 'i-printer', run: () => setTimeout(print) },
  { value: 'html', name: t('export.html'), icon: 'i-external-link', run: () => take(c, 'html') },
  { value: 'json', name: t('export.json'), icon: 'i-external-link', run: () => take(c, 'json') },
]
