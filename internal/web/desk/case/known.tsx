// The known issue that a case belongs to, beside the box where its customer is
// written to: what we know, what we do, when we say more.
import { Icon, Text, When } from '../parts/small'
import { t } from '../words'
import type { Full } from '../types'

export const KnownIssue = ({ c }: { c: Full }) => <>{c.issues.filter(i => i.state === 'open').map(i => <details class="issue" key={i.id}>
  <summary><Icon name="i-megaphone" /><b><Text>{i.name}</Text></b>{i.next_at && <small>{t('say_more_by')} <When at={i.next_at} /></small>}</summary>
  <dl>{i.know && <><dt>{t('issue.know')}</dt><dd><Text>{i.know}</Text></dd></>}{i.doing && <><dt>{t('issue.doing')}</dt><dd><Text>{i.doing}</Text></dd></>}
    {!i.know && !i.doing && <dd>{t('issue.nothing')}</dd>}</dl></details>)}</>
