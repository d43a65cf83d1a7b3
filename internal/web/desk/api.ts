// Talks with the API: one function for all calls. It knows what was written
// last, so that a read shows it, and names each write, so that trying it again
// after a lost answer has no second effect.
import { signal } from '@preact/signals'

export const signedOut = signal(false)
export const offline = signal(false)

// A Problem is an answer that is none: RFC 9457, or no connection (status 0).
export class Problem extends Error {
  constructor(readonly status: number, readonly code: string, message: string) { super(message) }
}

let seen = 0 // place in the log of the last write

// saw notes a write that another page did: a read shows it.
export const saw = (seq: number) => { if (seq > seen) seen = seq }

export const named = (): string => [...crypto.getRandomValues(new Uint32Array(4))].map(n => n.toString(36)).join('')

export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method === 'POST') headers['Idempotency-Key'] = named()
  if (method === 'GET' && seen) headers['Amends-Seq'] = String(seen)
  const ask = () => fetch('/api/v1' + path, { method, headers, signal, body: body === undefined ? null : JSON.stringify(body), keepalive: method === 'PUT' })
  let r: Response
  try {
    r = await ask().catch(e => {
      if (method === 'GET' || signal?.aborted) throw e
      return ask() // once more, under the same name
    })
  } catch (e) {
    if (signal?.aborted) throw e
    offline.value = true
    throw new Problem(0, 'offline', '')
  }
  offline.value = false
  saw(Number(r.headers.get('Amends-Seq')))
  if (r.status === 204) return undefined as T
  const text = await r.text()
  if (r.ok) return (text ? JSON.parse(text) : undefined) as T
  let detail = '', code = String(r.status)
  try {
    const p = JSON.parse(text)
    detail = p.detail || p.title || ''
    code = String(p.type || '').split(':').pop() || code
  } catch { /* a proxy's page */ }
  if (r.status === 401) signedOut.value = true
  throw new Problem(r.status, code, detail)
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal)
export const post = <T>(path: string, body?: unknown) => call<T>('POST', path, body)
