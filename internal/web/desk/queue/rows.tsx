// The list itself. Only what is on screen is drawn, so its length does not
// matter; rows stand where they are until the list is read again.
import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { at, groups, ids, line, more, readMore, selected } from '../store'
import { groupTone } from '../time'
import { t, type Key } from '../words'
import { narrow } from '../parts/size'
import { Row } from './row'

const head = 30, spare = 12 // rows that are drawn beyond the edges

export function Rows() {
  const box = useRef<HTMLDivElement>(null)
  const top = useSignal(0), seen = useSignal(900)
  const height = narrow.value ? 84 : 40
  const list = ids.value, gs = groups.value
  // Where row i stands: below all rows before it and the headings of its group
  // and of those before.
  const starts = useMemo(() => gs.map((g, i) => g.from * height + i * head), [gs, height])
  const groupAt = (i: number) => {
    let lo = 0, hi = gs.length - 1
    while (lo < hi) { const mid = (lo + hi + 1) >> 1; if (gs[mid]!.from <= i) lo = mid; else hi = mid - 1 }
    return lo
  }
  const topOf = (i: number) => i * height + (gs.length ? (groupAt(i) + 1) * head : 0)
  const whole = list.length * height + gs.length * head

  useEffect(() => {
    const el = box.current!
    const measure = () => { seen.value = el.clientHeight }
    measure()
    const o = new ResizeObserver(measure)
    o.observe(el)
    return () => o.disconnect()
  }, [])

  // What is selected stays in view.
  const sel = selected.value, chosen = sel === null ? undefined : at.value.get(sel)
  useLayoutEffect(() => {
    if (chosen === undefined) return
    const el = box.current!, y = topOf(chosen), room = gs.length ? head : 0
    if (y - room < el.scrollTop) el.scrollTop = y - room
    else if (y + height > el.scrollTop + el.clientHeight) el.scrollTop = y + height - el.clientHeight
    top.value = el.scrollTop
  }, [sel])
  // And has the focus, unless something outside the list has it: so that a
  // screen reader reads it.
  useEffect(() => {
    const now = document.activeElement
    if (sel && now && (now === document.body || box.current!.contains(now))) document.getElementById(`row-${sel}`)?.querySelector<HTMLElement>('.who')?.focus({ preventScroll: true })
  }, [sel])

  const from = Math.max(0, Math.floor((top.value - gs.length * head) / height) - spare)
  const to = Math.min(list.length, Math.ceil((top.value + seen.value) / height) + spare)
  const scrolled = (e: Event) => {
    const el = e.currentTarget as HTMLElement
    top.value = el.scrollTop
    if (el.scrollTop + 3 * el.clientHeight > whole) void readMore()
  }
  const visible = gs.map((g, i) => ({ g, i })).filter(({ g }) => g.from < to && g.from + g.n > from)
  return <div class="q" ref={box} onScroll={scrolled} tabIndex={list.length ? -1 : undefined}>
    <ul class="rows" style={{ height: `${whole}px` }} aria-label={t('cases_list')}>
      {visible.map(({ g, i }) => <li class="grp-box" key={`g${i}`} style={{ transform: 'none', top: `${starts[i]}px`, height: `${g.n * height + head}px` }}>
        <h2 class={`grp ${groupTone[g.name]}`}>{t(`group.${g.name}` as Key)} <span class="n num">{g.n}{i === gs.length - 1 && more.value ? '+' : ''}</span></h2>
      </li>)}
      {list.slice(from, to).map((id, i) => <Row key={id} id={id} line={line(id)!} top={topOf(from + i)} height={height} />)}
    </ul>
  </div>
}
