/** The law as data, and judging by it: what `/standards`, `/assess` and the assessment pages' addresses send. */
import type { Text } from './types'

export type LawStatus = 'confirmed' | 'unconfirmed'

/** One edition of a standard. */
export interface EditionBrief {
  /** `GB 3838-2002` */
  id: string
  /** Its address: `gb-3838/2002`. */
  slug: string
  /** The name within the standard, by which it is asked for. */
  name: string
  /** The publication that several editions belong to. */
  family: string
  from: string
  to: string | null
  /** First day on which some cities used it already. */
  phased_from: string | null
  replaced_by: string | null
  /** `false`: an alternative reading that is never picked by its date. */
  by_date: boolean
  status: LawStatus
  in_force: boolean
}

export interface UsedBy {
  kind: 'assessment' | 'page' | 'indicator' | 'limit'
  id: string
  title: Text
  /** Path in this app. */
  path: string | null
}

export interface StandardHit {
  edition_slug: string
  table: string
  text: Text
}

export interface StandardBrief {
  standard: string
  slug: string
  title: Text
  theme: string
  region: string | null
  editions: EditionBrief[]
  used_by: UsedBy[]
  hits?: StandardHit[]
}

export interface ThemeBrief {
  id: string
  label: Text
}

export interface Library {
  themes: ThemeBrief[]
  standards: StandardBrief[]
}

export interface SheetRow {
  cells: Text[]
  colour: string | null
  /** Where it differs from the table's. */
  status: LawStatus | null
  note: Text | null
}

/** A table of the law as it is read. */
export interface Sheet {
  id: string
  kind: string
  title: Text
  formula: Text | null
  columns: Text[]
  rows: SheetRow[]
  clause: Text
  source: Text
  checked_on: string
  status: LawStatus
  rounding: Text
  note: Text | null
}

export interface EditionPage extends EditionBrief {
  standard: string
  title: Text
  theme: string
  region?: string | null
  tables: Sheet[]
  used_by: UsedBy[]
  editions: EditionBrief[]
}

export interface CompareRow {
  key: Text
  /** An edition a place, in the order asked for; `null` where the edition has no such row. */
  cells: (Text[] | null)[]
  changed: boolean
}

export interface CompareTable {
  id: string
  title: Text
  /** The first columns, which name the row. */
  key_columns: Text[]
  columns: Text[]
  rows: CompareRow[]
}

export interface Comparison {
  editions: EditionBrief[]
  tables: CompareTable[]
}

export interface AssessmentBrief {
  id: string
  theme: string
  title: Text
  about: Text
  standards: string[]
  /** `group`: rows that agree in the columns of `by` are judged together. */
  per: 'row' | 'group'
  by: string[]
}

export interface AssessChoice {
  id: string
  name: Text
}

export interface AssessColumn {
  key: string
  name: Text
  kind: 'number' | 'text' | 'day' | 'choice'
  unit: string | null
  required: boolean
  note: Text | null
  aliases: string[]
  choices: AssessChoice[]
}

export interface AssessmentForm extends AssessmentBrief {
  columns: AssessColumn[]
  figures: { key: string; name: Text }[]
  editions: EditionBrief[]
  example: Record<string, string>[]
}

export interface Figure {
  key: string
  name: Text
  /** Rounded as the rule says, with its digits. */
  value: string
  number: number
  unit: string
}

export interface ClassAnswer {
  id: string
  name: Text
  colour: string | null
}

export interface ItemAnswer {
  key: string
  name: Text
  value: string | null
  unit: string
  limit: Text | null
  class: ClassAnswer | null
  meets: boolean | null
  multiple: string | null
  note: Text | null
}

export interface Answer {
  /** The edition asked for; `null`: the one of the day. */
  asked: string | null
  value: Figure | null
  class: ClassAnswer | null
  meets: boolean | null
  deciding: Text[]
  items: ItemAnswer[]
  figures: Figure[]
  steps: Text[]
  edition: string | null
  status: LawStatus | null
  clause: Text | null
  rounding: Text | null
  excluded: { what: Text; why: Text }[]
  cannot_tell: { code: string; text: Text } | null
}

export interface AssessResult {
  /** Indices of the rows that were judged together. */
  rows: number[]
  answers: Answer[]
}

export interface Assessed {
  results: AssessResult[]
  unknown_columns: string[]
}
