/** What the HTTP API sends and takes, as the web app uses it. Times are +08:00 ISO text, dates `YYYY-MM-DD`. */

export type * from './types.air'
export type * from './types.law'
export type * from './types.registers'

/** A text in both languages. */
export interface Text {
  zh: string
  en: string
}

export type Role = 'viewer' | 'officer' | 'operator' | 'enterprise' | 'system_admin' | 'security_admin' | 'audit_admin'

export interface User {
  name: string
  role: Role
  must_change_password: boolean
  full_name: string
  areas: string[]
  departments: string[]
  enterprise: { register: string; rid: number; key: string; title: string } | null
  phone?: string
  disabled?: boolean
  created_at?: string | null
  last_log_in?: string | null
}

export interface Token {
  id: number
  user: string
  name: string
  scope: 'read' | 'write'
  created_at: string
  expires_at: string
  last_used_at: string | null
  revoked_at: string | null
}

export interface JournalRow {
  seq: number
  at: string
  who: string
  action: string
  subject_kind: string
  subject: string
  version: number | null
  fields: string[]
  why: string
}

export interface JournalPage {
  size: number
  entries: JournalRow[]
  next: number | null
}

export interface JournalEntry extends JournalRow {
  withheld: boolean
  changes: unknown
  before: unknown
  after: unknown
  bytes: string | null
  leaf: string
  intact: boolean
}

export interface JournalProof {
  seq: number
  size: number
  leaf: string
  root: string
  proof: string[]
}

export interface ParameterInfo {
  name: Text
  symbol: string
  unit: string
  digits: number
}

export interface Area {
  code: string
  name: Text
}

export interface City {
  code: string
  name: Text
  simulated: boolean
  areas: Area[]
  centre: [number, number]
  now: string
  version: string
  parameters: Record<string, ParameterInfo>
}

export interface AirValue {
  value: number | null
  unit: string
  iaqi: number | null
  valid: boolean
  explain?: string | null
}

/** The assessment of one hour or one day of air. */
export interface AirNow {
  hour?: string
  hour_end?: string
  start?: string
  date?: string
  aqi: number | null
  level: string | null
  class: Text | null
  colour: string | null
  primary: string[]
  edition: string | null
  unjudged: string | Text | null
  stale: boolean
  values: Record<string, AirValue>
  advice: Text | null
  effect: Text | null
  explain?: string | null
}

export interface AnnualFigure {
  parameter: string
  name: Text
  kind: string
  value: number | null
  unit: string
  limit: number | null
  meets: boolean | null
  valid: boolean
  explain?: string | null
}

export interface Composite {
  value: number | null
  edition: string
  status: string
}

export interface AnnualSummary {
  year: number
  days_valid: number
  good_days: number
  good_ratio: number | null
  composite: Composite | null
  figures: AnnualFigure[]
  explain?: string | null
}

export interface MonthSummary {
  month: string
  good_days: number
  days: number
  pm25: number | null
  unit: string
  explain?: string | null
}

export type StationKind = 'air' | 'water_outlet' | 'gas_outlet' | 'surface_water' | 'unknown'

export interface StationBrief {
  code: string
  name: Text
  kind: StationKind
  area: string | null
  lon: number | null
  lat: number | null
  simulated: boolean
  last_at: string | null
}

export interface LatestValue {
  value: number
  unit: string
  at: string
  flag: string
  cadence: string
  explain: string
}

export interface StationRow extends StationBrief {
  latest?: Record<string, LatestValue>
  air?: AirNow | null
  /** The class of a river section, where sections are shown. */
  section?: { name: string; colour: string | null }
}

export interface Exceedance {
  simulated: boolean
  averaging: Averaging
  station: string
  name: Text
  parameter: string
  parameter_name: Text
  value: number
  unit: string
  limit: number
  at: string
  clause: Text
  explain?: string | null
}

export interface DeviceSummary {
  total: number
  online?: number
  late?: number
  offline?: number
  never?: number
  quarantined?: number
  frames_last_hour?: number
  values_last_hour?: number
  defects_last_day?: Record<string, number>
}

export interface Overview {
  as_of: string
  simulated: boolean
  city: AirNow & { month: MonthSummary | null; year: AnnualSummary | null }
  areas: { code: string; name: Text; air: AirNow | null }[]
  stations: StationRow[]
  devices: DeviceSummary | null
  exceedances: Exceedance[]
}

export interface AqiClass {
  level: string
  class: Text
  colour: string
  from: number
  /** `null` for the last class. */
  to: number | null
  advice?: Text | null
  effect?: Text | null
}

export interface Classes {
  edition: string
  classes: AqiClass[]
}

export type Averaging = 'instant' | 'hour' | 'mda8' | 'day' | 'year'

export interface LimitLine {
  parameter: string
  value: number
  /** `lower`: the value may not be below it (pH). */
  bound: 'upper' | 'lower'
  unit: string
  averaging: Averaging
  label: Text
  clause: Text
  standard: Text
  edition: string
  from: string | null
  status: 'confirmed' | 'unconfirmed' | 'declared'
}

