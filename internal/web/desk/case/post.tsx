// What a customer wrote, with the evidence marked.
import { Avatar, handleOf, Icon, Key, Mixed, Runs, Text, When, whoOf } from '../parts/small'
import { full, original, readThread, thread, translations } from '../opened'
import { box } from '../keys'
import { mayWork, me } from '../store'
import { foreign, translate, untranslate } from '../translated'
import { answering as answered, chosen } from './writing'
import { capital, locale, t } from '../words'
import type { Mention } from '../types'

const known = new Intl.DisplayNames([locale], { type: 'language', fallback: 'code' })
export function languageName(l: string): string {
  try { return known.of(l) ?? l } catch { return l }
}

function Attachments({ m }: { m: Mention }) {
  return <>{m.attachments.map(a => <p class="media"><Icon name="i-image" />
    <span class="alt">{a.alt ? <Text>{a.alt}</Text> : t('no_alt', { kind: a.kind })}</span>
    {a.url && <a class="out" href={a.url} rel="noopener noreferrer nofollow" target="_blank">{a.host} <Icon name="i-external-link" /></a>}</p>)}</>
}

// V opens one of the posts; a reply has no key.
export function Original({ m, k }: { m: { url?: string; host?: string }; k?: boolean }) {
  return m.url ? <a class="out" href={m.url} rel="noopener noreferrer nofollow" target="_blank">{t('open_on', { host: m.host ?? '' })} <Icon name="i-external-link" />{k && <Key>V</Key>}</a> : null
}

// Translated stands below the original, which stays, and says whose machine made it.
function Translated({ m }: { m: Mention }) {
  const x = translations.value.get(m.id)
  if (x === 'loading') return <p class="quiet" role="status">{t('translate.loading', { service: me.value?.translation?.service ?? '' })}</p>
  if (!x || m.erased || x.of !== m.text) return null
  return <div class="trn"><p class="pt" lang={x.to}><Text>{x.text}</Text></p>
    <p class="mk"><Icon name="i-languages" /><span>{t('translate.by', { service: x.service, host: x.host })}{x.from && ` ${languageName(x.from)} → ${languageName(x.to)}`}</span>
      <button class="link" onClick={() => untranslate(m.id)}>{t('translate.hide')}</button></p></div>
}

export function Post({ m, bare }: { m: Mention; bare?: boolean }) {
  const several = !bare && (full.value?.mention_list.length ?? 0) > 1, answering = several && answered.value === m.id
  return <article class={`post${answering ? ' answering' : ''}`}>
    {!bare && <div class="ph"><Avatar name={whoOf(m)} by={m.author.key} size="l" />
      <div><div class="nm"><Text>{whoOf(m)}</Text>{m.author.mixed_script && <Mixed />}</div>
        <div class="hd">{handleOf(m.author, m.network) && <><bdi>{handleOf(m.author, m.network)}</bdi> · </>}{capital(m.network)}{m.rating ? ` · ${t('stars', { n: m.rating })}` : ''}</div></div>
      <span class="grow" />{m.language && <span class="chip"><Icon name="i-languages" />{languageName(m.language)}</span>}<When at={m.posted_at} near /></div>}
    {m.erased ? <p class="pt gone">{m.deleted ? t('taken_back') : t('gone')}</p> : <p class="pt"><Text><Runs runs={m.shown} links /></Text></p>}
    {!bare && <Translated m={m} />}
    <Attachments m={m} />
    <div class="pm">
      {bare && <When at={m.posted_at} near />}
      {answering && <span class="ans"><Icon name="i-reply" />{t('answering')}</span>}
      {several && !answering && !m.erased && mayWork.value && <button class="link" onClick={() => { chosen.value = m.id; box.focus() }}><Icon name="i-reply" />{t('answer_this')}</button>}
      {m.flagged && <span><Icon name="i-flag" />{t('complaint')}</span>}
      {m.late && <span><Icon name="i-clock" />{t('late.why')}</span>}
      {m.edited_at && <span>{t('edited')} <When at={m.edited_at} /></span>}
      <span class="grow" />
      {!bare && me.value?.translation && foreign(m) && !translations.value.has(m.id) && <button class="link" title={t('translate.sends', { service: me.value.translation.service, host: me.value.translation.host })} onClick={() => void translate(m)}><Icon name="i-languages" />{t('key.translate')}</button>}
      {!bare && thread.value === null && <button class="link" onClick={() => void readThread(m.id)}><Icon name="i-message-circle" />{t('show_thread')}</button>}
      <Original m={m} k={original()?.id === m.id} />
    </div>
  </article>
}
