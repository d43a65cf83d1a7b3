// Where in the desk we are: the address is the state, so that it can be copied.
import { signal } from '@preact/signals'
import { saw } from './api'

export const lists = ['queue', 'mine', 'awaiting', 'snoozed', 'outside', 'promised', 'approve', 'friction', 'held', 'following', 'resolved', 'dismissed'] as const
export type List = typeof lists[number]
export type Filters = Record<string, string>
export type Place = { list: List; filters: Filters; case?: undefined } | { case: string; list?: undefined; filters?: undefined }

export const filterNames = ['queue', 'lane', 'network', 'language', 'topic', 'severity', 'mood', 'left', 'tag', 'has', 'issue', 'assignee', 'author', 'thread']

function read(): Place {
  const path = location.pathname
  const one = /^\/cases\/([^/]+)$/.exec(path)
  if (one) return { case: decodeURIComponent(one[1]!) }
  const list = lists.find(l => path === '/' + l) || 'queue'
  const filters: Filters = {}
  for (const [k, v] of new URLSearchParams(location.search)) if (filterNames.includes(k) && v && v.length <= 100) filters[k] = v
  return { list, filters }
}

export const place = signal<Place>({ list: 'queue', filters: {} })

// lastList is the list that a case was opened from, to go back to.
export const lastList = signal<{ list: List; filters: Filters }>({ list: 'queue', filters: {} })

export function hrefOf(p: Place): string {
  if (p.case !== undefined) return `/cases/${encodeURIComponent(p.case)}`
  const q = new URLSearchParams(p.filters).toString()
  return `/${p.list}${q ? '?' + q : ''}`
}

function arrive() {
  place.value = read()
  if (place.value.list) lastList.value = place.value
}

export function go(p: Place, replace = false) {
  const to = hrefOf(p)
  if (to === location.pathname + location.search) return
  history[replace ? 'replaceState' : 'pushState'](null, '', to)
  arrive()
}

export const goList = (list: List, filters: Filters = {}) => go({ list, filters })
export const goCase = (id: string) => go({ case: id })
export const goBack = () => go(lastList.value)

// ours says whether an address is the desk's own.
const ours = (url: URL): boolean =>
  url.origin === location.origin && (lists.some(l => url.pathname === '/' + l) || /^\/cases\/[^/]+$/.test(url.pathname))

// begin follows the address and the links of the page around the desk.
export function beginRoute() {
  const query = new URLSearchParams(location.search), seq = Number(query.get('seq'))
  if (seq) { // a form of another page led here
    saw(seq)
    query.delete('seq')
    history.replaceState(null, '', location.pathname + (query.size ? '?' + query : ''))
  }
  arrive()
  addEventListener('popstate', arrive)
  document.addEventListener('click', e => {
    const a = (e.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null
    if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || a.target) return
    const url = new URL(a.href)
    if (!ours(url)) return
    e.preventDefault()
    if (url.pathname + url.search !== location.pathname + location.search) {
      history.pushState(null, '', url.pathname + url.search)
      arrive()
    }
  })
}
