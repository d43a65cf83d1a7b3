// The length of a text as a network counts it: the server's care.Length counts
// the same, and both are held against the same examples.
const count: Record<string, (s: string) => number> = {
  bytes: s => new TextEncoder().encode(s).length,
  utf16: s => s.length,
  characters: s => [...s].length,
  graphemes: s => [...new Intl.Segmenter().segment(s)].length,
  weighted,
}

export const measured = (s: string, unit: string | undefined): number => (count[unit ?? ''] ?? count.characters!)(s)

// X counts most alphabets as one, the rest and emoji as two, an address as 23.
const light = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]] as const
const weigh = (r: number) => light.some(([a, b]) => a <= r && r <= b) ? 1 : 2

const emoji = (sign: string) => {
  const r = sign.codePointAt(0)!
  if ([...sign].length === 1) return false
  return /[\uFE0F\u20E3]/.test(sign) || (r >= 0x1F1E6 && r <= 0x1FAFF) || (sign.includes('\u200D') && weigh(r) === 2)
}

function weight(text: string): number {
  let n = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (emoji(segment)) n += 2
    else for (const c of segment) n += weigh(c.codePointAt(0)!)
  }
  return n
}

const top = 'com|net|org|edu|gov|info|biz|io|co|ai|app|dev|me|tv|us|uk|de|fr|es|it|nl|be|ch|at|pl|se|no|dk|fi|pt|br|jp|cn|kr|in|id|ru|tr|eu|ca|au|nz|mx|ar|cl|za|ie|gr|cz|hu|ro|ua|il|sa|ae|vn|th|my|sg|hk|tw|ph|shop|store|online|site|xyz|club|blog|news|cloud|help|support|care'
const end = '[^\\t\\n\\f\\r <>"“”'
const address = new RegExp(`https?://${end}\\u200B]+|(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?\\.)+(?:${top})(?:[/?#]${end}]*)?`, 'giu')

function weighted(text: string): number {
  text = text.normalize('NFC')
  let n = 0, from = 0
  for (const m of text.matchAll(address)) {
    if (/[@#$＠＃.\-_/0-9A-Za-z]$/.test(text.slice(0, m.index))) continue // part of a name, a tag or a longer word
    let found = m[0].replace(/[.,:;!?'*]+$/, '')
    if (found.endsWith(')') && found.split('(').length < found.split(')').length) found = found.slice(0, -1)
    const after = text.slice(m.index + found.length), host = /^https?:\/\/([^/?#]*)/i.exec(found)
    if (host ? !host[1]!.includes('.') : /^[@_0-9A-Za-z]/.test(after)) continue
    n += weight(text.slice(from, m.index)) + 23
    from = m.index + found.length
  }
  return n + weight(text.slice(from))
}