export type DeviceState = 'online' | 'late' | 'offline' | 'never' | 'quarantined'

export interface DeviceBrief {
  mn: string
  station: string | null
  station_name: Text | null
  state: DeviceState
  last_seen: string | null
  peer: string | null
  edition: string | null
  frames_today: number
  defects: Record<string, number>
  clock_offset_s: number | null
  shared_mn: boolean
  simulated: boolean
}

export interface Devices {
  summary: DeviceSummary
  devices: DeviceBrief[]
}

export interface FrameBrief {
  id: number
  received_at: string
  peer: string | null
  mn: string | null
  cn: number | null
  status: string
  defects: string[]
  text: string
  sm3: string
}

export interface Binding {
  sent: string
  parameter: string
  unit: string | null
}

export interface DeviceDetail extends DeviceBrief {
  bindings: Binding[]
  recent_frames: FrameBrief[]
}

export interface SeriesBrief {
  parameter: string
  name: Text
  measure: string
  cadence: string
  unit: string
  last_at: string | null
  last_value: number | null
  last_flag: string | null
}

export interface StationDetail extends StationBrief {
  devices: DeviceBrief[]
  series: SeriesBrief[]
  limits: LimitLine[]
}

export type SeriesPoint = [string, number | null, string]

export interface SeriesData {
  unit: string
  points: SeriesPoint[]
  truncated: boolean
}

export interface StatPoint {
  start: string
  value: number | null
  valid: boolean
  used: number
  required: number
  excluded: number
  explain?: string | null
}

export interface StatData {
  unit: string
  points: StatPoint[]
  truncated?: boolean
}

export type OutletState = 'ok' | 'near' | 'over' | 'stopped' | 'invalid' | 'no_limit'

export interface OutletRow {
  parameter: string
  name: Text
  value: number | null
  converted_value?: number | null
  unit: string
  at: string | null
  flag: string | null
  limit: LimitLine | null
  ratio: number | null
  state: OutletState
  /** The last whole period of the limit's averaging time: what the law judges. */
  period: OutletPeriod | null
  explain?: string | null
}

export interface OutletPeriod {
  averaging: Averaging
  start: string
  end: string
  value: number
  unit: string
  valid: boolean
  state: OutletState
  explain: string
}

export interface Load {
  value: number
  unit: string
  used: number
  explain: string
}

export interface OutletNow {
  rows: OutletRow[]
  loads: { today_kg: Record<string, Load>; month_kg: Record<string, Load> }
}

export interface QuarantineRow {
  mn: string
  first_seen: string
  last_seen: string
  frames: number
  peer: string | null
  sample_frame: string | null
  st: string | null
  reason: string
  refused: boolean
}

export interface FramePage {
  frames: FrameBrief[]
  next: number | null
}

export interface FrameDetail extends FrameBrief {
  /** The device's password is blotted out in the text. */
  password_hidden?: boolean
  hex?: string | null
  decoded: { header: Record<string, unknown>; groups: unknown[] } | null
  defect_details: { code: string; detail: string }[]
  readings: {
    station?: string
    parameter: string
    measure: string
    cadence: string
    at: string
    value: number
    flag: string
    unit?: string
    explain?: string
  }[]
}

export interface DefectKind {
  code: string
  name: Text
  meaning: Text
}

export interface SqlTable {
  columns: { name: string; type: string }[]
  rows: unknown[][]
  truncated?: boolean
}

export interface ExplainInput {
  title: Text | string
  at?: string | null
  iaqi?: number | null
  formula?: string | null
  value: number | null
  unit: string
  flag?: string | null
  used: boolean
  why_not?: Text | string | null
  explain?: string | null
  frame?: number | null
}

export interface ExplainRule {
  /** A number (`HJ 633`), or a title where the document has none. */
  standard: Text
  edition: string
  /** Empty where no standard says anything. */
  clause: Text
  rounding?: Text | null
  /** What a reader should know: practice that differs from the text, doubts. */
  note?: Text | null
  status: string
  source?: Text | null
  text?: Text | null
}

export interface Explanation {
  title: Text
  value: number | null
  unit: string
  valid: boolean
  verdict?: { aqi: number | null; level: string | null; class: Text | null; colour: string | null; primary: string[]; unjudged: Text | null } | null
  rule: ExplainRule | null
  formula?: string | null
  counts: { used: number; required: number; excluded: number } | null
  inputs: ExplainInput[]
  excluded: ExplainInput[]
  frame?: { id: number; sm3: string; received_at: string; peer: string | null; text: string | null; password_hidden?: boolean } | null
  limits?: LimitLine[]
  as_of: string
}

/** One fresh value on the live stream. */
export interface LiveRow {
  station: string
  parameter: string
  measure: string
  cadence: string
  at: string
  value: number
  flag: string
}

export interface LiveObservations {
  seq: number
  recorded_at: string
  rows: LiveRow[]
}

export interface LiveAir {
  station: string
  air: AirNow
}

export interface LiveDevice {
  mn: string
  state: DeviceState
  last_seen: string | null
}
