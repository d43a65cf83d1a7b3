// Instants that are often meant, in the reader's own time.
import { t, type Key } from '../words'
import { when } from '../time'
import type { Choice } from './dialog'

export function times(): Choice[] {
  const at = (change: (d: Date) => void) => { const d = new Date(); d.setSeconds(0, 0); change(d); return d.toISOString() }
  const morning = (days: number) => at(d => { d.setDate(d.getDate() + days); d.setHours(9, 0) })
  const monday = () => at(d => { d.setDate(d.getDate() + ((8 - d.getDay()) % 7 || 7)); d.setHours(9, 0) })
  return ([['time.hour', at(d => d.setHours(d.getHours() + 1))], ['time.hours', at(d => d.setHours(d.getHours() + 3))], ['time.tomorrow', morning(1)],
    ['time.days', morning(3)], ['time.monday', monday()], ['time.week', morning(7)]] as [Key, string][])
    .map(([name, value]) => ({ value, name: t(name), hint: when(value), icon: 'i-alarm-clock' }))
}
