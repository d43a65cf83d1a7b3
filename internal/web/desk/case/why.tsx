// Why it was flagged, and whether that was right.
import * as acts from '../acts'
import { Text } from '../parts/small'
import { mayAssign } from '../store'
import { t } from '../words'
import type { Full } from '../types'

export function Why({ c }: { c: Full }) {
  const m = c.mention_list.find(x => x.verdict), v = m?.verdict
  if (c.by_hand && !v) return <p class="small">{t('why.by_hand')}</p>
  if (!m || !v) return <p class="small">{t('why.gone')}</p>
  const reasons = v.why.filter(w => w.weight > 0 && /[\p{L}\p{N}]/u.test(w.text)).slice(0, 6), most = reasons[0]?.weight ?? 1
  return <>
    <p class="small">{t('why.sure', { percent: Math.round(v.probability * 100), model: v.model ?? '' })}</p>
    {reasons.length > 0 && <ul class="why">{reasons.map((w, i) => <li key={i}><Text>{w.text}</Text><i aria-hidden="true"><b style={{ width: `${Math.max(5, 100 * w.weight / most)}%` }} /></i><span class="num">{w.weight.toFixed(2)}</span></li>)}</ul>}
    {c.depth?.line && <p class="small">{t('why.line')} <Text>{c.depth.line}</Text></p>}
    {[...c.depth?.names ?? [], ...c.depth?.phrases ?? []].length > 0 && <p class="tags">{[...c.depth?.names ?? [], ...c.depth?.phrases ?? []].map(x => <span class="chip" key={x}><Text>{x}</Text></span>)}</p>}
    {mayAssign.value && <div class="acts"><button class="btn" onClick={() => void acts.review(c.id, m.id, true)}>{t('agree')}</button><button class="btn" onClick={() => void acts.review(c.id, m.id, false)}>{t('disagree')}</button></div>}
  </>
}
