// What search and the saved lists answer with: docs/openapi.json.
import type { Author, Row, Run } from '../types'

export interface Found {
  cases: { case: Row; exact?: boolean; ours?: boolean; snippet: Run[] }[]
  people: { author: Author; network: string; exact?: boolean; last_at: string }[]
  mentions: { id: string; author: Author; network: string; posted_at: string; url?: string; snippet: Run[] }[]
  next?: string; more?: boolean; near?: boolean
}

export interface Saved { id: string; name: string; filters: Record<string, string>; shared?: boolean; by: string; count: number }
