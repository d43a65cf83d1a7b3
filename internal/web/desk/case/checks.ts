// What is worth a second look before an answer goes out in public: advice,
// never a block.
import { t } from '../words'

export interface Check { ok: boolean; text: string }

const asks = /\b(account|order|customer) (number|no\.?|id)\b|\bdate of birth\b|\b(your|the) (e-?mail|phone|password|address)\b|\b(kunden|bestell)nummer\b|\bnum[ée]ro de (client|commande)\b|\bn[úu]mero de (cliente|pedido)\b/i
const personal = /[\w.+-]+@[\w-]+\.\w{2,}|(?:\d[ -]?){9,}/

export function checks(text: string, inPublic: boolean): Check[] {
  if (!text.trim() || !inPublic) return []
  const out: Check[] = []
  if (/\{\{?\s*[A-Za-z][\w.]*\s*\}?\}/.test(text)) out.push({ ok: false, text: t('check.placeholder') })
  if (asks.test(text)) out.push({ ok: false, text: t('check.asks') })
  out.push(personal.test(text) ? { ok: false, text: t('check.personal') } : { ok: true, text: t('check.no_personal') })
  return out
}
