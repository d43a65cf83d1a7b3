// A reply that was sent, changed or taken off on its network: who may, what is
// asked for, and what truly came of it.
import * as rarely from '../rarely'
import { ask, askForm } from '../dialogs/dialog'
import { Icon, Text } from '../parts/small'
import { actorName, agentOf, mayAssign, mayWork, me } from '../store'
import { toast } from '../toast'
import { code, t } from '../words'
import type { Change, Reply } from '../types'

const mine = (by: string) => agentOf(by) === me.value?.name
const running = (ch: Change | undefined) => ch?.state === 'requested' || ch?.state === 'attempted'

// What was refused comes back with the text and the reason.
const askMend = (id: string, r: Reply, text: string, why?: string) => askForm({
  title: t('mend'), lead: why ?? t('mend.lead'), submit: t('mend.do'), fields: [{ name: 'text', label: t('mend.text'), kind: 'area', value: text, max: 10000 }],
  run: v => { void rarely.mendReply(id, r.n!, v.text!).then(ok => { if (!ok) askMend(id, r, v.text!, toast.peek()?.text) }) },
})

const askWithdraw = (id: string, r: Reply) => askForm({ title: t('withdraw'), lead: t('withdraw.lead'), submit: t('withdraw.do'), fields: [], run: () => { void rarely.withdrawReply(id, r.n!) } })

// The small menu of a reply.
export function ReplyMenu({ id, r }: { id: string; r: Reply }) {
  const may = mayWork.value && (mine(r.by) || mayAssign.value) && !r.erased && !running(r.change)
  if (!may || !r.can_mend && !r.can_withdraw) return null
  const choices = [
    ...r.can_mend ? [{ value: 'mend', name: t('mend'), icon: 'i-sticky-note', run: () => askMend(id, r, r.text) }] : [],
    ...r.can_withdraw ? [{ value: 'withdraw', name: t('withdraw'), icon: 'i-rotate-ccw', run: () => askWithdraw(id, r) }] : [],
  ]
  return <button class="btn gh ic menu" aria-label={t('of_reply')} title={t('of_reply')} onClick={() => ask({ title: t('of_reply'), choices, pick: () => {} })}><Icon name="i-ellipsis" /></button>
}

// What is being changed, or could not be.
export function Changed({ id, r }: { id: string; r: Reply }) {
  const ch = r.change
  return <>
    {r.before && <details class="was"><summary class="quiet">{t('mended')}</summary><p class="rt"><Text>{r.before}</Text></p></details>}
    {ch && ch.state !== 'sent' && ch.state !== 'undone' && <div class={`offer ${running(ch) ? '' : 'wrong'}`} role="status"><span>
      <b>{t(`${ch.what}.${ch.state}`)}</b> {ch.state === 'failed' ? code(ch.why) : running(ch) && actorName(ch.by)}
      {ch.text && <q class="rt"><Text>{ch.text}</Text></q>}</span>
      {ch.state === 'requested' && !ch.tries && mine(ch.by) && <button class="btn" onClick={() => void rarely.undoChange(id, r.n!)}><Icon name="i-rotate-ccw" />{t('key.undo')}</button>}</div>}
  </>
}
