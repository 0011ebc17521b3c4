/** Values of records as people read them. Names of areas, parameters and stations come from whoever calls. */
import type { Geometry } from 'geojson'
import type { Field, FieldValue, FileRef, RecordLink, RegisterDef, RegRecord, Text } from '../api/types'
import { fixed, plain } from './format'
import { dateTime, parseTime } from './time'

export interface Names {
  lang: 'zh' | 'en'
  now: number
  area: (code: string) => string
  parameter: (code: string) => string
  station: (code: string) => string
  yes: string
  no: string
  /** How a number of files is said. */
  files: (n: number) => string
  shape: (type: string) => string
}

export const isEmpty = (value: FieldValue | undefined): boolean => value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
export const isLink = (value: unknown): value is RecordLink => typeof value === 'object' && value !== null && 'register' in value && 'rid' in value
export const isFile = (value: unknown): value is FileRef => typeof value === 'object' && value !== null && 'hash' in value
export const isShape = (value: unknown): value is Geometry => typeof value === 'object' && value !== null && !Array.isArray(value) && 'type' in value && ('coordinates' in value || 'geometries' in value)

export const links = (value: FieldValue | undefined): RecordLink[] => (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isLink)
export const files = (value: FieldValue | undefined): FileRef[] => (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isFile)
export const texts = (value: FieldValue | undefined): string[] => (Array.isArray(value) ? (value as unknown[]) : [value]).filter((v): v is string => typeof v === 'string' && v !== '')

export const inLang = (text: Text | null | undefined, lang: 'zh' | 'en'): string => (text ? text[lang] || text.zh || text.en : '')

/** The kind a value is shown as: a computed field looks like what it gives. */
export const shownType = (field: Field): string => (field.type === 'computed' ? (field.gives ?? 'text') : field.type)
export const isNumeric = (field: Field): boolean => ['number', 'integer'].includes(shownType(field))

/** The value as one line of text; empty where nothing is known. */
export function valueText(field: Field, value: FieldValue | undefined, names: Names): string {
  if (isEmpty(value)) return ''
  switch (shownType(field)) {
    case 'number':
      return typeof value === 'number' ? (field.digits === null || field.digits === undefined ? plain(value, 7) : fixed(value, field.digits)) : String(value)
    case 'integer':
      return typeof value === 'number' ? fixed(value, 0) : String(value)
    case 'boolean':
      return value === true ? names.yes : names.no
    case 'time': {
      const ms = parseTime(String(value))
      return ms === null ? String(value) : dateTime(ms, names.now)
    }
    case 'enum':
      return texts(value)
        .map((id) => inLang(field.values?.find((v) => v.id === id)?.name, names.lang) || id)
        .join(names.lang === 'zh' ? '、' : ', ')
    case 'parameter':
      return texts(value)
        .map(names.parameter)
        .join(names.lang === 'zh' ? '、' : ', ')
    case 'area':
      return names.area(String(value))
    case 'station':
      return names.station(String(value))
    case 'reference':
      return links(value)
        .map((l) => l.title || l.key)
        .join(names.lang === 'zh' ? '、' : ', ')
    case 'attachment':
      return names.files(files(value).length)
    case 'geometry':
      return isShape(value) ? names.shape(value.type) : ''
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}

/** What a record is called. */
export function recordTitle(def: RegisterDef, record: Pick<RegRecord, 'rid' | 'values'>): string {
  const title = record.values[def.title]
  const key = record.values[def.key]
  return (typeof title === 'string' && title) || (typeof key === 'string' && key) || `#${record.rid}`
}

export type DueState = 'none' | 'later' | 'soon' | 'over'
const SOON_DAYS = 30

/** How a due day stands to today (both `YYYY-MM-DD`), and by how many days. */
export function dueState(due: string | null | undefined, today: string): { state: DueState; days: number } {
  if (!due) return { state: 'none', days: 0 }
  const days = Math.round((Date.parse(`${due}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000)
  return { state: days < 0 ? 'over' : days <= SOON_DAYS ? 'soon' : 'later', days: Math.abs(days) }
}

/** The record as it was after each event, newest first: what later events changed is undone. */
export function versionsOf(record: RegRecord, events: { seq: number; changes: { field: string; before: FieldValue; after: FieldValue }[] }[]): { seq: number; values: Record<string, FieldValue> }[] {
  const newestFirst = [...events].sort((a, b) => b.seq - a.seq)
  let values = { ...record.values }
  return newestFirst.map((event) => {
    const here = { seq: event.seq, values }
    values = { ...values, ...Object.fromEntries(event.changes.map((c) => [c.field, c.before])) }
    return here
  })
}
