// The page of one's own settings is the server's: this is what a browser alone
// can do on it, asking for leave and showing how a call would be.
import { allowed, chime, notice } from './alerts'
import { t } from './words'

export function beginSettings() {
  const said = document.querySelector<HTMLElement>('[data-tried]')
  const button = (name: string, text: string, run: () => Promise<string>) => {
    const b = document.querySelector<HTMLButtonElement>(`[${name}]`)
    if (!b || !said) return
    b.hidden = false
    b.textContent = text
    b.onclick = () => void run().then(s => { said.textContent = s })
  }
  button('data-try-notice', t('alert.try_notice'), async () => !await allowed(true) ? t('alert.refused') : notice(t('alert.example'), 'amends-try') ? t('alert.shown') : t('alert.impossible'))
  button('data-try-sound', t('alert.try_sound'), async () => await chime() ? t('alert.played') : t('alert.silent'))
}
