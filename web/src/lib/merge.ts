import type { LiveRow } from '../api/types'
import { parseTime } from './time'

/** The newest value of one series as the screen knows it. */
export interface Latest {
  at: number
  value: number
  flag: string
  /** Sequence number of the event that brought it; -1 when it came with a page load. */
  seq: number
}

export const seriesKey = (row: Pick<LiveRow, 'station' | 'parameter' | 'measure' | 'cadence'>): string =>
  `${row.station}|${row.parameter}|${row.measure}|${row.cadence}`

/**
 * Takes fresh rows into what is known and returns the keys whose value is new.
 * A later time wins; at the same time the later event wins (a correction). Late data never moves the screen back.
 */
export function mergeRows(known: Map<string, Latest>, rows: LiveRow[], seq: number): string[] {
  const changed: string[] = []
  for (const row of rows) {
    const at = parseTime(row.at)
    if (at === null || typeof row.value !== 'number') continue
    const key = seriesKey(row)
    const before = known.get(key)
    if (before && (before.at > at || (before.at === at && before.seq >= seq))) continue
    known.set(key, { at, value: row.value, flag: row.flag, seq })
    if (!before || before.value !== row.value || before.flag !== row.flag || before.at !== at) changed.push(key)
  }
  return changed
}

const MINUTE = 60_000
/** How long a value stays fresh on the screen, by how often it should come: a few missed turns and it greys out. */
const FRESH_FOR: Record<string, number> = {
  real_time: 5 * MINUTE,
  minute: 35 * MINUTE,
  hour: 150 * MINUTE,
  day: 49 * 60 * MINUTE,
  computed: 150 * MINUTE,
}

/** Whether a value is too old to be taken for the present. A value from the future (a wrong clock) is not fresh either. */
export function isStale(at: number | null, cadence: string, now: number): boolean {
  if (at === null) return true
  const fresh = FRESH_FOR[cadence] ?? FRESH_FOR.hour!
  return now - at > fresh || at - now > fresh
}

/** Flags of values that take part in statistics. */
export const isValidFlag = (flag: string | null | undefined): boolean => flag === 'normal' || flag === 'unmarked'
