/** Places, waters, custody chains and the file of an enterprise, as the HTTP API sends them. */
import type { DeviceBrief, Exceedance, OutletNow, StationBrief, Text } from './types'
import type { RecordLink, RegRecord } from './types.registers'

export interface FileSection {
  register: string
  name: Text
  group: string
  /** The columns to show. */
  list: string[]
  total: number
  /** The last changed of them. */
  records: RegRecord[]
}

export interface OutletOver {
  parameter: string
  name: Text
  averaging: string
  limit: number
  unit: string
  /** Valid periods that were judged, and how many of these were above. */
  judged: number
  over: number
  last: string | null
}

export interface EnterpriseStation {
  station: StationBrief
  /** The record that names the station; several may. */
  record: RecordLink
  devices: DeviceBrief[]
  now: OutletNow | null
  over: OutletOver[]
}

export interface EnterpriseFile {
  as_of: string
  enterprise: RegRecord
  sections: FileSection[]
  stations: EnterpriseStation[]
  exceedances: Exceedance[]
  /** Days over which `over` counts. */
  days: number
}

export interface GraphFound {
  record: RecordLink
  kind: string
  /** km along the water; `null`: cannot be told. */
  km: number | null
  certain: boolean
  hops: number
  via: RecordLink[]
}

export interface GraphAnswer {
  found: GraphFound[]
  in_loop: boolean
}

export interface GraphRole {
  node: string
  into: string | null
  on: string | null
}

export interface ZoneRole {
  kind: string | null
  from: string | null
  until: string | null
  buffer: { of: string; metres: string; name: Text } | null
}

export interface ZoneRow {
  record: RecordLink
  register_name: Text
  kind: string
  kind_name: Text
  from: string | null
  until: string | null
  schematic: boolean
  derived: boolean
}

export interface ZonesAt {
  lon: number
  lat: number
  day: string
  zones: ZoneRow[]
}

export interface SeasonRow {
  kind: string
  name: Text
  /** `null`: cannot be told. */
  held: boolean | null
  from: string | null
  until: string | null
  rid: number | null
  missing_year: number | null
}

export interface CalendarDay {
  day: string
  seasons: SeasonRow[]
}

export interface ChainRole {
  from: string
  to: string
  by: string | null
  what: string
  sent: string
  received: string | null
  sent_on: string
  received_on: string | null
}

export interface ChainHolder {
  record: RecordLink | null
  name: string | null
}

export interface ChainLine {
  holder: ChainHolder
  what: string
  opening: number | null
  came: number
  went: number
  stock: number | null
  under_way: number
}

export type FindingKind = 'difference' | 'negative_stock' | 'arrived_before_sent' | 'to_itself' | 'unknown'

export interface ChainFinding {
  kind: FindingKind
  record: RecordLink | null
  holder: ChainHolder | null
  what: string | null
  sent: number | null
  received: number | null
  difference: number | null
  on: string | null
}

export interface ChainBalance {
  from: string
  to: string
  hand_overs: number
  lines: ChainLine[]
  findings: ChainFinding[]
}

export interface ChainStep {
  record: RecordLink
  step: number
  from: ChainHolder
  to: ChainHolder
  what: string
  sent: number | null
  received: number | null
  sent_on: string | null
  received_on: string | null
  at_most: number | null
}

export type CoverageState = 'working' | 'partial' | 'planned'

export interface CoverageRow {
  id: string
  name: Text
  section: string
  kind: string
  /** The capability it belongs to. */
  cap: string
  tier: string
  state: CoverageState
  /** Registers that carry it. */
  definition: string[]
  /** Where in the app it is seen. */
  page: string | null
  test: string[]
  /** What is missing. */
  reason: Text | null
}

export interface Coverage {
  rows: CoverageRow[]
  totals: { rows: number; working: number; partial: number; planned: number }
}
