// What is done to a case less often: who else has to act, several cases that are
// one, a case that is several, known issues, and the person behind it.
import { act, refusal } from './acts'
import { post } from './api'
import { reread } from './opened'
import { goCase } from './route'
import { complain, tell } from './toast'
import { code, t, type Key } from './words'
import type { Written } from './types'

export const waitOn = (list: string[], on: string, until: string) => act(list, {
  path: 'wait-on', body: () => ({ on, until }), change: () => ({ waits_on: on, waits_until: until }), leaves: true, done: t('did.wait_on', { who: code(on) }),
  back: id => post(`/cases/${id}/stop-waiting`),
})
export const stopWaiting = (list: string[]) => act(list, { path: 'stop-waiting', change: () => ({ waits_on: undefined, waits_until: undefined }), done: t('did.stop_waiting') })
export const acknowledge = (id: string) => act([id], { path: 'acknowledge', change: () => ({}), done: t('did.acknowledge') })
export const block = (id: string, mention: string, lift: boolean) => act([id], { path: 'block', body: () => ({ mention, lift }), change: () => ({}), done: t(lift ? 'did.unblock' : 'did.block') })

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

