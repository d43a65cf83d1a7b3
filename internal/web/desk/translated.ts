// Translations beside what customers wrote. Nothing is sent unless somebody asks:
// by the key for the whole case, by the button for one post.
import { post } from './api'
import { full, translations } from './opened'
import { me } from './store'
import { complain, tell } from './toast'
import { language, t } from './words'
import type { Mention, Translation } from './types'

// maxAtOnce is how many posts of a case one key press sends, the newest first.
const maxAtOnce = 20

const base = (l: string | undefined) => (l ?? '').toLowerCase().split('-')[0]

// target is the language to translate into: the reader's, if the service gives it.
function target(): string | undefined {
  const all = me.peek()?.translation?.languages ?? []
  return [language, ...(me.peek()?.languages ?? [])].flatMap(l => all.filter(x => base(x) === base(l)))[0] ?? all[0]
}

// foreign says that a post is not known to be in the reader's language.
export const foreign = (m: Mention) => !m.erased && base(m.language) !== base(target())

function note(id: string, what?: Translation | 'loading') {
  const next = new Map(translations.peek())
  what ? next.set(id, what) : next.delete(id)
  translations.value = next
}

// translate asks for one post; false: it did not come.
export async function translate(m: Mention): Promise<boolean> {
  const c = full.peek()?.id, to = target()
  if (!to) return false
  note(m.id, 'loading')
  try {
    const got = await post<Translation>(`/mentions/${m.id}/translation?to=${encodeURIComponent(to)}`)
    if (full.peek()?.id === c && translations.peek().has(m.id)) note(m.id, { ...got, of: m.text })
    return true
  } catch (e) {
    if (full.peek()?.id === c) { note(m.id); complain((e as Error).message || t('offline')) }
    return false
  }
}

export const untranslate = (id: string) => note(id)

// toggleTranslations shows them for the whole case, or takes all away again.
export async function toggleTranslations(): Promise<void> {
  const by = me.peek()?.translation, c = full.peek()
  if (!c) return
  if (!by) { tell(t('no_translation')); return }
  if (translations.peek().size) { translations.value = new Map(); return }
  const all = c.mention_list.filter(foreign), sendable = all.filter(m => by.messages || m.kind !== 'message').slice(-maxAtOnce).reverse()
  if (!sendable.length) { tell(t(all.length ? 'translate.messages' : 'translate.none')); return }
  const shown = () => full.peek()?.id === c.id
  for (const m of sendable) {
    if (!shown() || !await translate(m)) return
    if (!translations.peek().size) return // taken away meanwhile
  }
}
