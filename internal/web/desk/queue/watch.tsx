// Above a list: far more complaints than usual, cases that say much the same (the
// greatest of each, the others behind a link), and where we promised to say more.
import { Text, When } from '../parts/small'
import { known } from '../store'
import type { List } from '../route'
import { capital, code, t } from '../words'
import { languageName } from '../case/post'
import type { Surge } from '../types'

const about = (s: Surge) => [s.topic && capital(code(s.topic)), s.language && languageName(s.language), s.brand].filter(Boolean).join(', ')

export function Watch({ list }: { list: List }) {
  const w = known.value
  if (!w) return null
  if (list === 'promised') {
    const due = w.issues.filter(i => i.next_at).sort((a, b) => a.next_at!.localeCompare(b.next_at!))
    return <>{due.map(i => <div class={i.slipped ? 'strip-note bad' : 'strip-note'} key={i.id}><span><b><Text>{i.name}</Text></b> {t('say_more_by')} <When at={i.next_at} />{i.owner && <> · {i.owner}</>}{i.slipped && <> · {code('slipped')}</>}</span><a href={`/issues/${i.id}`}>{t('known_issue')}</a></div>)}</>
  }
  if (list !== 'queue') return null
  const s = [...w.surges].sort((a, b) => (b.topic ? 1 : 0) - (a.topic ? 1 : 0) || b.count - a.count)[0], g = [...w.groups].sort((a, b) => b.count - a.count)[0]
  return <>
    {s && <div class="strip-note bad" role="status"><span><b>{t('surge')}</b> {about(s)}: {s.usual < 1 ? t('surge.rare', { n: s.count }) : t('surge.n', { n: s.count, usual: Math.round(s.usual) })}</span><a href="/issues">{w.surges.length > 1 ? t('n_more', { n: w.surges.length - 1 }) : t('known_issues')}</a></div>}
    {g && <div class="strip-note" role="status"><span><b>{t('alike', { n: g.count })}</b> {g.phrases.filter(p => p.length > 2).slice(0, 3).map((p, i) => <>{i > 0 && ', '}“<Text>{p}</Text>”</>)}</span><a href="/issues">{w.groups.length > 1 ? t('n_more', { n: w.groups.length - 1 }) : t('look_at_them')}</a></div>}
  </>
}
