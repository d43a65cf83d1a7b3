// The list of cases with what stands around it.
import { useEffect } from 'preact/hooks'
import * as acts from '../acts'
import { askFilter, filterValue, listName, unfilter } from '../dialogs/asks'
import { commands, palette, peeking } from '../keys'
import { Icon, Key } from '../parts/small'
import { Later } from '../parts/later'
import { narrow } from '../parts/size'
import { askSaved, current } from '../search/saved'
import { goList, lastList, type List } from '../route'
import { backlog, failed, fresh, grouped, ids, loaded, loading, mayWork, more, picked, read, stale } from '../store'
import { t, type Key as Word } from '../words'
import { Bulk } from './bulk'
import { Peek } from './peek'
import { Rows } from './rows'
import { Watch } from './watch'

const key = (k: string) => commands.find(c => c.key === k)!

function Bar({ list }: { list: List }) {
  const b = backlog.value
  const filtered = Object.keys(lastList.value.filters).length > 0
  const count = filtered ? undefined : { queue: b?.needs, mine: b?.mine, awaiting: b?.awaiting, snoozed: b?.snoozed, outside: b?.outside, promised: b?.promises, resolved: b?.resolved }[list as 'queue']
  return <header class="bar"><h1>{listName(list)}</h1>
    <span class="sub num">{count ?? (!loaded.value ? '' : more.value ? `${ids.value.length}+` : ids.value.length)}</span><span class="grow" />
    {narrow.value && <button class="btn gh" onClick={palette}><Icon name="i-search" /><span>{t('search_or_run')}</span></button>}
    {!narrow.value && <button class="btn gh" aria-pressed={peeking.value} onClick={() => { peeking.value = !peeking.value }}><Icon name="i-eye" />{t('key.peek')} <Key>Space</Key></button>}
    {mayWork.value && <button class="btn pri" onClick={() => void acts.takeNext()}><Icon name="i-corner-up-left" />{t('take_next')} <Key>N</Key></button>}
  </header>
}

function Filters() {
  const filters = Object.entries(lastList.value.filters)
  return <div class="filters" role="group" aria-label={t('filters')}>
    <button class="btn gh" onClick={askFilter}><Icon name="i-list-filter" />{t('key.filter')} <Key>F</Key></button>
    {filters.map(([name, value]) => <span class="fch" key={name}><span>{t(`filter.${name}` as Word)}</span><span><b><bdi>{filterValue(name, value)}</bdi></b></span>
      <button aria-label={t('remove_filter', { name: t(`filter.${name}` as Word) })} onClick={() => unfilter(name)}><Icon name="i-x" /></button></span>)}
    <button class="btn gh" onClick={askSaved}><Icon name="i-flag" />{current()?.name ?? t('saved.this')}</button>
    {filters.length > 1 && <button class="btn gh" onClick={() => goList(lastList.peek().list)}>{t('clear')}</button>}
    <span class="grow" />{grouped(lastList.value.list) && <span class="order"><Icon name="i-arrow-down-wide-narrow" />{t('order')}</span>}
  </div>
}

function Empty({ list }: { list: List }) {
  const filtered = Object.keys(lastList.value.filters).length > 0
  return <div class="zero"><div>
    <h2>{filtered ? t('empty.filtered') : t(`empty.${list}` as Word)}</h2>
    <p>{filtered ? t('empty.filtered.hint') : t(`empty.${list}.hint` as Word)}</p>
    {filtered && <p><button class="btn" onClick={() => goList(list)}>{t('clear')}</button></p>}
    {list !== 'queue' && !filtered && <p><button class="btn" onClick={() => goList('queue')}>{t('go_to', { where: listName('queue') })}</button></p>}
  </div></div>
}

const Skeleton = () => <Later><div class="skeleton" aria-hidden="true">{Array.from({ length: 14 }, (_, i) => <div class="bone" key={i}><i /><i /><i /></div>)}</div><p class="sr" role="status">{t('loading')}</p></Later>

function Hint() {
  const show = ['Enter', 'r', 'a', 'e', 's', '!'].map(key).filter(c => !c.work || mayWork.value)
  return <div class="hint"><span><kbd>J</kbd><kbd>K</kbd> {t('hint.move')}</span>
    {show.map(c => <span key={c.key}><kbd>{c.show?.[0] ?? c.key.toUpperCase()}</kbd> {t(c.name).toLocaleLowerCase()}</span>)}<span class="grow" /><button class="btn gh" onClick={key('?').run}><kbd>?</kbd> {t('key.help').toLocaleLowerCase()}</button></div>
}

export function Queue() {
  const { list, filters } = lastList.value
  const where = list + JSON.stringify(filters)
  useEffect(() => {
    if (loaded.peek() && reading === where) return
    reading = where
    loaded.value = false
    ids.value = []
    void read(false)
  }, [where])
  useEffect(() => { document.title = `${listName(list)}${list === 'queue' && backlog.value ? ` (${backlog.value.needs})` : ''}` }, [list, backlog.value])
  const n = fresh.value.size
  const bare = loaded.value && !loading.value && !failed.value && ids.value.length === 0
  useEffect(() => { if (n > 0 && bare) acts.showNew() }, [n, bare]) // nothing is there that could jump
  return <>
    <Bar list={list} /><Watch list={list} /><Filters />
    {(n > 0 || stale.value) && <div class="pill-at"><button class="newpill" onClick={acts.showNew}>{n ? t('new', { n }) : t('show_changes')} <Key>.</Key></button></div>}
    {failed.value && !loading.value
      ? <div class="zero"><div><h2>{t('list_failed')}</h2><p>{failed.value === 'offline' ? t('offline') : failed.value}</p><p><button class="btn" onClick={() => void read()}>{t('try_again')}</button></p></div></div>
      : !loaded.value ? <Skeleton />
        : ids.value.length === 0 && !more.value ? <Empty list={list} />
          : <div class={`qwrap${peeking.value && !narrow.value ? ' peek' : ''}`}><Rows />{peeking.value && !narrow.value && <Peek />}</div>}
    {picked.value.size > 0 ? <Bulk /> : <Hint />}
  </>
}

let reading = '' // the list that was read last
