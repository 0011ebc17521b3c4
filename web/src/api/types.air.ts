/** What the assessment pages show: air over months and years, and river sections. */
import type { ClassAnswer, EditionBrief, LawStatus } from './types.law'
import type { Text } from './types'

/** A period under one edition. */
export interface WhatIfRow {
  edition: EditionBrief
  days: number
  good_days: number
  good_ratio: number | null
  composite: number | null
  [figure: string]: unknown
}

export interface WhatIf {
  rows: WhatIfRow[]
}

export interface RankingPart {
  parameter: string
  kind: string
  value: number | null
  limit: number | null
  index: number | null
}

export interface RankingRow {
  code: string
  name: Text
  composite: number | null
  rank: number | null
  parts: RankingPart[]
  main: string[]
  valid: boolean
  change: number | null
  improvement_rank: number | null
  good_ratio: number | null
}

export interface RiverSection {
  code: string
  name: Text
  class: ClassAnswer | null
  status?: LawStatus | null
}
