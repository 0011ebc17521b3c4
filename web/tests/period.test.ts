import { describe, expect, it } from 'vitest'
import { periodOf } from '../src/lib/period'

describe('the period that is ranked', () => {
  it('is a year, a month, or the year to the end of a month; its end is the day after', () => {
    expect(periodOf(2024, '')).toEqual({ from: '2024-01-01', to: '2025-01-01' })
    expect(periodOf(2024, '02')).toEqual({ from: '2024-02-01', to: '2024-03-01' })
    expect(periodOf(2024, '12')).toEqual({ from: '2024-12-01', to: '2025-01-01' })
    expect(periodOf(2024, '-03')).toEqual({ from: '2024-01-01', to: '2024-04-01' })
  })
  it('is the year when the address says nonsense', () => {
    expect(periodOf(2024, '13')).toEqual(periodOf(2024, ''))
    expect(periodOf(2024, '-0')).toEqual(periodOf(2024, ''))
  })
})
