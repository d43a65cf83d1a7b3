// What the API answers with, as far as the desk reads it: docs/openapi.json.

export interface Run { text: string; mark?: boolean; href?: string; host?: string }
export interface Author { key: string; handle?: string; name?: string; followers?: number; mixed_script?: boolean }
export interface Due { target: string; start_at: string; at_risk_at: string; due_at: string; breached?: boolean }

export interface Row {
  id: string; number: number; seq: number; state: string; queue: string; lane: string; assignee?: string
  source: string; network: string; language?: string; topic?: string; severity?: string; mood?: string; urgency: string[]
  reach: number; waits_on?: string; waits_until?: string; author: Author; thread: string; excerpt: Run[]; erased?: boolean; tags: string[]; level?: number; late?: boolean; by_hand?: boolean
  opened_at: string; last_at: string; resolved_at?: string; waits_since?: string; snoozed_until?: string; end?: string
  due?: Due; mentions: number; replies: number; reply?: string; promises: number; promise_due?: string; earlier_complaints?: number; picture?: boolean
}

export interface CaseList { cases: Row[]; next?: string; position: number }

export interface Verdict { complaint: boolean; probability: number; model?: string; why: { text: string; weight: number }[] }
export interface Attachment { kind: string; url?: string; host?: string; alt?: string }
export interface Mention {
  id: string; source: string; network: string; kind?: string; author: Author; text: string; shown: Run[]; language?: string
  posted_at?: string; seen_at?: string; edited_at?: string; url?: string; host?: string; rating?: number; attachments: Attachment[]
  flagged?: boolean; late?: boolean; settled?: boolean; deleted?: boolean; erased?: boolean; verdict?: Verdict
}
export interface Reply {
  n?: number; state: string; by: string; to?: string; text: string; shown: Run[]; erased?: boolean; direct?: boolean
  requested_at?: string; not_before?: string; visible_at?: string; tries?: number; looks?: number; why?: string; url?: string; host?: string
  then?: string; approval?: string; refused?: string; automatic?: boolean
  before?: string; withdrawn?: boolean; change?: Change; can_mend?: boolean; can_withdraw?: boolean
}
export interface Change { what: 'mend' | 'withdraw'; state: 'requested' | 'attempted' | 'sent' | 'failed' | 'unknown' | 'undone'; by: string; text?: string; tries?: number; why?: string }
export interface Survey { n: number; ask: 'csat' | 'ces' | 'nps'; asked_at: string; until: string; answered_at?: string; score?: number; comment?: string; erased?: boolean; answers: number }
export interface Note { n: number; by: string; at: string; text: string; erased?: boolean; handed_off?: boolean }
export interface Promised { n: number; state: string; owner?: string; what?: string; text: string; made_at: string; due_at: string; done_at?: string; slipped?: boolean }
export interface Target { target: string; state: string; due_at: string; left_seconds?: number; policy: string; explained: string[] }
export interface Policy { name: string; in_force?: boolean; targets: { target: string; state: string; due_at: string }[] }
export interface Permission { how: 'api' | 'by_hand' | 'no'; direct?: boolean; why: string; until?: string; max?: number; unit?: string; direct_max?: number; direct_unit?: string }
export interface Present { name: string; display: string; doing: string }
export interface Before { id: string; number: number; state: string; topic?: string; opened_at: string; end?: string; breached?: boolean }
export interface Entry { seq: number; at: string; by: string; events: { kind: string; says: string }[] }
export interface Depth { line?: string; names?: string[]; phrases?: string[] }

