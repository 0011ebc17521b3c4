import { ref, watch } from 'vue'

/** What a person sets once for this browser. */

function stored(key: string): string | null {
  try {
    return localStorage.getItem(`sanggan.${key}`)
  } catch {
    return null
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`sanggan.${key}`, value)
  } catch {
    // Without storage the choice holds until the page is closed.
  }
}

export type Lang = 'zh' | 'en'

export const lang = ref<Lang>(stored('lang') === 'en' ? 'en' : 'zh')
export const dark = ref(document.documentElement.classList.contains('dark'))
export const railOpen = ref(stored('rail') !== 'closed')

watch(lang, (value) => keep('lang', value))
watch(railOpen, (value) => keep('rail', value ? 'open' : 'closed'))

export function setDark(value: boolean): void {
  dark.value = value
  keep('theme', value ? 'dark' : 'light')
  document.documentElement.classList.toggle('dark', value)
}

// Paper is white.
window.addEventListener('beforeprint', () => document.documentElement.classList.remove('dark'))
window.addEventListener('afterprint', () => document.documentElement.classList.toggle('dark', dark.value))

// Follow the machine until somebody chose.
if (stored('theme') === null && typeof matchMedia === 'function') {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
    if (stored('theme') !== null) return
    dark.value = event.matches
    document.documentElement.classList.toggle('dark', event.matches)
  })
}
