// What is done to a case less often: who else has to act, several cases that are
// one, a case that is several, known issues, and the person behind it.
import { act, refusal } from './acts'
import { post } from './api'
import { reread } from './opened'
import { goCase } from './route'
import { me } from './store'
import { complain, tell } from './toast'
import { code, t, type Key } from './words'
import type { Full, Written } from './types'

export const waitOn = (list: string[], on: string, until: string) => act(list, {
  path: 'wait-on', body: () => ({ on, until }), change: () => ({ waits_on: on, waits_until: until }), leaves: true, done: t('did.wait_on', { who: code(on) }),
  back: id => post(`/cases/${id}/stop-waiting`),
})
export const stopWaiting = (list: string[]) => act(list, { path: 'stop-waiting', change: () => ({ waits_on: undefined, waits_until: undefined }), done: t('did.stop_waiting') })
export const promiseBy = (c: Full, policy: string) => act([c.id], {
  path: 'requeue', body: () => ({ queue: c.queue, policy }), change: () => ({}), done: t('did.policy', { policy }),
  ...c.policy ? { back: (id: string) => post(`/cases/${id}/requeue`, { queue: c.queue, policy: c.policy }) } : {},
})
export const acknowledge = (id: string) => act([id], { path: 'acknowledge', change: () => ({}), done: t('did.acknowledge') })
export const block = (id: string, mention: string, lift: boolean) => act([id], { path: 'block', body: () => ({ mention, lift }), change: () => ({}), done: t(lift ? 'did.unblock' : 'did.block') })

const bare = (path: string, done: Key) => (id: string) => act([id], { path, change: () => ({}), done: t(done) })
export const follow = (id: string) => act([id], { path: 'follow', change: () => ({}), done: t('did.follow'), back: i => post(`/cases/${i}/unfollow`) })
export const unfollow = bare('unfollow', 'did.unfollow')
export const link = (id: string, to: string) => act([id], { path: 'link', body: () => ({ to }), change: () => ({}), done: t('did.link'), back: i => post(`/cases/${i}/unlink`, { to }) })
export const unlink = (id: string, to: string) => act([id], { path: 'unlink', body: () => ({ to }), change: () => ({}), done: t('did.unlink'), back: i => post(`/cases/${i}/link`, { to }) })
export const friction = (id: string, what: string, why: string) => act([id], { path: 'friction', body: () => ({ what, why }), change: () => ({}), done: t('did.friction') })
export const mendFriction = (id: string, n: number) => bare(`friction/${n}/mend`, 'did.friction_mended')(id)
export const hold = (id: string, why: string) => act([id], { path: 'hold', body: () => ({ why }), change: () => ({}), done: t('did.hold') })
export const liftHold = bare('lift-hold', 'did.lift_hold')
export const give = (id: string, body: { amount: number; currency: string; what: string; why: string }, free: boolean) =>
  act([id], { path: 'goodwill', body: () => body, change: () => ({}), done: t(free ? 'did.give' : 'did.give_ask') })
export const approveGift = (id: string, n: number) => bare(`goodwill/${n}/approve`, 'did.gift_yes')(id)
export const refuseGift = (id: string, n: number, why: string) => act([id], { path: `goodwill/${n}/refuse`, body: () => ({ why }), change: () => ({}), done: t('did.gift_no') })
export const approveReply = (id: string, n: number) => bare(`replies/${n}/approve`, 'did.approve')(id)
export const refuseReply = (id: string, n: number, why: string) => act([id], { path: `replies/${n}/refuse`, body: () => ({ why }), change: () => ({}), done: t('did.refuse') })
// What becomes of a sent reply on its network: it waits, so that it can be undone.
const changing = (id: string, n: number, what: 'mend' | 'withdraw', body: unknown, done: Key) =>
  act([id], { path: `replies/${n}/${what}`, body: () => body, change: () => ({}), done: t(done), back: i => post(`/cases/${i}/replies/${n}/undo`) })
