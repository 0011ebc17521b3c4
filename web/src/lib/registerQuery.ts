/** What a list shows, as it stands in the address and as the API is asked. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Query } from '../api/client'
import type { Field, RegisterDef } from '../api/types'

export const OPS = ['eq', 'ne', 'in', 'lt', 'le', 'gt', 'ge', 'has', 'empty', 'filled'] as const
export type Op = (typeof OPS)[number]

export interface Where {
  field: string
  op: Op
  value: string
}

/** Columns every record has, beside the fields of its definition. */
export const STATE = '_state'
export const CHANGED = '_changed_at'
export const DUE = '_due'

export interface ListState {
  words: string
  where: Where[]
  /** west, south, east, north */
  bbox: [number, number, number, number] | null
  /** `overdue`, or within how many days. */
  due: string
  /** `YYYY-MM-DD`; empty: as it is now. */
  asOf: string
  retired: boolean
  /** `-flow,code`; empty: what is due first. */
  sort: string
  /** Ids of the columns; empty: what the definition lists. */
  columns: string[]
}

export const NOTHING: ListState = { words: '', where: [], bbox: null, due: '', asOf: '', retired: false, sort: '', columns: [] }

const first = (value: unknown): string => (Array.isArray(value) ? String(value[0] ?? '') : typeof value === 'string' ? value : '')
const every = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === 'string' && v !== '')

/** `flow:ge:3.2`; a value may hold colons of its own. */
export function parseWhere(text: string): Where | null {
  const [field, op, ...rest] = text.split(':')
  if (!field || !op || !(OPS as readonly string[]).includes(op)) return null
  const value = rest.join(':')
  if (op !== 'empty' && op !== 'filled' && value === '') return null
  return { field, op: op as Op, value: op === 'empty' || op === 'filled' ? '' : value }
}
export const whereText = (w: Where): string => (w.op === 'empty' || w.op === 'filled' ? `${w.field}:${w.op}` : `${w.field}:${w.op}:${w.value}`)

/** Several values in one condition. A bar inside a value cannot be said, so it is left out. */
export const joinValues = (values: readonly string[]): string => values.map((v) => v.replaceAll('|', '')).join('|')
export const splitValues = (value: string): string[] => value.split('|').filter(Boolean)

export function parseBounds(text: string): ListState['bbox'] {
  const n = text.split(',').map(Number)
  if (n.length !== 4 || n.some((v) => !Number.isFinite(v))) return null
  const [w, s, e, north] = n as [number, number, number, number]
  return w < e && s < north ? [w, s, e, north] : null
}
export const boundsText = (box: ListState['bbox']): string => (box ? box.map((v) => String(Number(v.toFixed(5)))).join(',') : '')

export function fromAddress(query: LocationQuery): ListState {
  const asOf = first(query.as_of)
  return {
    words: first(query.q),
    where: every(query.where).map(parseWhere).filter((w) => w !== null),
    bbox: parseBounds(first(query.bbox)),
    due: /^(overdue|\d{1,4})$/.test(first(query.due)) ? first(query.due) : '',
    asOf: /^\d{4}-\d{2}-\d{2}$/.test(asOf) ? asOf : '',
    retired: first(query.retired) === 'true',
    sort: first(query.sort),
    columns: first(query.cols).split(',').filter(Boolean),
  }
}

const OURS = ['q', 'where', 'bbox', 'due', 'as_of', 'retired', 'sort', 'cols']

/** The address with this state; what is not ours in it stays. */
export function toAddress(state: ListState, before: LocationQuery = {}): LocationQueryRaw {
  const out: LocationQueryRaw = Object.fromEntries(Object.entries(before).filter(([key]) => !OURS.includes(key)))
  if (state.words) out.q = state.words
  if (state.where.length > 0) out.where = state.where.map(whereText)
  if (state.bbox) out.bbox = boundsText(state.bbox)
  if (state.due) out.due = state.due
  if (state.asOf) out.as_of = state.asOf
  if (state.retired) out.retired = 'true'
  if (state.sort) out.sort = state.sort
  if (state.columns.length > 0) out.cols = state.columns.join(',')
  return out
}

