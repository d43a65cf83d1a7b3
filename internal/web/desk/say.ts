// What a screen reader is told politely: the latest sentence.
import { signal } from '@preact/signals'

export const said = signal('')

export function say(text: string) {
  said.value = said.peek() === text ? text + '\u00a0' : text // the same again is news too
}
