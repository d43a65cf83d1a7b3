// What goes with the answer besides its text: the promise that it makes, and
// what the macro brings. Each is shown before it is sent.
import { Icon, Key, mod, Text } from '../parts/small'
import { full } from '../opened'
import { when } from '../time'
import { capital, code, t } from '../words'
import { askOffer } from '../dialogs/asks'
import { filled, offers, track, tracked, untrack, refuse } from './writing'
import type { Offer } from '../types'

// An instant as the customer reads it, and ours beside it.
export function Both({ at }: { at: string }) {
  const zone = full.value?.contact.zone?.text
  return zone ? <>{when(at, zone)} <small>{t('for_them_and_you', { time: when(at) })}</small></> : <time datetime={at}>{when(at)}</time>
}

// accept takes the first offer: by its key, or asks for the time that it lacks.
export function accept(o: Offer | undefined = offers.peek()[0]) {
  if (!o) return
  if (o.due) track(o)
  else askOffer(o)
}

export function Offers() {
  const f = filled.value
  return <div class="with" aria-live="polite">
    {offers.value.map((o, i) => <p class="offer" key={o.text}><Icon name="i-flag" /><span><Text>“{o.text}”</Text> {o.due ? <small>{capital(code(o.what))}, <Both at={o.due} /></small> : <small>{t('offer.no_time')}</small>}</span>
      <span class="grow" /><button type="button" class="btn" onClick={() => accept(o)}>{o.due ? t('promise.track') : t('offer.when')} {i === 0 && <Key>{mod} .</Key>}</button>
      {o.due && <button type="button" class="link" onClick={() => askOffer(o)}>{t('change')}</button>}
      <button type="button" class="link" onClick={() => refuse(o.text)}>{t('offer.no')}</button></p>)}
    {tracked.value.map(p => <p class="offer on" key={p.of}><Icon name="i-check" /><span>{t('offer.tracked')} <Text>“{p.text}”</Text> <small>{capital(code(p.what))}, <Both at={p.due} /></small></span>
      <span class="grow" /><button type="button" class="link" onClick={() => untrack(p.of)}>{t('take_back')}</button></p>)}
    {f && (f.tags.length > 0 || f.then || f.promise || f.snooze_until) && <p class="offer on"><Icon name="i-zap" /><span>{t('macro.brings')}{' '}
      {f.tags.map(x => <span class="chip" key={x}><Text>{x}</Text></span>)}
      {f.promise && f.promise_due && <span class="chip">{t('promise')}: {code(f.promise)}, <Both at={f.promise_due} /></span>}
      {f.snooze_until && <span class="chip">{t('asleep')} {when(f.snooze_until)}</span>}
      {f.then && <span class="chip">{f.then === 'resolve' ? t('then.resolve', { how: code(f.disposition) }) : t(f.then === 'keep' ? 'then.keep' : 'then.await')}</span>}</span>
      <span class="grow" /><button type="button" class="link" onClick={() => { filled.value = null }}>{t('macro.without')}</button></p>}
  </div>
}
