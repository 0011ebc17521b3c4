/** Years and trends on their way to the screen. */
import type { AirNow, AqiClass, ClassDays, Trend, WhatIf, WhatIfRow } from '../api/types'
import type { Point } from './gaps'
import { parseTime } from './time'

/** Days by class, in the order of the classes given; what could not be judged is counted apart. */
export function classDays(days: AirNow[], classes: AqiClass[]): { classes: ClassDays[]; unjudged: number } {
  const judged = days.filter((d) => d.aqi !== null)
  return {
    classes: classes.map((c) => {
      const of = judged.filter((d) => d.level === c.level)
      return { class: c.class, level: c.level, colour: of[0]?.colour ?? c.colour, days: of.length }
    }),
    unjudged: days.length - judged.length,
  }
}

/** The days of one of several editions, in the form of a list of days. */
export function daysUnder(whatIf: WhatIf, at: number): AirNow[] {
  const classes = whatIf.rows[at]?.classes ?? []
  return whatIf.days.map((d) => ({
    date: d.date,
    aqi: d.aqi[at] ?? null,
    level: classes.find((c) => c.class.zh === d.class[at]?.zh)?.level ?? null,
    class: d.class[at] ?? null,
    colour: d.colour[at] ?? null,
    primary: d.primary[at] ?? [],
    edition: null,
    unjudged: null,
    stale: false,
    values: {},
    advice: null,
    effect: null,
  }))
}

/** Every figure that any of the editions knows, in their order. */
export function figureKeys(rows: WhatIfRow[]): { parameter: string; kind: string }[] {
  const seen = new Map<string, { parameter: string; kind: string }>()
  for (const row of rows) for (const f of row.figures) if (!seen.has(`${f.parameter} ${f.kind}`)) seen.set(`${f.parameter} ${f.kind}`, { parameter: f.parameter, kind: f.kind })
  return [...seen.values()]
}

/** `2020-07` is 2020.5: the time in which the slope is told. */
export function yearOf(period: string): number {
  const [year, month] = period.split('-').map(Number)
  return (year ?? 0) + ((month ?? 1) - 1) / 12
}

export const trendPoints = (trend: Trend): Point[] =>
  trend.points.map((p) => ({ t: parseTime(p.start) ?? 0, v: p.value, valid: p.valid, explain: p.explain, note: `${p.used}/${p.required}` }))

/** The line of Theil and Sen over the points that were tested. */
export function senLine(trend: Trend): Point[] {
  const tested = trend.points.filter((p) => p.valid && p.value !== null)
  const { sen } = trend
  if (!sen || sen.intercept === null || tested.length < 2) return []
  return tested.map((p) => ({ t: parseTime(p.start) ?? 0, v: (sen.intercept ?? 0) + sen.slope * yearOf(p.period), valid: true }))
}