/** Whether what is overdue can be told at all. */
export const hasDue = (def: RegisterDef): boolean => def.review !== null || (def.lifecycle?.states.some((s) => s.deadline !== null) ?? false)

/** What stands first when nobody sorted: for the office what is overdue, for others by key, where they may read it. */
export const defaultSort = (def: RegisterDef, staff: boolean): string => (staff && hasDue(def) ? DUE : def.may.hidden.includes(def.key) ? '' : def.key)

/** The filter as the API takes it, for the list, the map and the export alike. */
export function filterQuery(state: ListState): Query {
  return {
    words: state.words,
    where: state.where.map(whereText),
    bbox: boundsText(state.bbox),
    due: state.due,
    as_of: state.asOf,
    ...(state.retired ? { retired: true } : {}),
  }
}
export function listQuery(state: ListState, def: RegisterDef, page: { after: string | null; limit: number }, staff: boolean): Query {
  return { ...filterQuery(state), sort: state.sort || defaultSort(def, staff), after: page.after, limit: page.limit, ...(page.after === null ? { total: true } : {}) }
}

/** Replaces the conditions on a field. */
export const withField = (where: readonly Where[], field: string, fresh: readonly Where[]): Where[] => [...where.filter((w) => w.field !== field), ...fresh]

export interface SortKey {
  field: string
  descending: boolean
}
export const parseSort = (text: string): SortKey[] =>
  text
    .split(',')
    .filter((part) => part !== '' && part !== '-')
    .map((part) => ({ field: part.replace(/^-/, ''), descending: part.startsWith('-') }))
export const sortText = (keys: readonly SortKey[]): string => keys.map((k) => (k.descending ? `-${k.field}` : k.field)).join(',')

/** A click on a head: up, down, as it was; with `add` beside what is sorted already. */
export function nextSort(text: string, field: string, add = false): string {
  const keys = parseSort(text)
  const own = keys.find((k) => k.field === field)
  const others = add ? keys.filter((k) => k.field !== field) : []
  if (!own) return sortText([...others, { field, descending: false }])
  if (!own.descending) return add ? sortText(keys.map((k) => (k === own ? { ...k, descending: true } : k))) : sortText([{ field, descending: true }])
  return sortText(others)
}

/** How a field is filtered. */
export type FilterKind = 'choice' | 'range' | 'days' | 'area' | 'reference' | 'parameter' | 'text' | 'yesno' | 'presence'

export function filterKind(field: Field): FilterKind {
  switch (field.type) {
    case 'enum':
      return 'choice'
    case 'number':
    case 'integer':
      return 'range'
    case 'date':
    case 'time':
      return 'days'
    case 'boolean':
      return 'yesno'
    case 'area':
      return 'area'
    case 'reference':
      return 'reference'
    case 'parameter':
      return 'parameter'
    case 'text':
    case 'long_text':
    case 'station':
      return 'text'
    case 'computed':
      return field.gives === 'number' || field.gives === 'integer' ? 'range' : field.gives === 'date' ? 'days' : field.gives === 'boolean' ? 'yesno' : 'text'
    default:
      return 'presence'
  }
}

/** The two ends of a range among the conditions on a field. */
export function rangeOf(where: readonly Where[], field: string): { from: string; to: string } {
  const of = (op: Op): string => where.find((w) => w.field === field && w.op === op)?.value ?? ''
  return { from: of('ge'), to: of('le') }
}
export function rangeWhere(field: string, from: string, to: string): Where[] {
  return [...(from ? [{ field, op: 'ge' as const, value: from }] : []), ...(to ? [{ field, op: 'le' as const, value: to }] : [])]
}
/** The values chosen for a field. */
export const chosen = (where: readonly Where[], field: string): string[] => where.filter((w) => w.field === field && (w.op === 'in' || w.op === 'eq')).flatMap((w) => splitValues(w.value))
export const choiceWhere = (field: string, values: readonly string[]): Where[] => (values.length === 0 ? [] : [{ field, op: values.length === 1 ? 'eq' : 'in', value: joinValues(values) }])
