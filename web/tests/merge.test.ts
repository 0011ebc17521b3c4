import { describe, expect, it } from 'vitest'
import type { LiveRow } from '../src/api/types'
import { isStale, isValidFlag, mergeRows, seriesKey, type Latest } from '../src/lib/merge'

const row = (at: string, value: number, more: Partial<LiveRow> = {}): LiveRow => ({
  station: 's1',
  parameter: 'a34004',
  measure: 'mean',
  cadence: 'real_time',
  at,
  value,
  flag: 'normal',
  ...more,
})
const key = seriesKey(row('', 0))

describe('merging live rows', () => {
  it('takes newer values and says which changed', () => {
    const known = new Map<string, Latest>()
    expect(mergeRows(known, [row('2026-11-23T10:00:00+08:00', 40)], 1)).toEqual([key])
    expect(mergeRows(known, [row('2026-11-23T10:01:00+08:00', 41)], 2)).toEqual([key])
    expect(known.get(key)?.value).toBe(41)
  })
  it('never goes back for late data', () => {
    const known = new Map<string, Latest>()
    mergeRows(known, [row('2026-11-23T10:05:00+08:00', 50)], 5)
    expect(mergeRows(known, [row('2026-11-23T10:00:00+08:00', 12)], 6)).toEqual([])
    expect(known.get(key)?.value).toBe(50)
  })
  it('takes a correction of the same time when it comes later, not when it comes again', () => {
    const known = new Map<string, Latest>()
    mergeRows(known, [row('2026-11-23T10:00:00+08:00', 40)], 1)
    expect(mergeRows(known, [row('2026-11-23T10:00:00+08:00', 44)], 2)).toEqual([key])
    expect(mergeRows(known, [row('2026-11-23T10:00:00+08:00', 40)], 1)).toEqual([])
    expect(known.get(key)?.value).toBe(44)
  })
  it('keeps series apart and skips rows without time or value', () => {
    const known = new Map<string, Latest>()
    const changed = mergeRows(
      known,
      [row('2026-11-23T10:00:00+08:00', 1), row('2026-11-23T10:00:00+08:00', 2, { cadence: 'minute' }), row('never', 3), row('2026-11-23T10:00:00+08:00', null as unknown as number, { station: 's2' })],
      1,
    )
    expect(changed).toHaveLength(2)
    expect(known.size).toBe(2)
  })
  it('the same value at the same moment changes nothing', () => {
    const known = new Map<string, Latest>()
    mergeRows(known, [row('2026-11-23T10:00:00+08:00', 40)], 1)
    expect(mergeRows(known, [row('2026-11-23T10:00:00+08:00', 40)], 2)).toEqual([])
  })
})

describe('stale', () => {
  const now = Date.parse('2026-11-23T12:00:00+08:00')
  it('depends on how often a value should come', () => {
    const tenMinutes = now - 10 * 60_000
    expect(isStale(tenMinutes, 'real_time', now)).toBe(true)
    expect(isStale(tenMinutes, 'minute', now)).toBe(false)
    expect(isStale(tenMinutes, 'hour', now)).toBe(false)
  })
  it('nothing and the far future are stale', () => {
    expect(isStale(null, 'hour', now)).toBe(true)
    expect(isStale(now + 24 * 3_600_000, 'minute', now)).toBe(true)
  })
  it('only normal and unmarked values count', () => {
    expect(['normal', 'unmarked', 'calibration', 'fault', '', null].map(isValidFlag)).toEqual([true, true, false, false, false, false])
  })
})
