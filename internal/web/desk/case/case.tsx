// One case: what is known in the first second, the conversation, the person.
import { useEffect } from 'preact/hooks'
import * as acts from '../acts'
import { askAssign, askDismiss, askResolve, askSnooze, askTag } from '../dialogs/asks'
import { Icon, Key, Left, Mixed, Mood, moodLevel, reach, Text, Topic, When, whoOf } from '../parts/small'
import { narrow } from '../parts/size'
import { Later } from '../parts/later'
import { caseFailed, closeCase, full, openCase } from '../opened'
import { goBack, hrefOf, lastList } from '../route'
import { at, ids, mayWork, me, over } from '../store'
import { brief } from '../time'
import { capital, code, t } from '../words'
import { askMore } from '../dialogs/more'
import { Deadlines, Promises } from './clocks'
import { Composer } from './composer'
import { Issues } from './issues'
import { About, Person } from './person'
import { Thread } from './thread'
import { Beside, Frictions, Goodwill, Strips, Surveys } from './together'
import { Why } from './why'
import type { Full } from '../types'

function Back() {
  return <a class="btn gh ic" href={hrefOf(lastList.value)} aria-label={t('back')} onClick={e => { e.preventDefault(); goBack() }}><Icon name="i-chevron-left" /></a>
}

function Bar({ c }: { c: Full }) {
  const i = at.value.get(c.id), ended = over.includes(c.state)
  return <header class="bar"><Back /><h1><Text>{whoOf(c)}</Text>{c.author.mixed_script && <Mixed />}</h1>
    <span class="sub num">{t('case_n', { number: c.number })}{i !== undefined && ` · ${t('n_of', { n: i + 1, of: ids.value.length })}`}{ended && ` · ${code(c.state)}`}{c.snoozed_until && <> · {t('asleep')} <When at={c.snoozed_until} /></>}</span>
    <span class="grow" />
    {mayWork.value && (ended
      ? c.state !== 'merged' && <button class="btn" onClick={() => void acts.reopenCase([c.id])}><Icon name="i-rotate-ccw" />{t('reopen')}</button>
      : <>
        {!narrow.value && <button class="btn gh" onClick={askDismiss}><Icon name="i-ban" /><span>{t('key.dismiss')}</span> <Key>!</Key></button>}
        {c.snoozed_until ? <button class="btn" onClick={() => void acts.wake([c.id])}><Icon name="i-alarm-clock" /><span>{t('wake')}</span></button>
          : <button class="btn" onClick={askSnooze}><Icon name="i-alarm-clock" /><span>{t('key.snooze')}</span> <Key>S</Key></button>}
        {!narrow.value && <button class="btn" onClick={askAssign}><Icon name="i-user-plus" /><span>{t('key.assign')}</span> <Key>A</Key></button>}
        {!c.assignee && <button class="btn pri" onClick={() => void acts.claim([c.id])}><Icon name="i-user" />{t('take_it')} <Key>I</Key></button>}
        {c.assignee === me.value?.name && <button class="btn" onClick={askResolve}><Icon name="i-check" /><span>{t('key.resolve')}</span> <Key>E</Key></button>}
      </>)}
    <button class="btn gh ic" aria-label={t('more_acts')} title={t('more_acts')} onClick={askMore}><Icon name="i-ellipsis" /></button>
  </header>
}

function Facts({ c }: { c: Full }) {
  const n = moodLevel(c.mood)
  return <dl class="strip" aria-label={t('at_a_glance')} tabIndex={narrow.value ? 0 : undefined}>
    <div class="fact time"><dt>{c.due ? t('left_to', { what: code(c.due.target) }) : t('promise')}</dt><dd class="num">{c.due ? <><Left due={c.due} /><small>{t('of_span', { time: brief((Date.parse(c.due.due_at) - Date.parse(c.due.start_at)) / 1000) })}</small></> : over.includes(c.state) ? capital(code(c.end)) || '–' : t('none_running')}</dd></div>
    <div class="fact"><dt>{t('about')}</dt><dd>{c.topic ? <Topic topic={c.topic} /> : t('not_known')}{c.urgency.map(u => <span class="urg">{code(u)}</span>)}</dd></div>
    <div class="fact"><dt>{t('mood')}</dt><dd>{n ? <><Mood mood={c.mood} /><span aria-hidden="true">{capital(code(c.mood))}</span><small>{t('mood.level', { n })}</small></> : t('not_known')}</dd></div>
    <div class="fact"><dt>{t('who_sees')}</dt><dd class="num">{c.reach ? <>{reach(c.reach)}<small>{t('follow_them')}</small></> : t('not_known')}</dd></div>
    <div class="fact"><dt>{t('before_this')}</dt><dd><Icon name="i-history" />{c.earlier.length ? t('cases', { n: c.earlier.length }) : t('nothing')}</dd></div>
  </dl>
}

function Tags({ c }: { c: Full }) {
  return <div class="tags">{c.tags.map(x => <span class="chip" key={x}><Text>{x}</Text>{mayWork.value && <button class="x" aria-label={t('untag', { tag: x })} onClick={() => void acts.untag([c.id], x)}><Icon name="i-x" /></button>}</span>)}
    {mayWork.value && <button class="chip add" onClick={askTag}>+ {t('key.tag').toLocaleLowerCase()} <Key>L</Key></button>}</div>
}

const Story = ({ c }: { c: Full }) => <details><summary class="quiet">{t('story.all', { n: c.story.length })}</summary>
  <ol class="story">{c.story.flatMap(e => e.events.map((x, i) => <li key={`${e.seq}.${i}`}><span><Text>{x.says}</Text></span><When at={e.at} /></li>))}</ol></details>

export function Case({ name }: { name: string }) {
  useEffect(() => {
    void openCase(name)
    return closeCase
  }, [name])
  const c = full.value, wrong = caseFailed.value
  useEffect(() => { if (c) document.title = `${whoOf(c)} · ${t('case_n', { number: c.number })}` }, [c])
  if (wrong) return <><header class="bar"><Back /><h1>{t('case')}</h1></header><div class="zero"><div><h2>{wrong.status === 403 ? t('may_not') : wrong.status === 404 ? t('no_case') : t('case_failed')}</h2><p>{wrong.status ? wrong.text : t('offline')}</p><p><button class="btn" onClick={() => void openCase(name)}>{t('try_again')}</button></p></div></div></>
  if (!c) return <Later><header class="bar"><Back /><h1>{t('loading')}</h1></header><div class="skeleton tall" aria-hidden="true"><div class="bone" /><div class="bone" /></div></Later>
  return <><Bar c={c} /><Strips c={c} /><Facts c={c} />
    <div class="cs"><section class="th" aria-label={t('conversation')}><Thread /><Composer /></section>
      <aside class="cu" aria-label={t('case')} tabIndex={0}>
        <Person c={c} />
        <Surveys c={c} />
        <h2>{t('promises_k')}</h2><Promises c={c} />
        <Goodwill c={c} /><Frictions c={c} /><Beside c={c} />
        <h2>{t('why_flagged')}</h2><Why c={c} />
        <h2>{t('known_issues')}</h2><Issues c={c} />
        <h2>{t('tags')}</h2><Tags c={c} />
        <h2>{t('deadlines')}</h2><Deadlines c={c} />
        <h2>{t('case')}</h2><About c={c} />
        <h2>{t('story')}</h2><Story c={c} />
      </aside></div></>
}
