import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import { get } from '../api/client'
import { getIndex, getRecord, getRegister } from '../api/registers'
import type { Field, FieldValue, RecordLink, RegisterDef, RegisterIndex, StationRow } from '../api/types'
import { t } from '../i18n'
import { isoDate } from '../lib/time'
import { isNumeric, recordTitle, shownType, valueText, type Names } from '../lib/registerValue'
import { areaName, parameterName, symbol, tx } from './city'
import { now } from './clock'
import { lang } from './prefs'
import { isStaff, user } from './session'

/** Registers as this person sees them: the index, the definitions asked for so far, and names for their values. */

export const index = shallowRef<RegisterIndex | null>(null)
const defs = shallowReactive(new Map<string, RegisterDef>())
const asking = new Map<string, Promise<RegisterDef>>()
let askedIndex: Promise<RegisterIndex> | null = null

export function loadIndex(fresh = false): Promise<RegisterIndex> {
  if (fresh) askedIndex = null
  askedIndex ??= getIndex().then(
    (answer) => (index.value = answer),
    (failure: unknown) => {
      askedIndex = null
      throw failure
    },
  )
  return askedIndex
}
export function loadRegister(id: string): Promise<RegisterDef> {
  let promise = asking.get(id)
  if (!promise) {
    promise = getRegister(id).then(
      (def) => {
        defs.set(id, def)
        return def
      },
      (failure: unknown) => {
        asking.delete(id)
        throw failure
      },
    )
    asking.set(id, promise)
  }
  return promise
}
/** The definition when it is here. */
export const register = (id: string): RegisterDef | null => defs.get(id) ?? null
export const registerName = (id: string): string => tx(index.value?.registers.find((r) => r.id === id)?.name ?? defs.get(id)?.name) || id
export const departmentName = (id: string): string => index.value ? tx(index.value.departments.find((d) => d.id === id)?.name) || id : ''
export const groupName = (id: string): string => index.value ? tx(index.value.groups.find((g) => g.id === id)?.name) || id : ''

const linked = shallowReactive(new Map<string, RecordLink>())
const askedLinks = new Set<string>()
/** A record by its number, with its title as soon as that is here. */
export function linkOf(to: string, rid: number): RecordLink {
  const key = `${to}/${rid}`
  if (!askedLinks.has(key)) {
    askedLinks.add(key)
    Promise.all([loadRegister(to), getRecord(to, rid)]).then(
      ([def, record]) => linked.set(key, { register: to, rid, key: String(record.values[def.key] ?? rid), title: recordTitle(def, record) }),
      () => undefined,
    )
  }
  return linked.get(key) ?? { register: to, rid, key: `#${rid}`, title: `#${rid}` }
}

// Another person may see other registers and fields.
watch(
  () => user.value?.name ?? null,
  (fresh, before) => {
    if (fresh === before) return
    index.value = null
    askedIndex = null
    asking.clear()
    defs.clear()
    linked.clear()
    askedLinks.clear()
    stations.value = null
  },
)

export const today = computed(() => isoDate(now.value))

const stations = shallowRef<StationRow[] | null>(null)
let askedStations = false
/** Monitoring stations, for the fields that lead to one. */
export function stationList(): StationRow[] {
  if (!askedStations && isStaff.value) {
    askedStations = true
    get<StationRow[]>('/stations').then(
      (list) => (stations.value = list),
      () => (askedStations = false),
    )
  }
  return stations.value ?? []
}
export const stationName = (code: string): string => tx(stationList().find((s) => s.code === code)?.name) || code

// A day is enough for what dates need of the clock; the seconds would redraw every list.
const calm = ref(now.value)
watch(today, () => (calm.value = now.value))

const names = computed<Names>(() => ({
  lang: lang.value,
  now: calm.value,
  area: areaName,
  parameter: (code) => (symbol(code) !== code ? symbol(code) : parameterName(code)),
  station: stationName,
  yes: t('reg.yes'),
  no: t('reg.no'),
  files: (n) => t('reg.filesN', { n }),
  shape: (type) => t(`reg.shapeType.${type}`),
}))

/** A value as text, in the language of the screen. */
export const shownValue = (field: Field, value: FieldValue | undefined): string => valueText(field, value, names.value)
export { isNumeric, shownType }
