import { describe, expect, it } from 'vitest'
import { count, digitsApart, fixed, percent, plain, symbolParts, times } from '../src/lib/format'
import { age, clock, dateTime, DAY, HOUR, hourRange, isoDate, isoTime, longDate, parseTime, startOfDay } from '../src/lib/time'

const at = (text: string): number => Date.parse(text)

describe('time is +08:00 wherever the browser stands', () => {
  it('reads zoned, zoneless and date texts alike', () => {
    const ten = at('2026-11-23T02:00:00Z')
    expect(parseTime('2026-11-23T10:00:00+08:00')).toBe(ten)
    expect(parseTime('2026-11-23T10:00:00')).toBe(ten)
    expect(parseTime('2026-11-23T10:00')).toBe(ten)
    expect(parseTime('2026-11-23T02:00:00Z')).toBe(ten)
    expect(parseTime('2026-11-23')).toBe(at('2026-11-22T16:00:00Z'))
    expect(parseTime('not a time')).toBeNull()
    expect(parseTime(null)).toBeNull()
  })
  it('writes what it read', () => {
    expect(isoTime(at('2026-11-23T02:00:00Z'))).toBe('2026-11-23T10:00:00+08:00')
    expect(isoDate(at('2026-11-23T16:00:00Z'))).toBe('2026-11-24')
    expect(clock(at('2026-11-23T02:42:17Z'))).toBe('10:42:17')
  })
  it('names an hour by both ends, midnight as 24:00', () => {
    const start = at('2026-11-23T10:00:00+08:00')
    expect(hourRange(start, start + HOUR)).toBe('10:00–11:00')
    const last = at('2026-11-23T23:00:00+08:00')
    expect(hourRange(last, last + HOUR)).toBe('23:00–24:00')
  })
  it('leaves the year out only when it is this one', () => {
    const now = at('2026-11-23T12:00:00+08:00')
    expect(dateTime(at('2026-11-23T10:00:00+08:00'), now)).toBe('11-23 10:00')
    expect(dateTime(at('2025-12-31T23:30:00+08:00'), now)).toBe('2025-12-31 23:30')
  })
  it('writes long dates in both languages', () => {
    const day = at('2026-11-23T00:30:00+08:00')
    expect(longDate(day, 'zh')).toBe('2026年11月23日')
    expect(longDate(day, 'en')).toBe('23 November 2026')
  })
  it('finds the local midnight', () => {
    expect(startOfDay(at('2026-11-23T07:00:00+08:00'))).toBe(at('2026-11-23T00:00:00+08:00'))
    expect(startOfDay(at('2026-11-23T00:00:00+08:00'))).toBe(at('2026-11-23T00:00:00+08:00'))
  })
  it('tells an age in the largest fitting unit and never a negative one', () => {
    expect(age(0, 59_000)).toEqual({ n: 59, unit: 's' })
    expect(age(0, 3_599_000)).toEqual({ n: 59, unit: 'min' })
    expect(age(0, DAY - 1000)).toEqual({ n: 23, unit: 'h' })
    expect(age(0, 3 * DAY)).toEqual({ n: 3, unit: 'd' })
    expect(age(10_000, 0)).toEqual({ n: 0, unit: 's' })
  })
})

describe('numbers', () => {
  it('keeps the digits of the parameter and a real minus', () => {
    expect(fixed(1, 1)).toBe('1.0')
    expect(fixed(-3.25, 1)).toBe('−3.3')
    expect(fixed(-0.04, 1)).toBe('0.0')
    expect(fixed(null, 1)).toBe('–')
    expect(fixed(Number.NaN, 1)).toBe('–')
  })
  it('shows up to four significant digits when none are given', () => {
    expect(plain(0.123456)).toBe('0.1235')
    expect(plain(7.4)).toBe('7.4')
    expect(plain(12_345.6)).toBe('12346')
    expect(plain(undefined)).toBe('–')
  })
  it('counts in 万 where people say 万', () => {
    expect(count(9999, 'zh')).toBe('9999')
    expect(count(12_345, 'zh')).toBe('1.23万')
    expect(count(123_456, 'zh')).toBe('12.3万')
    expect(count(88_123_111, 'zh')).toBe('8812万')
    expect(count(912_312_311, 'zh')).toBe('9.12亿')
    expect(count(12_345, 'en')).toBe('12,345')
    expect(count(null, 'en')).toBe('–')
  })
  it('writes shares', () => {
    expect(percent(0.7825)).toBe('78.3%')
    expect(percent(null)).toBe('–')
  })
})

describe('symbols', () => {
  it('sets digits low', () => {
    expect(symbolParts('PM2.5')).toEqual([{ base: 'PM', sub: '2.5' }])
    expect(symbolParts('PM10')).toEqual([{ base: 'PM', sub: '10' }])
    expect(symbolParts('O3')).toEqual([{ base: 'O', sub: '3' }])
    expect(symbolParts('NOx')).toEqual([{ base: 'NO', sub: 'x' }])
    expect(symbolParts('NH3-N')).toEqual([
      { base: 'NH', sub: '3' },
      { base: '-N', sub: '' },
    ])
  })
  it('loses nothing of any text', () => {
    for (const text of ['COD', 'pH', 'raw:B03', '烟尘', 'w01018', 'CO', '2,4-D']) {
      expect(symbolParts(text).map((p) => p.base + p.sub).join('')).toBe(text)
    }
  })
})

describe('a value beside its limit', () => {
  it('has the digits that tell the two apart, and no more than its own where they differ anyway', () => {
    const shown = (value: number, limit: number, digits: number): string => fixed(value, digitsApart(value, limit, digits))
    expect(shown(35.04, 35, 0)).toBe('35.04')
    expect(shown(35.0004, 35, 1)).toBe('35.0004')
    expect(shown(61.54, 50, 1)).toBe('61.5')
    // On the other side of a lower limit, and where the display's digits are fewer than the limit's.
    expect(shown(5.996, 6, 1)).toBe('5.996')
    expect(shown(0.46, 0.5, 0)).toBe('0')
    expect(shown(0.54, 0.5, 0)).toBe('1')
    expect(shown(0.504, 0.5, 1)).toBe('0.504')
  })
  it('leaves alone what meets the limit exactly, what is only noise, and what has no limit', () => {
    expect(digitsApart(35, 35, 1)).toBe(1)
    expect(digitsApart(35.00000000000001, 35, 1)).toBe(1)
    expect(digitsApart(35.04, null, 1)).toBe(1)
    expect(digitsApart(null, 35, 1)).toBe(1)
    expect(digitsApart(61.54, 50, null)).toBeNull()
    expect(digitsApart(35.0004, 35, null)).toBe(4)
  })
  it('is never 1.00 times a limit it breaks', () => {
    expect(times(35.04, 35)).toBe('1.001')
    expect(times(70, 35)).toBe('2.00')
    expect(times(35, 35)).toBe('1.00')
    expect(times(5.996, 6)).toBe('0.999')
    expect(times(3, 0)).toBe('–')
  })
})
