// The small things that everything is made of.
import type { ComponentChildren } from 'preact'
import drawings from 'icons'
import { ago, leftOf, now, when, whenWhole } from '../time'
import { capital, code, t } from '../words'
import type { Row, Run } from '../types'

const icons = drawings as Record<string, { box: string; lines: boolean; parts: { name: string; attrs: Record<string, string> }[] }>

export function Icon({ name }: { name: string }) {
  const d = icons[name]
  if (!d) return null
  const lines = d.lines ? { fill: 'none', stroke: 'currentColor', 'stroke-width': '1.75', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' } as const : { fill: 'currentColor' }
  return <svg class="i" viewBox={d.box} aria-hidden="true" {...lines}>{d.parts.map(({ name: Part, attrs }) => {
    const P = Part as 'path'
    return <P {...attrs} />
  })}</svg>
}

const networks: Record<string, string> = { play: 'c-googleplay', email: 'i-mail', feed: 'i-rss' }
export const networkIcon = (n: string) => networks[n] ?? (icons['c-' + n] ? 'c-' + n : 'i-message-circle')

export const Key = ({ children }: { children: ComponentChildren }) => <kbd aria-hidden="true">{children}</kbd>

// A stranger's text: its direction is its own, and nothing of it is markup.
export const Text = ({ children }: { children: ComponentChildren }) => <bdi dir="auto">{children}</bdi>

export function Runs({ runs, links }: { runs: Run[]; links?: boolean }) {
  return <>{runs.map(r => {
    const text = r.mark ? <mark>{r.text}</mark> : r.text
    return links && r.href
      ? <><a href={r.href} rel="noopener noreferrer nofollow" target="_blank">{text}</a> <span class="host">({r.host})</span></>
      : text
  })}</>
}

// Time left: a word, a ring and a colour, never the colour alone.
export function Left({ due }: { due: Row['due'] }) {
  const l = leftOf(due, now.value)
  return <span class={`sla num ${l.tone}`}>
    <svg class="ring" viewBox="0 0 13 13" aria-hidden="true"><circle cx="6.5" cy="6.5" r="5" /><circle cx="6.5" cy="6.5" r="5" pathLength={100} stroke-dasharray={`${l.used} 100`} /></svg>
    <span aria-hidden="true">{l.text}</span><span class="sr">{l.spoken}</span>
  </span>
}

const moods = ['calm', 'annoyed', 'angry', 'furious']
export const moodLevel = (m: string | undefined) => moods.indexOf(m ?? '') + 1

export function Mood({ mood }: { mood: string | undefined }) {
  const n = moodLevel(mood)
  return <span class="mood" title={n ? capital(code(mood)) : t('mood.unknown')}>
    <span class="sev" data-v={n} aria-hidden="true"><b /><b /><b /><b /></span><span class="sr">{n ? code(mood) : ''}</span>
  </span>
}

export function initials(name: string): string {
  return name.split(/\s+/).filter(Boolean).slice(0, 2).map(w => [...w.toLocaleUpperCase()][0]).join('')
}

export function colour(name: string): number {
  let n = 0
  for (const b of new TextEncoder().encode(name)) n = (n * 31 + b) & 0xffff
  return n % 8
}

export const Avatar = ({ name, by, size = '' }: { name: string; by: string; size?: string }) =>
  <span class={`av ${size} c${colour(by)}`} aria-hidden="true">{initials(name)}</span>

export const Mixed = () => <span class="mixed" title={t('mixed')}>!<span class="sr">{t('mixed')}</span></span>

export function When({ at, near }: { at: string | undefined; near?: boolean }) {
  if (!at) return null
  const gone = near ? ago(at, now.value) : ''
  return <time datetime={at} title={whenWhole(at)}>{when(at)}{gone && `, ${gone}`}</time>
}

// A handle beside the name; '' where it is the name, as where one only gives that.
export const handleOf = (a: { name?: string; handle?: string }, network = '') =>
  !a.handle || a.handle === a.name ? '' : network === 'email' ? a.handle : '@' + a.handle

export const whoOf = (r: { author: Row['author'] }) => r.author.name || handleOf(r.author) || t('somebody')

export function reach(n: number): string {
  if (n <= 0) return '–'
  if (n < 1000) return String(n)
  if (n < 100_000) return Math.floor(n / 100) / 10 + 'K'
  if (n < 1_000_000) return Math.floor(n / 1000) + 'K'
  return Math.floor(n / 100_000) / 10 + 'M'
}

export const Topic = ({ topic }: { topic: string | undefined }) =>
  topic ? <><span class={`dot c${colour(topic)}`} aria-hidden="true" />{capital(code(topic))}</> : null

const asked = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'
export const mod = asked