export const mendReply = (id: string, n: number, text: string) => changing(id, n, 'mend', { text }, 'did.mend')
export const withdrawReply = (id: string, n: number) => changing(id, n, 'withdraw', undefined, 'did.withdraw')
export const undoChange = (id: string, n: number) => bare(`replies/${n}/undo`, 'did.undo_change')(id)
export const survey = (id: string, ask: string) => act([id], { path: 'survey', body: () => ({ ask }), change: () => ({}), done: t('did.survey') })

// Those that lead to another case say so, and go there.
async function leading(id: string, path: string, body: unknown, done: Key, undo?: (w: Written) => Promise<unknown>): Promise<void> {
  try {
    const w = await post<Written>(`/cases/${id}/${path}`, body)
    if (w.case !== id) goCase(w.case)
    else await reread()
    tell(t(done), undo && (async () => {
      try {
        await undo(w)
        goCase(id)
        await reread()
        tell(t('undone'))
      } catch (e) { complain(refusal(e)) }
    }))
  } catch (e) { complain(refusal(e)) }
}

export const merge = (id: string, into: string) => leading(id, 'merge', { into }, 'did.merge', () => post(`/cases/${id}/unmerge`))
export const unmerge = (id: string) => leading(id, 'unmerge', undefined, 'did.unmerge')
export const split = (id: string, mentions: string[]) => leading(id, 'split', { mentions }, 'did.split', w => post(`/cases/${w.case}/merge`, { into: id }))

// A change that shows once the case is read again, and how to take it back.
async function noted(does: () => Promise<unknown>, done: Key, undo?: () => Promise<unknown>): Promise<void> {
  try {
    await does()
    await reread()
    tell(t(done), undo && (() => noted(undo, 'undone')))
  } catch (e) { complain(refusal(e)) }
}

const issue = (id: string, issueID: string, what: 'link' | 'unlink') => post(`/issues/${issueID}/${what}`, { case: id })
export const linkIssue = (id: string, i: string) => noted(() => issue(id, i, 'link'), 'did.link_issue', () => issue(id, i, 'unlink'))
export const unlinkIssue = (id: string, i: string) => noted(() => issue(id, i, 'unlink'), 'did.unlink_issue', () => issue(id, i, 'link'))

const person = (id: string, what: string, body: unknown) => post(`/cases/${id}/contact/${what}`, body)
export const optOut = (id: string, why: string, mention?: string) =>
  noted(() => person(id, 'opt-out', { why, mention }), 'did.opt_out', () => person(id, 'lift', { why: 'mistake' }))
export const liftOptOut = (id: string, why: string) => noted(() => person(id, 'lift', { why }), 'did.lift')
export const know = (id: string, what: string, text: string) => noted(() => person(id, 'know', { what, text }), 'did.note')
export const forget = (id: string, what: string, n: number | undefined) => noted(() => person(id, 'forget', { what, n }), 'did.forget')
export const consent = (id: string, given: boolean) => noted(() => person(id, 'consent', { given }), 'did.note', () => person(id, 'consent', { given: !given }))
export const samePerson = (id: string, author: string) =>
  noted(() => person(id, 'link', { author }), 'did.link_person', () => person(id, 'unlink', { author }))
export const notSamePerson = (id: string, author: string, linked: boolean) => noted(() => person(id, linked ? 'unlink' : 'refuse', { author }), 'did.note')

// imBack ends one's absence.
export async function imBack(): Promise<void> {
  try {
    await post('/me/back')
    me.value = { ...me.peek()!, away: false }
    tell(t('did.back'))
  } catch (e) { complain(refusal(e)) }
}

// release ends the hold of a desk that was restored.
export async function releaseDesk(): Promise<boolean> {
  try {
    await post('/desk/release')
    tell(t('did.release_desk'))
    return true
  } catch (e) {
    complain(refusal(e))
    return false
  }
}

