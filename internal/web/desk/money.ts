// Sums of money: the API counts in hundredths.
import { locale } from './words'

export function money(amount: number, currency: string): string {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: amount % 100 ? 2 : 0, maximumFractionDigits: 2 }).format(amount / 100)
  } catch {
    return `${(amount / 100).toFixed(2)} ${currency}`
  }
}

// hundredths reads a sum as people write it, with a point or a comma.
export const hundredths = (s: string): number => Math.round(Number(s.trim().replace(',', '.')) * 100)
