// A question that needs more than a choice: a few fields, and a button that
// says what it does.
import { useState } from 'preact/hooks'
import { Text } from '../parts/small'
import { instant, wall, when } from '../time'
import { t } from '../words'
import { times } from './times'
import { close, Dialog, type Field, type Form } from './dialog'

const other = 'other'

// local is an instant as the field for one wants it, in the reader's time.
const local = (iso: string) => wall(Date.parse(iso)).toISOString().slice(0, 16)

// An instant: one of those that are often meant, or any other.
function WhenField({ f, value, set }: { f: Field; value: string; set: (v: string) => void }) {
  const list = times()
  const [free, open] = useState(!list.some(x => x.value === value))
  return <>
    <select value={free ? other : value} onChange={e => { const v = e.currentTarget.value; open(v === other); if (v !== other) set(v) }}>
      {list.map(x => <option value={x.value}>{x.name}, {x.hint}</option>)}<option value={other}>{t('time.other')}</option></select>
    {free && <input type="datetime-local" aria-label={f.label} required value={value && local(value)} onInput={e => { const d = new Date(e.currentTarget.value + 'Z'); if (!Number.isNaN(d.getTime())) set(instant(d).toISOString()) }} />}
    {f.zone && value && <small>{t('for_them', { time: when(value, f.zone) })}</small>}
  </>
}

function Control({ f, value, set, first }: { f: Field; value: string; set: (v: string) => void; first: boolean }) {
  switch (f.kind) {
    case 'area': return <textarea rows={3} required={!f.optional} maxLength={f.max ?? 2000} autofocus={first} dir="auto" value={value} onInput={e => set(e.currentTarget.value)} />
    case 'select': return <select value={value} autofocus={first} onChange={e => set(e.currentTarget.value)}>{f.options!.map(o => <option value={o.value}>{o.name}</option>)}</select>
    case 'when': return <WhenField f={f} value={value} set={set} />
    case 'money': return <input inputMode="decimal" required autofocus={first} pattern="[0-9]{1,6}([.,][0-9]{1,2})?" value={value} onInput={e => set(e.currentTarget.value)} />
  }
  return <input required={!f.optional} autofocus={first} maxLength={f.max ?? 200} dir="auto" list={f.options ? 'of-' + f.name : undefined} value={value} onInput={e => set(e.currentTarget.value)} />
}

// Several of a list: their values, with a space between.
function Ticks({ f, value, set }: { f: Field; value: string; set: (v: string) => void }) {
  const on = new Set(value.split(' ').filter(Boolean))
  return <fieldset><legend>{f.label}</legend>{f.options!.map(o => <label class="tick" key={o.value}><input type="checkbox" checked={on.has(o.value)}
    onChange={e => { e.currentTarget.checked ? on.add(o.value) : on.delete(o.value); set([...on].join(' ')) }} /><Text>{o.name}</Text></label>)}</fieldset>
}

export function AskForm({ form }: { form: Form }) {
  const [values, write] = useState<Record<string, string>>(() => Object.fromEntries(form.fields.map(f => [f.name, f.value ?? (f.kind === 'select' ? f.options![0]!.value : f.kind === 'when' ? times()[2]!.value : '')])))
  const set = (name: string) => (v: string) => write(was => ({ ...was, [name]: v }))
  const submit = (e: Event) => {
    e.preventDefault()
    close()
    form.run(values)
  }
  const empty = form.fields.some(f => f.kind === 'ticks' && !f.optional && !values[f.name])
  return <Dialog label={form.title}><form class="ask" onSubmit={submit}>
    <h2>{form.title}</h2>
    {form.lead && <p class="small">{form.lead}</p>}
    <div class={form.fields.length > 2 ? 'fields pairs' : 'fields'}>{form.fields.map((f, i) => f.kind === 'ticks' ? <Ticks f={f} value={values[f.name]!} set={set(f.name)} />
      : f.kind === 'tick' ? <label class="tick"><input type="checkbox" checked={values[f.name] === 'true'} onChange={e => set(f.name)(e.currentTarget.checked ? 'true' : '')} />{f.label}</label>
        : <label class={f.kind === 'area' ? 'whole' : ''}><span>{f.label}</span><Control f={f} value={values[f.name]!} set={set(f.name)} first={i === 0} />
          {f.kind === 'text' && f.options && <datalist id={'of-' + f.name}>{f.options.map(o => <option value={o.value}>{o.name}</option>)}</datalist>}</label>)}</div>
    <div class="acts"><button type="button" class="btn gh" onClick={close}>{t('cancel')}</button><button class="btn pri" disabled={empty} autofocus={form.fields.length === 0}>{form.submit}</button></div>
  </form></Dialog>
}
