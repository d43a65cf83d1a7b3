// The questions that need more than a choice: a promise, a handoff, what leaves a case.
import { useState } from 'preact/hooks'
import * as acts from '../acts'
import { full } from '../opened'
import { When } from '../parts/small'
import * as rarely from '../rarely'
import { called, targets } from '../store'
import { capital, code, t } from '../words'
import { times } from './asks'
import { close, Dialog } from './dialog'

const kinds = ['write', 'call', 'refund', 'repair', 'other']

export function PromiseForm() {
  const [text, write] = useState(''), [what, kind] = useState('write'), [due, by] = useState(times()[2]!.value)
  const submit = (e: Event) => {
    e.preventDefault()
    const list = targets()
    close()
    void acts.promise(list, { text, due, what })
  }
  return <Dialog label={t('ask.promise')}><form class="ask" onSubmit={submit}>
    <h2>{t('ask.promise')}</h2>
    <label>{t('promise.text')}<textarea rows={3} required maxLength={2000} autofocus dir="auto" value={text} onInput={e => write(e.currentTarget.value)} /></label>
    <div class="pair">
      <label>{t('promise.what')}<select value={what} onChange={e => kind(e.currentTarget.value)}>{kinds.map(k => <option value={k}>{capital(code(k))}</option>)}</select></label>
      <label>{t('promise.due')}<select value={due} onChange={e => by(e.currentTarget.value)}>{times().map(x => <option value={x.value}>{x.name}, {x.hint}</option>)}</select></label>
    </div>
    <div class="acts"><button type="button" class="btn gh" onClick={close}>{t('cancel')}</button><button class="btn pri">{t('promise.track')}</button></div>
  </form></Dialog>
}

export function HandoffForm({ to }: { to: string }) {
  const [note, write] = useState('')
  const title = t('ask.handoff', { who: called(to) })
  const submit = (e: Event) => {
    e.preventDefault()
    const list = targets()
    close()
    void acts.handOff(list, to, note)
  }
  return <Dialog label={title}><form class="ask" onSubmit={submit}>
    <h2>{title}</h2>
    <label>{t('handoff.note')}<textarea rows={3} required maxLength={10000} autofocus dir="auto" value={note} onInput={e => write(e.currentTarget.value)} /></label>
    <div class="acts"><button type="button" class="btn gh" onClick={close}>{t('cancel')}</button><button class="btn pri">{t('handoff.do')}</button></div>
  </form></Dialog>
}

export function SplitForm() {
  const c = full.value!
  const [leave, choose] = useState<string[]>([])
  const submit = (e: Event) => {
    e.preventDefault()
    close()
    void rarely.split(c.id, leave)
  }
  const tick = (id: string, on: boolean) => choose(on ? [...leave, id] : leave.filter(x => x !== id))
  return <Dialog label={t('split')}><form class="ask" onSubmit={submit}>
    <h2>{t('split')}</h2>
    {c.mention_list.map(m => <label class="tick" key={m.id}><input type="checkbox" checked={leave.includes(m.id)} onChange={e => tick(m.id, e.currentTarget.checked)} />
      <span><When at={m.posted_at} /> <bdi dir="auto">{m.erased ? t('gone') : m.text.slice(0, 90)}</bdi></span></label>)}
    <div class="acts"><button type="button" class="btn gh" onClick={close}>{t('cancel')}</button><button class="btn pri" disabled={!leave.length || leave.length === c.mention_list.length}>{t('split.do')}</button></div>
  </form></Dialog>
}
