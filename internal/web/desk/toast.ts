// The one message at the bottom of the screen, and how to take back what it
// tells of.
import { signal } from '@preact/signals'
import { say } from './say'

export interface Toast { text: string; bad?: boolean; undo?: () => Promise<void> | void }

export const toast = signal<Toast | null>(null)

let timer = 0

export function tell(text: string, undo?: Toast['undo'], seconds = 8) {
  show({ text, ...(undo ? { undo } : {}) }, seconds)
}

export const complain = (text: string) => show({ text, bad: true }, 12)

function show(m: Toast, seconds: number) {
  clearTimeout(timer)
  toast.value = m
  say(m.text)
  timer = window.setTimeout(() => { if (toast.peek() === m) toast.value = null }, seconds * 1000)
}

export function hush() {
  clearTimeout(timer)
  toast.value = null
}

export async function undoLast() {
  const m = toast.peek()
  if (!m?.undo) return
  hush()
  await m.undo()
}
