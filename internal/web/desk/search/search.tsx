// Search: cases, people and mentions as one types, by keyboard.
import { useEffect, useRef, useState } from 'preact/hooks'
import { signal } from '@preact/signals'
import { get, Problem } from '../api'
import { asking, close, Dialog } from '../dialogs/dialog'
import { handleOf, Icon, Left, networkIcon, Runs, Text, When, whoOf } from '../parts/small'
import { goCase, goList } from '../route'
import { me } from '../store'
import { code, t, type Key as Word } from '../words'
import type { Found } from './types'

// What the dialog begins with.
const first = signal('')

export function openSearch(query = '') {
  first.value = query
  asking.value = { kind: 'search' }
}

const slot = () => 'searches:' + (me.peek()?.name ?? '')

function recent(): string[] {
  try { return (JSON.parse(localStorage.getItem(slot()) ?? '[]') as string[]).slice(0, 6) } catch { return [] }
}

function remember(query: string) {
  const q = query.trim()
  if (!q) return
  try { localStorage.setItem(slot(), JSON.stringify([q, ...recent().filter(x => x !== q)].slice(0, 6))) } catch { /* no storage */ }
}

interface Line { key: string; open: () => void; show: preact.ComponentChildren }

const caseLines = (f: Found): Line[] => f.cases.map(({ case: c, snippet, ours, exact }) => ({
  key: c.id, open: () => goCase(c.id), show: <>
    <Icon name={networkIcon(c.network)} /><span class="nm"><b><Text>{whoOf(c)}</Text></b> <small class="num">#{c.number}</small> {exact && <small class="chip soft">{t('search.exact')}</small>} {ours && <small class="chip soft">{t('search.ours')}</small>}
      <span class="sn" dir="auto"><Runs runs={snippet} /></span></span>
    <span class="st">{c.due ? <Left due={c.due} /> : <small>{code(c.state)}</small>}</span></>,
}))

const peopleLines = (f: Found): Line[] => f.people.map(p => ({
  key: 'p' + p.author.key, open: () => openAuthor(p.author.key), show: <>
    <Icon name="i-user" /><span class="nm"><b><Text>{whoOf(p)}</Text></b> {handleOf(p.author) && <small><bdi>{handleOf(p.author)}</bdi></small>}</span>
    <span class="st"><small>{p.network}</small></span></>,
}))

const mentionLines = (f: Found): Line[] => f.mentions.map(m => ({
  key: m.id, open: () => { if (m.url) window.open(m.url, '_blank', 'noopener,noreferrer') }, show: <>
    <Icon name={networkIcon(m.network)} /><span class="nm"><b><Text>{whoOf(m)}</Text></b><span class="sn" dir="auto"><Runs runs={m.snippet} /></span></span>
    <span class="st"><small><When at={m.posted_at} /></small></span></>,
}))

// openAuthor shows all cases of an account.
const openAuthor = (author: string) => goList('queue', { author })

export function Search() {
  const [typed, type] = useState(first.peek())
  const [found, show] = useState<Found | null>(null)
  const [wrong, blame] = useState('')
  const [at, move] = useState(0)
  const [busy, work] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!typed.trim()) { show(null); blame(''); work(false); return }
    const stop = new AbortController()
    work(true)
    const timer = setTimeout(() => {
      get<Found>('/search?limit=20&q=' + encodeURIComponent(typed), stop.signal)
        .then(f => { show(f); blame(''); move(0); work(false) })
        .catch(e => { if (!stop.signal.aborted) { blame(e instanceof Problem && e.status ? e.message : t('offline')); work(false) } })
    }, 120)
    return () => { clearTimeout(timer); stop.abort() } // an answer to what is not typed any more is dropped
  }, [typed])
  const parts: [Word, Line[]][] = found && typed.trim() ? [['search.people', peopleLines(found)], ['search.cases', caseLines(found)], ['search.mentions', mentionLines(found)]] : []
  const before: Line[] = typed.trim() ? [] : recent().map(q => ({ key: q, open: () => {}, show: <><Icon name="i-search" /><span class="nm"><bdi>{q}</bdi></span></> }))
  const lines = before.length ? before : parts.flatMap(p => p[1])
  useEffect(() => { box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }) }, [at])
  const choose = (l: Line | undefined) => {
    if (!l) return
    if (before.length) { type(l.key); return }
    remember(typed)
    close()
    l.open()
  }
  const key = (e: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    if (step) { e.preventDefault(); move(Math.max(0, Math.min(lines.length - 1, at + step))) }
    if (e.key === 'Enter' && !e.isComposing && !busy) { e.preventDefault(); choose(lines[at]) }
  }
  let i = 0
  const group = (name: Word, ls: Line[]) => ls.length > 0 && <ul role="group" aria-label={t(name)} key={name}><li class="gr" role="presentation">{t(name)}</li>{ls.map(l => {
    const n = i++
    return <li role="option" id={`found-${n}`} aria-selected={n === at} key={l.key} onPointerMove={() => move(n)} onClick={() => choose(l)}>{l.show}</li>
  })}</ul>
  const none = !busy && found && typed.trim() && !lines.length
  return <Dialog label={t('search.title')}><div class="pal seek">
    <input autofocus placeholder={t('search.title')} aria-label={t('search.title')} role="combobox" aria-expanded="true" aria-controls="found" aria-autocomplete="list"
      aria-activedescendant={lines[at] ? `found-${at}` : undefined} value={typed} maxLength={300} dir="auto" onInput={e => type(e.currentTarget.value)} onKeyDown={key} />
    {wrong && <p class="none bad" role="alert">{wrong}</p>}
    {!wrong && found?.near && lines.length > 0 && <p class="near" role="status">{t('search.near')}</p>}
    <div id="found" role="listbox" aria-label={t('search.title')} aria-busy={busy} ref={box}>{before.length ? group('search.recent', before) : !wrong && parts.map(([name, ls]) => group(name, ls))}</div>
    {none && !wrong && <p class="none" role="status">{t('search.none')}</p>}
    {(none || !typed.trim()) && <p class="try">{t(none ? 'search.try' : 'search.hint')} <code>state:resolved</code> <code>network:x</code> <code>from:name</code> <code>after:2026-03-01</code> <code>"…"</code> <code>#4820</code></p>}
    {found?.more && lines.length > 0 && !wrong && <p class="near" role="status">{t('search.more')}</p>}
    <p class="sr" role="status">{found && !busy && typed.trim() ? t('search.count', { n: lines.length }) : ''}</p>
  </div></Dialog>
}
