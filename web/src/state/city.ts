import { computed, ref, shallowRef } from 'vue'
import { get } from '../api/client'
import type { Area, City, Classes, ParameterInfo, Text } from '../api/types'
import { setServerTime } from './clock'
import { lang } from './prefs'

export const city = shallowRef<City | null>(null)
export const classes = shallowRef<Classes | null>(null)
export const cityFailed = ref(false)

let asked: Promise<void> | null = null

/** Name, areas and parameters of the city, once; classes of the index beside it. */
export function loadCity(): Promise<void> {
  asked ??= Promise.all([get<City>('/city'), get<Classes>('/classes').catch(() => null)]).then(
    ([answer, legend]) => {
      city.value = answer
      classes.value = legend
      cityFailed.value = false
      setServerTime(answer.now)
    },
    () => {
      cityFailed.value = true
      asked = null
    },
  )
  return asked
}

/** The text in the language of the screen. */
export function tx(text: Text | string | null | undefined): string {
  if (text === null || text === undefined) return ''
  if (typeof text === 'string') return text
  return text[lang.value] || text.zh || text.en || ''
}

export const parameter = (code: string): ParameterInfo | null => city.value?.parameters[code] ?? null
export const parameterName = (code: string): string => tx(parameter(code)?.name) || code
/** The short form; where that is a Chinese word, English readers get the name. */
export const symbol = (code: string): string => {
  const short = parameter(code)?.symbol || code.replace(/^raw:/, '')
  return lang.value === 'en' && /[\u3400-\u9fff]/.test(short) ? parameterName(code) : short
}
export const digits = (code: string): number | null => parameter(code)?.digits ?? null
export const unitOf = (code: string): string => parameter(code)?.unit ?? ''

export const areas = computed<Area[]>(() => city.value?.areas ?? [])
export const areaName = (code: string | null | undefined): string => {
  if (!code) return ''
  if (code === city.value?.code) return tx(city.value.name)
  return tx(areas.value.find((area) => area.code === code)?.name) || code
}

/** The class a (sub-)index falls in. */
export function classOf(index: number | null | undefined) {
  if (index === null || index === undefined) return null
  const list = classes.value?.classes ?? []
  return list.find((c) => index >= c.from && (c.to === null || index <= c.to)) ?? (index > 0 ? list.at(-1) : list[0]) ?? null
}
