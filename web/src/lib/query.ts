import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { now } from '../state/clock'
import { DAY, HOUR, isoDate, parseTime, startOfHour } from './time'

/** State that lives in the address, so that a link shows a colleague the same view. */

const one = (value: unknown): string => (Array.isArray(value) ? String(value[0] ?? '') : typeof value === 'string' ? value : '')

/** One value of the query; the default is not written. */
export function useQuery(key: string, fallback = ''): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => one(route.query[key]) || fallback,
    set: (value) => {
      const query: LocationQueryRaw = { ...route.query }
      if (value === fallback || value === '') delete query[key]
      else query[key] = value
      void router.replace({ query })
    },
  })
}

export const RANGES = ['24h', '7d', '30d'] as const
const LENGTH: Record<string, number> = { '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY }

/** The time range that holds across pages. A running range ends with the hour that is under way. */
export function useRange() {
  const route = useRoute()
  const router = useRouter()
  const kind = computed(() => {
    if (one(route.query.from) && one(route.query.to)) return 'custom'
    const wanted = one(route.query.range)
    return wanted in LENGTH ? wanted : '24h'
  })
  const to = computed(() => {
    if (kind.value === 'custom') return (parseTime(one(route.query.to)) ?? now.value) + DAY
    return startOfHour(now.value) + HOUR
  })
  const from = computed(() => {
    if (kind.value === 'custom') return parseTime(one(route.query.from)) ?? to.value - DAY
    return to.value - (LENGTH[kind.value] ?? DAY)
  })
  function choose(range: string): void {
    const query: LocationQueryRaw = { ...route.query }
    delete query.from
    delete query.to
    if (range === '24h') delete query.range
    else query.range = range
    void router.replace({ query })
  }
  /** Whole local days, both inclusive. */
  function custom(first: number, last: number): void {
    const query: LocationQueryRaw = { ...route.query, from: isoDate(first), to: isoDate(last) }
    delete query.range
    void router.replace({ query })
  }
  return { kind, from, to, choose, custom }
}

/** The way down through explanations: the address holds every step. */
export function useTrail(key: 'why' | 'path') {
  const route = useRoute()
  const router = useRouter()
  const trail = computed<string[]>(() => {
    const value = route.query[key]
    return (Array.isArray(value) ? value : value ? [value] : []).filter((p): p is string => typeof p === 'string' && p.startsWith('/api/v1/'))
  })
  function set(paths: string[]): void {
    const query: LocationQueryRaw = { ...route.query }
    if (paths.length === 0) delete query[key]
    else query[key] = paths
    void router.push({ query })
  }
  return { trail, set }
}
