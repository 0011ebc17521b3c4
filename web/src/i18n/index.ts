import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { lang } from '../state/prefs'
import en from './en'
import zh from './zh'

export const i18n = createI18n({
  legacy: false,
  locale: lang.value,
  fallbackLocale: 'zh',
  messages: { zh, en },
})

watch(
  lang,
  (value) => {
    i18n.global.locale.value = value
    document.documentElement.lang = value === 'zh' ? 'zh-CN' : 'en'
  },
  { immediate: true },
)

/** Translation outside of components. */
export const t = i18n.global.t
