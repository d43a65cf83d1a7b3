// Where an answer is written. The text belongs to its case: it stays through
// every conflict, reload and sign-out until the server has it.
import { useEffect, useRef } from 'preact/hooks'
import * as acts from '../acts'
import { Icon, Key, mod, whoOf } from '../parts/small'
import { begin, box, wanted } from '../keys'
import { ending, endsOf, full, kept, mode, noteText, text, wrote, wroteNote, type Mode } from '../opened'
import { askDetails } from '../dialogs/asks'
import { askMacro } from '../dialogs/further'
import { called, mayWork, me, over, presence } from '../store'
import { signedOut } from '../api'
import { capital, code, t } from '../words'
import { Checks } from './checks'
import { KnownIssue } from './known'
import { measured } from './length'
import { accept, Offers } from './offers'
import { answering, barred, chosen, offers } from './writing'

function Others({ id }: { id: string }) {
  const c = full.value!
  const others = (presence.value.get(id) ?? c.present).filter(p => p.name !== me.value?.name)
  const held = c.assignee && c.assignee !== me.value?.name && !over.includes(c.state)
  return <div class="others" role="status">
    {held && <p class="col">{t('has_this', { who: called(c.assignee) })}</p>}
    {others.map(p => <p class="col" key={p.name}>{p.doing === 'typing' && <span class="typing"><i aria-hidden="true"><b /><b /><b /></i></span>}{t(p.doing === 'typing' ? 'is_replying' : 'has_open', { who: p.display })}</p>)}
  </div>
}

function Tab({ to, icon, name, k }: { to: Mode; icon: string; name: string; k: string }) {
  return <button type="button" class="tab" role="tab" aria-selected={mode.value === to} tabIndex={mode.value === to ? 0 : -1} onClick={() => { mode.value = to; box.focus() }}><Icon name={icon} />{name} <Key>{k}</Key></button>
}

const keptWord = () => signedOut.value ? t('kept.signed_out') : { kept: t('kept.server'), not: t('kept.not'), here: t('kept.here'), '': '' }[kept.value]

