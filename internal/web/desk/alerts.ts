// Calls for a person who looks elsewhere: a notice of the browser, two short
// notes, a number in the tab's title. Off unless they chose it in their settings.
// A notice tells the queue and the case's number, never who wrote or what: it
// may show on a locked screen.
import { backlog, me } from './store'
import { goCase } from './route'
import { clockOf } from './time'
import { t } from './words'
import type { CaseEvent } from './types'

type Why = 'mine' | 'critical'

// whyOf is for what an event calls whoever is here, if for anything: never for
// what they did themselves.
export function whyOf(e: CaseEvent): Why | null {
  const who = me.peek()
  if (!who || e.by === 'agent/' + who.name || !e.needs) return null
  const { mine, critical } = who.settings.alerts
  if (critical && e.lane === 'critical' && (!e.assignee || e.assignee === who.name) && (e.new || (e.was && (e.was.lane !== 'critical' || !e.was.needs)))) return 'critical'
  if (mine && e.assignee === who.name && (e.new || (e.was && e.was.assignee !== who.name))) return 'mine'
  return null
}

// quiet says that nothing may call now: the person is away, or it is one of the
// hours that they want quiet.
function quiet(): boolean {
  const who = me.peek()!, { quiet_from: from, quiet_to: to } = who.settings.alerts
  if (who.away) return true
  if (!from || !to || from === to) return false
  const at = clockOf(Date.now())
  return from < to ? at >= from && at < to : at >= from || at < to
}

const together = 10000 // ms: what comes so soon after another is one call
let context: AudioContext | null = null

// arm lets a browser that asks for it know that a person is here: before they
// touched a page, it stays silent.
export function arm() {
  const wake = () => { if (me.peek()?.settings.alerts.sound) void ready() }
  addEventListener('pointerdown', wake, { capture: true })
  addEventListener('keydown', wake, { capture: true })
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') count(0) })
  const title = document.querySelector('title')
  if (title) new MutationObserver(numbered).observe(title, { childList: true })
}

async function ready(): Promise<AudioContext | null> {
  try {
    context ??= new AudioContext()
    if (context.state !== 'running') await context.resume()
    return context
  } catch { return null }
}

// chime plays two soft notes, a third of a second long.
export async function chime(): Promise<boolean> {
  const c = await ready()
  if (!c || c.state !== 'running') return false
  for (const [i, pitch] of [659.25, 880].entries()) {
    const at = c.currentTime + i * 0.14, tone = c.createOscillator(), volume = c.createGain()
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(0.12, at + 0.015)
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.2)
    tone.connect(volume).connect(c.destination)
    tone.start(at)
    tone.stop(at + 0.21)
  }
  return true
}

// allowed says whether this browser lets us; ask may only be set on a click.
export async function allowed(ask: boolean): Promise<boolean> {
  if (!('Notification' in window)) return false
  return (ask && Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission) === 'granted'
}

export function notice(text: string, tag: string, open?: string): boolean {
  try {
    const n = new Notification(t('alert.title', { brand: me.peek()?.brand || 'Amends' }), { body: text, tag, silent: true, lang: document.documentElement.lang })
    n.onclick = () => {
      focus()
      if (open) goCase(open)
      n.close()
    }
    return true
  } catch { return false } // some phones let no page do that
}

const latest: Record<Why, { at: number; n: number }> = { mine: { at: 0, n: 0 }, critical: { at: 0, n: 0 } }

// called takes an event in. Of several tabs only the one that leads calls out
// loud; each counts.
export function called(e: CaseEvent, leads: boolean) {
  const why = whyOf(e)
  if (!why || quiet()) return
  if (document.visibilityState !== 'visible') count(missed + 1)
  if (!leads) return
  const { notify, sound } = me.peek()!.settings.alerts, last = latest[why], soon = Date.now() - last.at < together
  latest[why] = { at: Date.now(), n: soon ? last.n + 1 : 1 }
  const n = latest[why].n
  if (sound && !soon) void chime()
  if (!notify || !('Notification' in window) || Notification.permission !== 'granted') return
  const queue = backlog.peek()?.queues.find(q => q.name === e.queue)?.title || e.queue
  if (n === 1) notice(why === 'critical' ? t('alert.critical', { queue, number: e.number }) : t('alert.mine', { queue, number: e.number }), 'amends-' + why, e.case)
  else notice(why === 'critical' ? t('alert.criticals', { n }) : t('alert.mines', { n }), 'amends-' + why)
}

let missed = 0 // calls since the tab was last looked at

function count(n: number) {
  missed = n
  numbered()
}

function numbered() {
  const title = document.title.replace(/^\(\d+\) (?=.)/, ''), want = missed ? `(${missed}) ${title}` : title
  if (document.title !== want) document.title = want
}
