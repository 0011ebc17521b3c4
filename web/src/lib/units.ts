import { i18n } from '../i18n'
import { unitText } from './format'

/** A unit in the language of the screen: Chinese words in it have an English one. */
export function unitShown(unit: string | null | undefined): string {
  const { t, te } = i18n.global
  return unitText(unit).replace(/[\u3400-\u9fff]+/g, (word) => (te(`unitWord.${word}`) ? t(`unitWord.${word}`) : word))
}
