// Time left, and instants in the reader's own time.
import { signal } from '@preact/signals'
import { locale, t } from './words'
import type { Row } from './types'

export const now = signal(Date.now())
setInterval(() => { if (document.visibilityState === 'visible') now.value = Date.now() }, 1000)
document.addEventListener('visibilitychange', () => { now.value = Date.now() })

const two = (n: number) => String(n).padStart(2, '0')

// brief is a span as a pill has room for, from seconds.
export function brief(s: number): string {
  if (s < 900) return `${Math.floor(s / 60)}:${two(Math.floor(s % 60))}`
  if (s < 3600) return t('span.min', { m: Math.floor(s / 60) })
  if (s < 36000) return t('span.hm', { h: Math.floor(s / 3600), m: two(Math.floor(s / 60) % 60) })
  if (s < 86400) return t('span.h', { h: Math.floor(s / 3600) })
  return t('span.days', { n: Math.floor(s / 86400) })
}

export interface Left { text: string; spoken: string; tone: '' | 'warn' | 'bad'; used: number }

export function leftOf(due: Row['due'], at: number): Left {
  if (!due) return { text: '–', spoken: t('left.none'), tone: '', used: 0 }
  const end = Date.parse(due.due_at), start = Date.parse(due.start_at), s = Math.floor((end - at) / 1000)
  const used = end > start ? Math.min(100, Math.max(0, Math.round(100 * (at - start) / (end - start)))) : 100
  if (s < 0) return { text: t('left.late', { time: brief(-s) }), spoken: t('left.past', { time: brief(-s) }), tone: 'bad', used: 100 }
  return { text: brief(s), spoken: t('left.left', { time: brief(s) }), tone: s < 900 ? 'warn' : '', used }
}

export type Group = 'critical' | 'past' | 'quarter' | 'hour' | 'later' | 'none'
export const groupTone: Record<Group, string> = { critical: 'bad', past: 'bad', quarter: 'warn', hour: '', later: '', none: '' }

export function groupOf(r: Row, at: number): Group {
  if (r.lane === 'critical') return 'critical'
  if (!r.due) return 'none'
  const left = (Date.parse(r.due.due_at) - at) / 60000
  return left < 0 ? 'past' : left < 15 ? 'quarter' : left < 60 ? 'hour' : 'later'
}

// The zone that the reader has chosen, where this browser knows it.
const timeZone = ((): string | undefined => {
  const z = document.documentElement.dataset.zone
  try { return z && new Intl.DateTimeFormat('en', { timeZone: z }).resolvedOptions().timeZone } catch { return undefined }
})()
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone })
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone })
const whole = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long', timeZone })
const parts = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23', timeZone })
const nearly = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })

// wall is what a clock in the reader's zone shows at an instant, as if it were
// UTC; instant is the other way round.
export function wall(at: number): Date {
  const p = Object.fromEntries(parts.formatToParts(at).map(x => [x.type, Number(x.value)]))
  return new Date(Date.UTC(p.year!, p.month! - 1, p.day, p.hour, p.minute, p.second))
}
export function instant(shown: Date): Date {
  const ahead = (at: number) => wall(at).getTime() - Math.floor(at / 1000) * 1000
  const near = shown.getTime() - ahead(shown.getTime())
  return new Date(shown.getTime() - ahead(near))
}
const dateOf = (at: number) => wall(at).toISOString().slice(0, 10)
export const clockOf = (at: number) => wall(at).toISOString().slice(11, 16)

// when is an instant in the reader's time, or, with a zone, in that one's.
export function when(iso: string, zone?: string): string {
  const d = new Date(iso)
  if (zone) {
    try { return new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone }).format(d) } catch { return '' }
  }
  return (dateOf(d.getTime()) === dateOf(Date.now()) ? clock : day).format(d)
}
export const whenWhole = (iso: string) => whole.format(new Date(iso))

// ago is how long an instant is past, for the last day.
export function ago(iso: string, at: number): string {
  const m = Math.round((Date.parse(iso) - at) / 60000)
  if (m > 0 || m < -1440) return ''
  return m > -60 ? nearly.format(m, 'minute') : nearly.format(Math.round(m / 60), 'hour')
}
