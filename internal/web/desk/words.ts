// Every string of the desk, by key, in the reader's language. What a language
// has not yet is shown in English.
import en from './strings/en.json'
import de from './strings/de.json'
import es from './strings/es.json'
import fr from './strings/fr.json'

export type Key = keyof typeof en
const all: Record<string, Partial<Record<string, string>>> = { en, de, es, fr }

function chosen(): string {
  for (const l of [document.documentElement.dataset.language, ...navigator.languages]) {
    const base = l?.split('-')[0]
    if (base && all[base]) return base
  }
  return 'en'
}

export const language = chosen()

// locale is the same with the reader's region: it says how times are written.
export const locale = navigator.languages.find(l => l.split('-')[0] === language) ?? language
const mine = all[language]!
const plurals = new Intl.PluralRules(language)

// t is a string with its {places} filled in. Where n is given, key.one and the
// like are looked for first.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  let text: string | undefined
  if (typeof values.n === 'number') {
    const form = plurals.select(values.n)
    text = mine[`${key}.${form}`] ?? (form === 'one' ? undefined : mine[key])
  }
  text ??= mine[key] ?? en[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name) => name in values ? String(values[name]) : whole)
}

// code is a code of the API as words: passed_on becomes "passed on".
export function code(c: string | undefined): string {
  if (!c) return ''
  return mine['code.' + c] ?? (en as Record<string, string>)['code.' + c] ?? c.replaceAll('_', ' ')
}

export const capital = (s: string): string => s ? s[0]!.toLocaleUpperCase(language) + s.slice(1) : s
