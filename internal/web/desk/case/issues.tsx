// The known issues that a case belongs to.
import * as rarely from '../rarely'
import { ask } from '../dialogs/dialog'
import { Icon, Text, When } from '../parts/small'
import { known, mayWork } from '../store'
import { code, t } from '../words'
import type { Full } from '../types'

const askIssue = (c: Full) => ask({
  title: t('ask.issue'), pick: i => { void rarely.linkIssue(c.id, i) },
  choices: (known.peek()?.issues ?? []).filter(i => i.state === 'open' && !c.issues.some(o => o.id === i.id))
    .map(i => ({ value: i.id, name: i.name, hint: t('cases', { n: i.cases }), icon: 'i-megaphone' })),
})

export function Issues({ c }: { c: Full }) {
  return <><ul>{c.issues.map(i => <li class="prom" key={i.id}><a class="out" href={`/issues/${i.id}`}><Text>{i.name}</Text></a>
    <small>{code(i.state)}{i.next_at && <> · {t('say_more_by')} <When at={i.next_at} /></>}</small>
    {mayWork.value && <button class="link" onClick={() => void rarely.unlinkIssue(c.id, i.id)}>{t('not_this')}</button>}</li>)}</ul>
    {mayWork.value && <p><button class="btn gh slim" onClick={() => askIssue(c)}><Icon name="i-megaphone" />{t('link_issue')}</button></p>}</>
}
