// The desk as a whole: what is wrong just now, the list or the case, the
// dialogs, the message at the bottom, and what a screen reader is told.
import { asking } from './dialogs/dialog'
import { AskForm } from './dialogs/form'
import { Help } from './dialogs/help'
import { Picker } from './dialogs/picker'
import { offline, signedOut } from './api'
import { Case } from './case/case'
import { connection } from './live'
import { Icon, Key } from './parts/small'
import { place } from './route'
import { said } from './say'
import { imBack, releaseDesk } from './rarely'
import { blind, me, readMe } from './store'
import { hush, toast, undoLast } from './toast'
import { Queue } from './queue/queue'
import { Search } from './search/search'
import { code, t } from './words'

function Notes() {
  return <>
    {signedOut.value && <div class="strip-note bad" role="alert"><b>{t('signed_out')}</b> <span>{t('signed_out.kept')}</span> <a href={`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`}>{t('sign_in')}</a></div>}
    {!signedOut.value && (offline.value ? <div class="strip-note bad" role="alert">{t('offline')}</div>
      : connection.value === 'lost' && <div class="strip-note" role="status">{t('reconnecting')}</div>)}
    {me.value?.held && <div class="strip-note bad" role="status"><b>{t('held')}</b> {me.value.held}{me.value.role === 'admin' && <button class="btn" onClick={() => void releaseDesk().then(ok => { if (ok) void readMe() })}>{t('release_desk')}</button>}</div>}
    {me.value?.away && <div class="strip-note" role="status"><span>{t('away_now')}</span><button class="btn" onClick={() => void imBack()}>{t('away_over')}</button></div>}
    {blind.value.map(b => <div class="strip-note bad" role="status" key={b.source}><b>{t('blind', { source: b.source, what: code(b.kind) })}</b> <span>{b.why}</span> <a href="/sources">{t('sources')}</a></div>)}
  </>
}

function Toasted() {
  const m = toast.value
  return m && <div class={`toast${m.bad ? ' bad' : ''}`} role={m.bad ? 'alert' : undefined}><span>{m.text}</span>
    {m.undo ? <button onClick={() => void undoLast()}>{t('key.undo')} <Key>Z</Key></button> : <button aria-label={t('close')} onClick={hush}><Icon name="i-x" /></button>}</div>
}

function Asked() {
  const a = asking.value
  switch (a?.kind) {
    case 'pick': return <Picker key={a.ask.title} ask={a.ask} />
    case 'help': return <Help />
    case 'search': return <Search />
    case 'form': return <AskForm key={a.form.title} form={a.form} />
  }
  return null
}

export function Desk() {
  const p = place.value
  return <>
    <Notes />
    {p.case !== undefined ? <Case key={p.case} name={p.case} /> : <Queue />}
    <Asked /><Toasted />
    <p class="sr" role="status" aria-live="polite">{said.value}</p>
  </>
}
