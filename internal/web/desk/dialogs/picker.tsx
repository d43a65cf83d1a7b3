// One way to choose anything: type to narrow down, arrows and Enter.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon, Key } from '../parts/small'
import { t } from '../words'
import { close, Dialog, type Ask, type Choice } from './dialog'

// score says how well a name suits what was typed: below 0 not at all. One
// letter may be wrong, missing or swapped in a word of four and more.
export function score(name: string, typed: string): number {
  const plain = (s: string) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()
  const a = plain(name), b = plain(typed).trim()
  if (!b) return 0
  const i = a.indexOf(b)
  if (i === 0) return 3
  if (i > 0) return 2
  const words = a.split(/[^\p{L}\p{N}]+/u)
  return b.split(/\s+/).every(w => words.some(x => x.startsWith(w) || near(x.slice(0, w.length + 1), w))) ? 1 : -1
}

function near(a: string, b: string): boolean {
  if (b.length < 4 || Math.abs(a.length - b.length) > 1) return false
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  return a.slice(i + 1) === b.slice(i + 1) || a.slice(i) === b.slice(i + 1) || a.slice(i + 1) === b.slice(i) ||
    (a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2))
}

export function Picker({ ask }: { ask: Ask }) {
  const [typed, type] = useState('')
  const [at, move] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const shown = useMemo(() => {
    if (typeof ask.choices === 'function') return ask.choices(typed)
    const found: Choice[] = ask.choices.map((c, i) => ({ c, i, s: score(c.name, typed) })).filter(x => x.s >= 0).sort((x, y) => y.s - x.s || x.i - y.i).map(x => x.c)
    const own = typed.trim() && ask.free?.(typed.trim())
    return own ? [...found, own] : found
  }, [ask, typed])
  useEffect(() => { list.current?.children[at]?.scrollIntoView({ block: 'nearest' }) }, [at])
  const choose = (c: Choice | undefined) => {
    if (!c) return
    close()
    if (c.run) c.run()
    else ask.pick(c.value)
  }
  const key = (e: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    if (step) { e.preventDefault(); move(Math.max(0, Math.min(shown.length - 1, at + step))) }
    if (e.key === 'Enter' && !e.isComposing) { e.preventDefault(); choose(shown[at]) }
  }
  return <Dialog label={ask.title}><div class="pal">
    <input autofocus placeholder={ask.title} aria-label={ask.title} role="combobox" aria-expanded="true" aria-controls="pick" aria-autocomplete="list"
      aria-activedescendant={shown[at] ? `pick-${at}` : undefined} value={typed} maxLength={200}
      onInput={e => { type(e.currentTarget.value); move(0) }} onKeyDown={key} />
    <ul id="pick" role="listbox" aria-label={ask.title} ref={list}>{shown.map((c, i) =>
      <li role="option" id={`pick-${i}`} aria-selected={i === at} key={c.value + i} onPointerMove={() => move(i)} onClick={() => choose(c)}>
        {c.icon && <Icon name={c.icon} />}<span class="nm"><bdi dir="auto">{c.name}</bdi></span>{c.hint && <small>{c.hint}</small>}
        {c.keys && <span class="k">{c.keys.map(k => <Key>{k}</Key>)}</span>}
      </li>)}</ul>
    {!shown.length && <p class="none" role="status">{t('pick.none')}</p>}
  </div></Dialog>
}
