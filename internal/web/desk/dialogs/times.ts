// Instants that are often meant, in the reader's own time.
import { t, type Key } from '../words'
import { instant, wall, when } from '../time'
import type { Choice } from './dialog'

export function times(): Choice[] {
  const at = (change: (d: Date) => void) => { const d = wall(Date.now()); d.setUTCSeconds(0, 0); change(d); return instant(d).toISOString() }
  const morning = (days: number) => at(d => { d.setUTCDate(d.getUTCDate() + days); d.setUTCHours(9, 0) })
  const monday = () => at(d => { d.setUTCDate(d.getUTCDate() + ((8 - d.getUTCDay()) % 7 || 7)); d.setUTCHours(9, 0) })
  return ([['time.hour', at(d => d.setUTCHours(d.getUTCHours() + 1))], ['time.hours', at(d => d.setUTCHours(d.getUTCHours() + 3))], ['time.tomorrow', morning(1)],
    ['time.days', morning(3)], ['time.monday', monday()], ['time.week', morning(7)]] as [Key, string][])
    .map(([name, value]) => ({ value, name: t(name), hint: when(value), icon: 'i-alarm-clock' }))
}
