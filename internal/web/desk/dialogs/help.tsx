// All keys, and the switch that turns them off.
import { keysOff, offered, setKeys } from '../keys'
import { mod } from '../parts/small'
import { t, type Key as Word } from '../words'
import { Dialog } from './dialog'

const Line = ({ name, keys }: { name: string; keys: string[] }) => <div class="kr"><span>{name}</span><span>{keys.map(k => <kbd>{k}</kbd>)}</span></div>

export function Help() {
  const of = (where: string) => offered().filter(c => c.where === where).map(c => <Line name={t(c.name)} keys={c.show ?? [c.key.toUpperCase()]} />)
  const go: [Word, string][] = [['list.queue', 'Q'], ['list.mine', 'M'], ['list.promised', 'D'], ['list.snoozed', 'S']]
  return <Dialog label={t('help.title')}><div class="keys">
    <h2>{t('help.title')}</h2>
    <div class="cols">
      <div><h3>{t('help.move')}</h3>{of('move')}</div>
      <div><h3>{t('help.act')}</h3>{of('act')}</div>
      <div><h3>{t('help.any')}</h3>{of('any')}<Line name={t('ask.palette')} keys={[mod, 'K']} />{go.map(([n, k]) => <Line name={t(n)} keys={['G', k]} />)}
        <Line name={t('ask.macro')} keys={[mod, '/']} /><Line name={t('promise.track')} keys={[mod, '.']} /><Line name={t('send')} keys={[mod, '↵']} /><Line name={t('send_resolve')} keys={[mod, '⇧', '↵']} /></div>
    </div>
    <p><label class="tick"><input type="checkbox" checked={!keysOff.value} onChange={e => setKeys(e.currentTarget.checked)} />{t('help.on')}</label></p>
  </div></Dialog>
}

