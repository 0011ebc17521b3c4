import { computed, shallowRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { get } from '../api/client'
import type { Overview, StationRow } from '../api/types'
import { areaName, areas, city, tx } from '../state/city'

/** The place that is assessed: the city, a county, or one air station; it stands in the address. */

const stations = shallowRef<StationRow[]>([])
let asked = false
function loadStations(): void {
  if (asked) return
  asked = true
  get<Overview>('/overview').then(
    (answer) => (stations.value = answer.stations.filter((s) => s.kind === 'air')),
    () => (asked = false),
  )
}

const AREA = 'area:'

export function usePlace() {
  const route = useRoute()
  const router = useRouter()
  loadStations()
  const one = (key: string): string => (typeof route.query[key] === 'string' ? (route.query[key] as string) : '')
  const code = computed({
    get: () => one('code') || `${AREA}${one('area') || city.value?.code || ''}`,
    set: (value: string) => {
      // A county is what the top bar of other pages calls the area, so that it holds there too.
      const query: LocationQueryRaw = { ...route.query }
      delete query.code
      delete query.area
      if (!value.startsWith(AREA)) query.code = value
      else if (value !== `${AREA}${city.value?.code}`) query.area = value.slice(AREA.length)
      void router.replace({ query })
    },
  })
  const choices = computed(() => ({
    city: city.value ? { code: `${AREA}${city.value.code}`, name: tx(city.value.name) } : null,
    areas: areas.value.filter((a) => a.code !== city.value?.code).map((a) => ({ code: `${AREA}${a.code}`, name: tx(a.name) })),
    stations: stations.value.map((s) => ({ code: s.code, name: tx(s.name) })),
  }))
  const name = computed(() => placeName(code.value))
  /** Until the city's own answer is here nothing can be asked of it. */
  const known = computed(() => code.value !== AREA)
  return { code, choices, name, known }
}

/** A station or `area:` code in words. */
export function placeName(code: string): string {
  if (code.startsWith(AREA)) return areaName(code.slice(AREA.length))
  return tx(stations.value.find((s) => s.code === code)?.name) || code
}
