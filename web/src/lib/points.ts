import type { LimitLine, SeriesData, StatData } from '../api/types'
import type { ChartLimit } from '../components/TimeChart.vue'
import type { Point } from './gaps'
import { isValidFlag } from './merge'
import { parseTime } from './time'

/** Statistics as points of a curve; the note says how many values went in. */
export function statPoints(data: StatData | null | undefined): Point[] {
  const points: Point[] = []
  for (const p of data?.points ?? []) {
    const t = parseTime(p.start)
    if (t === null) continue
    points.push({ t, v: p.value, valid: p.valid, explain: p.explain ?? null, note: `${p.used}/${p.required}${p.excluded ? ` −${p.excluded}` : ''}` })
  }
  return points.sort((a, b) => a.t - b.t)
}

/** Observations as points of a curve. */
export function seriesPoints(data: SeriesData | null | undefined, explain?: (t: string | number) => string): Point[] {
  const points: Point[] = []
  for (const [at, v, flag] of data?.points ?? []) {
    const t = parseTime(at)
    if (t === null) continue
    points.push({ t, v, valid: isValidFlag(flag), flag, explain: explain ? explain(at) : null })
  }
  return points.sort((a, b) => a.t - b.t)
}

/** Limits of one parameter for a curve of this averaging; where none fits, the others for orientation. */
export function limitLines(limits: LimitLine[], parameter: string, averaging: string): ChartLimit[] {
  const own = limits.filter((l) => l.parameter === parameter)
  const fitting = own.filter((l) => l.averaging === averaging || (averaging === 'hour' && l.averaging === 'instant'))
  const chosen = fitting.length > 0 ? fitting : own.filter((l) => l.averaging === 'day')
  return chosen.map((l) => ({ label: l.label, value: l.value, faint: fitting.length === 0 }))
}
