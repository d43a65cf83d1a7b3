// The desk: the list of cases and the case, in one page that never reloads.
// The server renders the frame around it.
import { render } from 'preact'
import { effect } from '@preact/signals'
import { offline } from './api'
import { arm } from './alerts'
import { Desk } from './frame'
import { beginKeys, keysOff } from './keys'
import { keepNow } from './opened'
import { listen } from './live'
import { beginRail } from './rail'
import { beginRoute } from './route'
import { beginSaved } from './search/saved'
import { beginSettings } from './settings'
import { me, readCounts, readIssues, readMe, readSources, regroup, stale, read, loaded } from './store'
import { language } from './words'
import type { Me } from './types'

const root = document.getElementById('desk')
if (root) begin(root)
else beginSettings()

function begin(root: HTMLElement) {
  root.lang = language
  me.value = JSON.parse(root.dataset.me!) as Me
  document.documentElement.classList.toggle('keys-on', !keysOff.peek())

  beginRoute()
  beginKeys()
  arm()
  listen(Number(root.dataset.after) || 0)
  beginRail()
  beginSaved()
  root.replaceChildren() // what stood here until now
  render(<Desk />, root)
  void readMe().catch(() => {})
  void readCounts()
  void readSources()
  setTimeout(() => void readIssues(), 1000) // once the list or the case is there

  setInterval(() => {
    if (document.visibilityState !== 'visible') return
    void readSources()
    void readIssues()
    void readMe().catch(() => {})
    if (!root.matches(':hover')) regroup() // headings may move while nobody points at them
  }, 60000)

  addEventListener('online', () => { offline.value = false; void keepNow(); void readCounts() })
  addEventListener('offline', () => { offline.value = true })
  effect(() => { if (stale.value && loaded.peek() && !root.matches(':hover')) void read() })
}
