import type { AirNow } from '../api/types'
import { HOUR, parseTime } from './time'

/** Whether an hour's assessment still speaks of the present: the hour after it must not be over by much. */
export function airStale(air: AirNow | null | undefined, now: number): boolean {
  if (!air) return true
  if (air.stale) return true
  const end = airEnd(air)
  return end === null || now - end > 2 * HOUR
}

export const airStart = (air: AirNow): number | null => parseTime(air.hour ?? air.start ?? air.date)

export function airEnd(air: AirNow): number | null {
  const end = parseTime(air.hour_end)
  if (end !== null) return end
  const start = airStart(air)
  return start === null ? null : start + HOUR
}