export function Composer() {
  const area = useRef<HTMLTextAreaElement>(null)
  const c = full.value!, may = c.permission, how = mode.value
  const ended = over.includes(c.state)
  const closed = how !== 'note' && (ended || !may || may.how === 'no' || (how === 'direct' && !may.direct))
  useEffect(() => {
    box.focus = () => {
      area.current?.focus()
      return area.current !== null
    }
    box.there = true
    box.put = typed => { if (typed) mode.peek() === 'note' ? wroteNote(noteText.peek() + typed) : wrote(text.peek() + typed) }
    if (wanted) {
      mode.value = wanted
      requestAnimationFrame(begin)
    }
    return () => { box.there = false; box.focus = () => false }
  }, [c.id])
  if (!mayWork.value) return <div class="comp"><p class="quiet"><Icon name="i-lock" />{t('read_only')}</p></div>

  const value = how === 'note' ? noteText.value : text.value
  const apart = how === 'direct' && may?.direct_max, unit = apart ? may?.direct_unit : may?.unit
  const max = how === 'note' ? 0 : apart || may?.max || 0, n = measured(value, unit), long = max > 0 && n > max
  const byHand = how === 'reply' && may?.how === 'by_hand'
  const tabs = (e: KeyboardEvent) => {
    const all: Mode[] = may?.direct ? ['reply', 'direct', 'note'] : ['reply', 'note'], step = { ArrowRight: 1, ArrowLeft: -1 }[e.key]
    if (!step) return
    mode.value = all[(all.indexOf(how) + step + all.length) % all.length]!
    requestAnimationFrame(() => (e.target as HTMLElement).parentElement?.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
  }
  const key = (e: KeyboardEvent) => {
    const held = e.metaKey || e.ctrlKey
    if (how !== 'note' && !e.isComposing && e.key === '/' && (held || !value)) { e.preventDefault(); askMacro(); return }
    if (held && e.key === '.' && offers.value.length) { e.preventDefault(); accept(); return }
    if (e.key !== 'Enter' || !held || e.isComposing) return
    e.preventDefault()
    if (!long && !closed) send(e.shiftKey && how !== 'note' ? 'resolve' : 'await')
  }
  const to = c.mention_list.find(m => m.id === answering.value)
  const original = (to ?? c.mention_list.at(-1))?.url
  const send = (then: 'await' | 'resolve') => {
    if (how === 'note') { void acts.send('await'); return }
    if (barred.value) { void acts.send(then); return } // says why not
    if (byHand) { void acts.byHand(original); return }
    const next = acts.ahead(then)
    if (next.disposition) askDetails(c.queue, next.disposition, details => { void acts.send(then, details) })
    else void acts.send(then)
  }
  const label = how === 'note' ? t('note_to_team') : t(how === 'direct' ? 'direct_to' : 'reply_to', { who: whoOf(c) })
  return <div class="comp">
    <Others id={c.id} />
    <KnownIssue c={c} />
    <div class="box">
      <div class="tabs"><div class="kinds" role="tablist" aria-label={t('kind_of_message')} onKeyDown={tabs}>
        <Tab to="reply" icon="i-reply" name={t('public')} k="R" />{may?.direct && <Tab to="direct" icon="i-lock" name={t('direct')} k="D" />}<Tab to="note" icon="i-sticky-note" name={t('note')} k="M" /></div>
        <span class="grow" />{how !== 'note' && !closed && <button type="button" class="btn gh slim" onClick={askMacro}><Icon name="i-zap" /><span>{t('ask.macro')}</span> <Key>{mod} /</Key></button>}<span class="count">{how === 'note' ? '' : keptWord()}</span></div>
      {closed
        ? <div class="shut"><p><Icon name="i-lock" />{ended ? t('over') : !may ? t('nothing_to_answer') : how === 'direct' ? t('no_direct') : may.why}</p>
          {ended && c.state !== 'merged' && <button class="btn" onClick={() => void acts.reopenCase([c.id])}><Icon name="i-rotate-ccw" />{t('reopen')}</button>}</div>
        : <>
          {how !== 'note' && chosen.value && chosen.value !== c.to && to && <p class="quiet to"><Icon name="i-reply" /><span>{t('answering_that')} <bdi dir="auto">{to.text.slice(0, 90)}</bdi></span><button type="button" class="link" onClick={() => { chosen.value = '' }}>{t('take_back')}</button></p>}
          <textarea ref={area} rows={4} maxLength={10000} dir="auto" aria-label={label} placeholder={label} value={value} onKeyDown={key}
            onInput={e => (how === 'note' ? wroteNote : wrote)(e.currentTarget.value)} />
          {how !== 'note' && <Offers />}
          <div class="cf">
            <Checks />
            <span class="grow" />
            {max > 0 && <span class={`count num${long ? ' over' : ''}`} aria-live="off">{n} / {max}<span class="sr"> {code(unit)}</span></span>}
            {how === 'note'
              ? <button class="btn pri" disabled={!value.trim()} onClick={() => send('await')}>{t('keep_note')} <Key>{mod} ↵</Key></button>
              : byHand
                ? <button class="btn pri" disabled={!value.trim() || long || barred.value} onClick={() => send('await')}><Icon name="i-external-link" />{t('copy_open')} <Key>{mod} ↵</Key></button>
                : <>
                  <button class="btn" disabled={!value.trim() || long || barred.value} onClick={() => send('await')}>{t('send')} <Key>{mod} ↵</Key></button>
                  <span class="split-b"><button class="btn pri" disabled={!value.trim() || long || barred.value} onClick={() => send('resolve')}>{t('send_resolve')} <Key>{mod} ⇧ ↵</Key></button>
                    <select aria-label={t('ask.resolve')} disabled={!value.trim() || long || barred.value} value={ending.value} onChange={e => { ending.value = e.currentTarget.value }}>{endsOf(c.queue).map(e => <option value={e.code}>{capital(code(e.code))}</option>)}</select></span>
                </>}
          </div></>}
    </div>
    {!closed && how !== 'note' && may && <p class="quiet">{byHand ? may.why : t('undo_for', { n: me.value!.undo_seconds })}</p>}
  </div>
}