export interface Gift { n: number; state: 'given' | 'asked' | 'refused'; by: string; amount: number; currency: string; what?: string; why: string; at: string; decided_by?: string; refused?: string }
export interface Friction { n: number; what: string; why: string; by: string; at: string; mended_at?: string }
export interface Beside extends Before { how: 'linked' | 'absorbed' | 'merged_into'; author: Author }
export interface Known { n?: number; text: string; erased?: boolean; from: string; by: string; at: string }
export interface Account { author: string; network: string; handle?: string; evidence: { kind: string }[] }
export interface Proposal extends Account { score: number }
export interface Contact {
  accounts: Account[]; proposals: Proposal[]; given: Known[]; notes: Known[]; name?: Known; language?: Known; channel?: Known; tier?: Known; zone?: Known; consent?: boolean
  opt_out?: { why: string; at?: string; by?: string }; asks?: { mention: string; text: string }; cases: (Before & { network: string })[]
  goodwill: { case: string; number: number; amount: number; currency: string; what?: string; at: string }[]
  promises: { open: number; kept: number; told: number; late: number }
}
export interface Issue { id: string; name: string; state: string; cases: number; next_at?: string; slipped?: boolean; owner?: string; know?: string; doing?: string }
export interface Surge { count: number; usual: number; topic?: string; language?: string; brand?: string }
export interface IssueList { issues: Issue[]; surges: Surge[]; groups: { id: string; count: number; phrases: string[] }[] }

export interface Full extends Row {
  policy?: string; path: string[]; merged_into?: string; absorbed: string[]; links: string[]; issues: Issue[]; contact: Contact; first_reply_at?: string; earlier: Before[]; looked_at?: string
  goodwill: Gift[]; frictions: Friction[]; surveys: Survey[]; followers: string[]; called: string[]; on_hold?: boolean; beside: Beside[]; blocked?: boolean; to_acknowledge?: boolean
  mention_list: Mention[]; reply_list: Reply[]; notes: Note[]; promise_list: Promised[]; targets: Target[]; story: Entry[]
  to?: string; permission?: Permission; depth?: Depth; present: Present[]
}

// What is about to be written, and what the API says of it.
export interface Macro { name: string; title: string; queues: string[]; languages: string[] }
export interface Filled { macro: string; text: string; language: string; then?: 'await' | 'resolve' | 'keep'; disposition?: string; tags: string[]; snooze_until?: string; promise?: string; promise_due?: string }
export interface Advice { kind: 'placeholder' | 'personal' | 'asks' | 'repeated' | 'language' | 'unnamed'; blocks?: boolean; text?: string; case?: number; at?: string; language?: string }
export interface ReplyAdvice { advice: Advice[]; approval?: string; language?: string }
export interface Offer { from: number; to: number; text: string; what: string; due?: string }
export interface Tracked { text: string; what: string; due: string }

export interface Translation { text: string; from?: string; to: string; service: string; host: string; of: string } // of: what it is a translation of

export interface ThreadPost { remote: unknown; name?: string; handle?: string; posted_at?: string; text: string; url?: string; warning?: string; this?: boolean }

export interface Me {
  name: string; display: string; role: string; languages: string[]; must_change_password?: boolean; brand: string
  dispositions: string[]; ends: { code: string; queues: string[]; fields: string[] }[]; goodwill: { amount: number; currency?: string }; outside: string[]; surveys?: boolean; queues: string[]; undo_seconds: number; held?: string
  settings: Settings; away?: boolean
  translation?: { service: string; host: string; languages: string[]; messages?: boolean }
}
export interface Alerts { notify: boolean; sound: boolean; mine: boolean; critical: boolean; quiet_from: string; quiet_to: string }
export interface Settings { zone: string; language: string; theme: string; keys_off: boolean; alerts: Alerts }
export interface Person { name: string; display: string; role: string; disabled?: boolean; away?: boolean; away_until?: string }
export interface Backlog {
  queues: { name: string; title: string; needs: number; waiting: number }[]
  needs: number; mine: number; breached: number; snoozed: number; outside: number; approve: number; promises: number; awaiting: number; resolved: number; all: number; position: number
}
export interface Trouble { kind: string; since?: string; why: string; blinding?: boolean }
export interface Source { name: string; state: string; why?: string; troubles: Trouble[] }
export interface Written { case: string; seq: number; n?: number }

// What live events say of a case.
export interface CaseEvent {
  case: string; number: number; by: string; kinds: string[]; state: string; queue: string; lane: string; assignee?: string; needs: boolean
  due_at?: string; breached?: boolean; reply?: string; new?: boolean; was?: { state: string; queue: string; lane: string; assignee?: string; needs: boolean }
}
