// The length of a text as a network counts it.
const count: Record<string, (s: string) => number> = {
  bytes: s => new TextEncoder().encode(s).length,
  utf16: s => s.length,
  characters: s => [...s].length,
  graphemes: s => [...new Intl.Segmenter().segment(s)].length,
}

export const measured = (s: string, unit: string | undefined): number => (count[unit ?? ''] ?? count.characters!)(s)
