/** Registers as the HTTP API sends and takes them. */
import type { Geometry } from 'geojson'
import type { Text } from './types'

export interface NamedId {
  id: string
  name: Text
}

export type GeometryShape = 'point' | 'line' | 'polygon' | 'any'
export type Gives = 'text' | 'number' | 'integer' | 'boolean' | 'date'
export type FieldType = 'text' | 'long_text' | 'number' | 'integer' | 'boolean' | 'date' | 'time' | 'enum' | 'reference' | 'parameter' | 'area' | 'station' | 'attachment' | 'geometry' | 'computed'

export interface Field {
  id: string
  name: Text
  help: Text | null
  type: FieldType
  required: boolean
  required_when: string | null
  readers: string[]
  enterprise_writes: boolean
  searched: boolean
  section: Text | null
  source: string | null
  /** Text. */
  max_length?: number | null
  pattern?: string | null
  /** Numbers. */
  unit?: string
  min?: number | null
  max?: number | null
  digits?: number | null
  /** Lists. */
  values?: NamedId[]
  many?: boolean
  /** References. */
  to?: string
  /** Attachments. */
  photo?: boolean
  /** Geometries. */
  shape?: GeometryShape
  /** Computed. */
  formula?: string
  gives?: Gives
}

export interface Period {
  months: number
  days: number
}

export interface RegisterState {
  id: string
  name: Text
  final: boolean
  deadline: Period | null
}

export interface Transition {
  id: string
  name: Text
  from: string[]
  to: string
  departments: string[]
  enterprise: boolean
  requires: string[]
  evidence: string[]
  when: string | null
  reason: boolean
}

export interface Lifecycle {
  start: string
  states: RegisterState[]
  transitions: Transition[]
}

/** What the person who asks may do in a register. */
export interface May {
  create: boolean
  change: boolean
  import: boolean
  /** Fields this person may fill in. */
  writable: string[]
  /** Fields this person may not read in any record. */
  hidden: string[]
}

export interface RegisterDef {
  id: string
  version: number
  name: Text
  about: Text
  rows: string[]
  group: string
  department: string
  sources: string[]
  key: string
  title: string
  area: string | null
  enterprise: string | null
  geometry: string | null
  list: string[]
  unique: string[][]
  public: { fields: string[]; when: string | null } | null
  review: { every: Period; field: string } | null
  fields: Field[]
  lifecycle: Lifecycle | null
  graph: unknown
  chain: unknown
  zone: unknown
  may: May
}

export interface RegisterBrief {
  id: string
  name: Text
  about: Text
  group: string
  department: string
  rows: string[]
  version: number
  count: number
  overdue: number
  can_create: boolean
  has_geometry: boolean
  is_public: boolean
}

export interface RegisterIndex {
  groups: NamedId[]
  departments: NamedId[]
  registers: RegisterBrief[]
}

/** A record that another refers to. */
export interface RecordLink {
  register: string
  rid: number
  key: string
  title: string
}

export interface FileRef {
  hash: string
  name: string
  media_type: string
  bytes: number
}

export type Plain = string | number | boolean | null
export type FieldValue = Plain | string[] | RecordLink | RecordLink[] | FileRef[] | Geometry

export interface RegRecord {
  rid: number
  version: number
  state: string | null
  state_since: string | null
  changed_at: string
  /** `null` for the public. */
  changed_by: string | null
  schematic: boolean
  retired: boolean
  due: string | null
  /** Fields that are there and that this person may not read. */
  hidden: string[]
  values: Record<string, FieldValue>
}

export interface RecordPage {
  records: RegRecord[]
  next: string | null
  total?: number | null
}

/** Why a value, or the record, is not sound. */
export interface Fault {
  /** Empty: the record as a whole. */
  field: string
  code: string
  zh: string
  en: string
}

export interface CheckAnswer {
  faults: Fault[]
  computed: Record<string, FieldValue>
  /** Fields that must be filled, given the others. */
  required: string[]
}

export interface HistoryChange {
  field: string
  before: FieldValue
  after: FieldValue
}

export interface HistoryEvent {
  seq: number
  at: string
  who: string
  action: string
  why: string
  version: number
  state: string | null
  changes: HistoryChange[]
}

export interface RelatedGroup {
  register: string
  name: Text
  field: string
  field_name: Text
  total: number
  records: RecordLink[]
}

export interface BulkResult {
  rid: number
  ok: boolean
  faults: Fault[]
}

export interface DueRow {
  record: RecordLink
  register_name: Text
  department: string
  due: string
  overdue: boolean
  state: Text | null
  area: string | null
}

export interface DueList {
  today: string
  rows: DueRow[]
  /** At most this many are listed. */
  rows_max: number
}

/** A list as somebody wants to see it again. */
export interface NewView {
  register: string
  name: string
  /** The query of its address. */
  query: Record<string, string | string[]>
  /** Whether the others of the office see it too. */
  shared: boolean
}

export interface SavedView extends NewView {
  id: number
  own: boolean
}

export type ImportState = 'running' | 'done' | 'failed' | 'refused'
export type ImportMode = 'dry_run' | 'all_or_nothing' | 'good_rows'

export interface ImportFault {
  line: number
  field: string
  code: string
  value: string
  zh: string
  en: string
}

export interface ImportJob {
  id: number
  register: string
  file: string
  state: ImportState
  error: string | null
  mode: ImportMode
  read: number
  good: number
  bad: number
  created: number
  changed: number
  unchanged: number
  written: boolean
  faults: ImportFault[]
  mapping: Record<string, string>
  started_at: string
  ended_at: string | null
}

export interface ImportColumns {
  columns: string[]
  mapping: Record<string, string>
  rows: string[][]
  total: number
}
