// What can be done with all cases that are ticked.
import { useEffect, useState } from 'preact/hooks'
import * as acts from '../acts'
import { askAssign, askDismiss, askResolve, askSnooze, askTag } from '../dialogs/asks'
import { askMore } from '../dialogs/more'
import { count, every, pickEvery } from '../many'
import { Icon, Key } from '../parts/small'
import { ids, more, picked } from '../store'
import { t } from '../words'

export function Bulk() {
  const n = every.value?.count ?? picked.value.size, [all, know] = useState(ids.value.length), rest = more.value !== ''
  useEffect(() => {
    if (!rest) { know(ids.value.length); return }
    count().then(c => know(c.count)).catch(() => {})
  }, [rest, ids.value.length])
  const pick = () => { if (rest) void pickEvery(); else picked.value = new Set(ids.value) }
  return <div class="hint bulk" role="group" aria-label={t('picked', { n })}>
    <b class="num">{t('picked', { n })}</b>
    {n < all && <button class="btn gh" onClick={pick}>{t(rest ? 'pick_match' : 'pick_all', { n: all })}</button>}
    <span class="grow" />
    <button class="btn" onClick={() => void acts.claim([...picked.peek()])}><Icon name="i-user" />{t('key.claim')} <Key>I</Key></button>
    <button class="btn" onClick={askAssign}><Icon name="i-user-plus" />{t('key.assign')} <Key>A</Key></button>
    <button class="btn" onClick={askSnooze}><Icon name="i-alarm-clock" />{t('key.snooze')} <Key>S</Key></button>
    <button class="btn" onClick={askTag}>{t('key.tag')} <Key>L</Key></button>
    <button class="btn" onClick={askDismiss}><Icon name="i-ban" />{t('key.dismiss')} <Key>!</Key></button>
    <button class="btn pri" onClick={askResolve}><Icon name="i-check" />{t('key.resolve')} <Key>E</Key></button>
    <button class="btn gh ic" aria-label={t('more_acts')} title={t('more_acts')} onClick={askMore}><Icon name="i-ellipsis" /></button>
    <button class="btn gh ic" aria-label={t('unpick')} onClick={() => { picked.value = new Set() }}><Icon name="i-x" /></button>
  </div>
}
