import { describe, expect, it } from 'vitest'
import type { AirNow, Trend, WhatIf } from '../src/api/types'
import { classDays, daysUnder, figureKeys, senLine, trendPoints, yearOf } from '../src/lib/assessment'
import { canonical } from '../src/lib/assess'
import { unitShown } from '../src/lib/units'
import { i18n } from '../src/i18n'

const text = (zh: string, en = zh) => ({ zh, en })
const day = (date: string, aqi: number | null, level: string | null): AirNow => ({
  date, aqi, level, class: null, colour: aqi === null ? null : '#00e400', primary: [], edition: null, unjudged: null, stale: false, values: {}, advice: null, effect: null,
})

describe('a year of days', () => {
  it('is counted by class; what could not be judged is no class', () => {
    const classes = [{ level: '1', class: text('A'), colour: '#111111', from: 0, to: 50 }, { level: '2', class: text('B'), colour: '#222222', from: 51, to: null }]
    const counted = classDays([day('2024-01-01', 40, '1'), day('2024-01-02', null, null), day('2024-01-03', 45, '1')], classes)
    expect(counted.unjudged).toBe(1)
    expect(counted.classes.map((c) => [c.days, c.colour])).toEqual([[2, '#00e400'], [0, '#222222']])
  })
  it('under several editions comes apart into a year each', () => {
    const row = (id: string) => ({ edition: { id }, classes: [{ class: text('A'), level: '1', colour: '#1', days: 0 }, { class: text('B'), level: '2', colour: '#2', days: 1 }], figures: [{ parameter: 'a34004', kind: 'mean' }, { parameter: 'a34004', kind: id }] })
    const whatIf = { rows: [row('x'), row('y')], days: [{ date: '2024-01-01', aqi: [50, null], class: [text('B'), null], colour: ['#2', null], primary: [['a34004'], []], differs: true }] } as unknown as WhatIf
    expect(daysUnder(whatIf, 0)[0]).toMatchObject({ date: '2024-01-01', aqi: 50, level: '2', primary: ['a34004'] })
    expect(daysUnder(whatIf, 1)[0]).toMatchObject({ aqi: null, level: null })
    expect(figureKeys(whatIf.rows).map((f) => f.kind)).toEqual(['mean', 'x', 'y'])
  })
})

describe('a trend', () => {
  const point = (period: string, value: number | null, valid = true) => ({ start: `${period.length === 4 ? `${period}-01` : period}-01T00:00:00+08:00`, period, value, valid, used: 12, required: 10, explain: '' })
  const trend = (points: ReturnType<typeof point>[], sen: Trend['sen']): Trend => ({ points, sen }) as unknown as Trend
  it('tells time in years, as its slope does', () => {
    expect(yearOf('2020-07')).toBe(2020.5)
    expect(yearOf('2020')).toBe(2020)
  })
  it('has a line through what was tested only, and none without a slope', () => {
    const sen = { slope: -2, low: null, high: null, intercept: 4080 }
    expect(senLine(trend([point('2019', 40), point('2020', 99, false), point('2021', 38)], sen)).map((p) => p.v)).toEqual([42, 38])
    expect(senLine(trend([point('2019', 40), point('2020', 39)], null))).toEqual([])
    expect(senLine(trend([point('2019', 40)], sen))).toEqual([])
    expect(trendPoints(trend([point('2020', 99, false)], null))[0]).toMatchObject({ v: 99, valid: false, note: '12/10' })
  })
})

describe('rows as people write them', () => {
  const columns = [
    { key: 'body', name: text('水体类型', 'water body'), kind: 'choice' as const, unit: null, required: true, note: null, aliases: ['水体'], choices: [{ id: 'river', name: text('河流', 'river') }] },
    { key: 'tp', name: text('总磷', 'TP'), kind: 'number' as const, unit: 'mg/L', required: false, note: null, aliases: [], choices: [] },
  ]
  it('go by the keys of the columns; what is unknown stays to be named', () => {
    expect(canonical(columns, { 水体: '河流', '总磷(ug/L)': '5', '总磷（mg/L）': '1', other: 'x' })).toEqual({ body: 'river', 'tp(ug/L)': '5', tp: '1', other: 'x' })
  })
  it('units that are Chinese words have an English one', () => {
    i18n.global.locale.value = 'en'
    expect([unitShown('个'), unitShown('万元'), unitShown('mg/L'), unitShown('1')]).toEqual(['items', '10⁴ CNY', 'mg/L', ''])
    i18n.global.locale.value = 'zh'
    expect(unitShown('元/t')).toBe('元/t')
  })
})
