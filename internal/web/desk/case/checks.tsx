// What is worth a second look before an answer goes out: advice, and what
// nobody may send.
import { Icon, Text, When } from '../parts/small'
import { mode } from '../opened'
import { t } from '../words'
import { advice, ours } from './writing'
import { languageName } from './post'
import type { Advice } from '../types'

function says(a: Advice) {
  switch (a.kind) {
    case 'placeholder': return <>{t('check.placeholder')}: <Text>{a.text}</Text></>
    case 'personal': return <>{t('check.personal')}: <Text>{a.text}</Text></>
    case 'asks': return <>{t('check.asks')}: <Text>{a.text}</Text></>
    case 'repeated': return <>{t('check.repeated', { number: a.case ?? '' })} <When at={a.at} /></>
    case 'language': return <>{t('check.language', { language: languageName(a.language ?? '') })}</>
    case 'unnamed': return <>{t('check.unnamed')} <Text>“{a.text}”</Text></>
  }
}

export function Checks() {
  const a = advice.value
  if (!a || mode.value === 'note') return <div class="checks" />
  const personal = a.advice.some(x => x.kind === 'personal')
  return <div class="checks" role="status" aria-label={t('checks')}>
    {a.advice.map(x => x.kind === 'personal' && ours.value
      ? <span class="ok" key={x.kind}><Icon name="i-check" />{t('check.ours')}</span>
      : <span class={x.blocks ? 'no' : 'warn'} key={x.kind}><Icon name={x.blocks ? 'i-ban' : 'i-triangle-alert'} /><span>{says(x)}</span>
        {x.kind === 'personal' && <button type="button" class="link" onClick={() => { ours.value = true }}>{t('they_are_ours')}</button>}</span>)}
    {a.approval && <span class="warn"><Icon name="i-users" />{t('needs_approval', { rule: a.approval })}</span>}
    {!personal && mode.value === 'reply' && <span class="ok"><Icon name="i-check" />{t('check.no_personal')}</span>}
  </div>
}
