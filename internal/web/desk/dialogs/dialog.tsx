// A dialog: the browser's own, so that focus stays in it and comes back.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { signal } from '@preact/signals'

export interface Choice { value: string; name: string; icon?: string; hint?: string; keys?: string[]; run?: () => void }
export interface Ask {
  title: string
  choices: Choice[] | ((typed: string) => Choice[])
  free?: (typed: string) => Choice | null // what was typed may be chosen too
  pick: (value: string) => void
}

// What is asked just now; at most one thing.
export const asking = signal<{ kind: 'pick'; ask: Ask } | { kind: 'help' } | { kind: 'search' } | { kind: 'promise' } | { kind: 'split' } | { kind: 'handoff'; to: string } | null>(null)

export const ask = (a: Ask) => { asking.value = { kind: 'pick', ask: a } }
export const close = () => { asking.value = null }

export function Dialog({ label, children }: { label: string; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null), mine = useRef(asking.peek())
  const shut = () => { if (asking.peek() === mine.current) close() } // not the next one
  useEffect(() => {
    const d = ref.current!, before = document.activeElement as HTMLElement | null
    d.showModal()
    return () => {
      d.close()
      if (before?.isConnected) before.focus()
    }
  }, [])
  return <dialog ref={ref} aria-label={label} onClose={shut} onCancel={shut} onClick={e => { if (e.target === e.currentTarget) shut() }}>{children}</dialog>
}
