/** What the assessment pages show: air over months and years under one or several editions, and river sections. */
import type { FeatureCollection } from 'geojson'
import type { Answer, ClassAnswer, EditionBrief, LawStatus } from './types.law'
import type { AirNow, Text } from './types'

export interface PeriodFigure {
  parameter: string
  name: Text
  kind: string
  value: number | null
  unit: string
  limit: number | null
  meets: boolean | null
  valid: boolean
  used: number
  required: number
  explain: string | null
}

export interface ClassDays {
  class: Text
  level: string
  colour: string
  days: number
}

/** A period under one edition. */
export interface WhatIfRow {
  edition: EditionBrief
  standard: string
  days: number
  good_days: number
  good_ratio: number | null
  /** Best class first. */
  classes: ClassDays[]
  composite: number | null
  composite_edition: string | null
  composite_status: LawStatus | null
  main: string[]
  figures: PeriodFigure[]
  meets: boolean | null
  unjudged: Text | null
}

export interface WhatIfDay {
  date: string
  /** An edition a place, as in the others. */
  aqi: (number | null)[]
  class: (Text | null)[]
  colour: (string | null)[]
  primary: string[][]
  differs: boolean
}

export interface WhatIf {
  code: string
  name: Text
  simulated: boolean
  from: string
  /** The first day after it. */
  to: string
  rows: WhatIfRow[]
  days: WhatIfDay[]
}

export interface RankingPart {
  parameter: string
  kind: string
  value: number | null
  unit: string
  limit: number | null
  weight: number | null
  index: number | null
}

export interface RankingRow {
  code: string
  name: Text
  simulated: boolean
  composite: number | null
  rank: number | null
  parts: RankingPart[]
  main: string[]
  valid: boolean
  /** Against the same period of the year before: `0.05` is 5 % worse. */
  change: number | null
  improvement_rank: number | null
  days: number
  good_days: number
  good_ratio: number | null
  edition: string | null
  status: LawStatus | null
  unjudged: Text | null
}

export interface AirExceedance extends AirNow {
  code: string
  name: Text
  simulated: boolean
  date: string
  /** Pollutants above their daily limit. */
  exceeding: string[]
  explain: string
}

export interface TrendPoint {
  start: string
  /** `2020-05`, `2020` */
  period: string
  value: number | null
  /** Only such points take part in the tests. */
  valid: boolean
  used: number
  required: number
  explain: string
}

export interface Trend {
  code: string
  name: Text
  simulated: boolean
  parameter: string
  kind: string
  grain: 'month' | 'year'
  unit: string
  points: TrendPoint[]
  spearman: { rs: number; critical: number | null; class: ClassAnswer | null } | null
  mann_kendall: { s: number; z: number | null; p: number | null; tau: number | null; class: ClassAnswer | null } | null
  /** Time in years: `2020-07` is 2020.5. */
  sen: { slope: number; low: number | null; high: number | null; intercept: number | null } | null
  answer: Omit<Answer, 'asked'>
}

export interface RiverSection {
  code: string
  name: Text
  area: string | null
  lon: number | null
  lat: number | null
  simulated: boolean
  /** The day, month or year that was judged (`2026-11-23`, `2026-11`, `2026`). */
  period: string | null
  /** Whether that period is over. */
  complete: boolean
  /** The means that were judged, by parameter code. */
  values: Record<string, { name: Text; value: number; unit: string; judged: boolean; explain: string }>
  answer: Omit<Answer, 'asked'> | null
}

export interface RiverSections {
  as_of: string
  sections: RiverSection[]
  /** The course of the rivers, when it is known. */
  rivers: FeatureCollection | null
}
