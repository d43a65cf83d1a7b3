// Whether the screen is a phone's.
import { signal } from '@preact/signals'

const q = matchMedia('(max-width: 760px)')
export const narrow = signal(q.matches)
q.addEventListener('change', () => { narrow.value = q.matches })
