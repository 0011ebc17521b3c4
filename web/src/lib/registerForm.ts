/** The form of a record, from the definition of its register. */
import type { Fault, Field, FieldValue, Lifecycle, RegisterDef, RegRecord, Text, Transition } from '../api/types'
import { files, isEmpty, isLink, links } from './registerValue'

export interface Section {
  name: Text | null
  fields: Field[]
}

/** Fields that stand together; the heading holds until the next. */
export function sectionsOf(fields: readonly Field[]): Section[] {
  const out: Section[] = []
  let heading: Text | null = null
  for (const field of fields) {
    if (field.section) heading = field.section
    const last = out.at(-1)
    if (last && last.name?.zh === heading?.zh) last.fields.push(field)
    else out.push({ name: heading, fields: [field] })
  }
  return out
}

/** Values under the fingers: texts of inputs, lists, shapes. Numbers are kept as typed until they are sent. */
export type Draft = Record<string, FieldValue>

export const isComputed = (field: Field): boolean => field.type === 'computed'

export function draftOf(def: RegisterDef, record: RegRecord | null): Draft {
  return Object.fromEntries(def.fields.filter((f) => !isComputed(f)).map((f) => [f.id, record?.values[f.id] ?? (f.many || f.type === 'attachment' ? [] : null)]))
}

/** A number as people type it: full-width digits, thousands' commas and the true minus are understood. */
export function readNumber(text: string): number | null {
  const clean = text
    .normalize('NFKC')
    .trim()
    .replace(/−/g, '-')
    .replace(/(?<=\d),(?=\d{3}(\D|$))/g, '')
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(clean)) return null
  const n = Number(clean)
  return Number.isFinite(n) ? n : null
}

/** What is sent for a field. */
export function sent(field: Field, value: FieldValue | undefined): unknown {
  if (isEmpty(value)) return field.many || field.type === 'attachment' ? [] : null
  switch (field.type) {
    case 'number':
    case 'integer':
      return typeof value === 'string' ? (readNumber(value) ?? value) : value
    case 'reference': {
      const rids = Array.isArray(value) ? links(value).map((l) => l.rid) : []
      return field.many ? rids : isLink(value) ? value.rid : value
    }
    case 'attachment':
      return files(value).map((f) => f.hash)
    case 'text':
      return typeof value === 'string' ? value.trim() : value
    default:
      return value
  }
}
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Only what differs from what the record says. */
export function changed(def: RegisterDef, before: Draft, now: Draft): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of def.fields) {
    if (isComputed(field)) continue
    const fresh = sent(field, now[field.id])
    if (!same(fresh, sent(field, before[field.id]))) out[field.id] = fresh
  }
  return out
}
/** Every filled field. */
export function whole(def: RegisterDef, draft: Draft): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of def.fields) if (!isComputed(field) && !isEmpty(draft[field.id])) out[field.id] = sent(field, draft[field.id])
  return out
}

export type Words = (key: string, holes: Record<string, string | number>) => Text

const TEXT_MAX = 500
const LONG_MAX = 20_000

/** What can be told here and now; the server tells the rest. */
export function localFaults(def: RegisterDef, draft: Draft, words: Words): Fault[] {
  const out: Fault[] = []
  const say = (field: Field, code: string, holes: Record<string, string | number> = {}): void => {
    const text = words(code, holes)
    out.push({ field: field.id, code, ...text })
  }
  for (const field of def.fields) {
    if (isComputed(field)) continue
    const value = draft[field.id]
    if (isEmpty(value) || (typeof value === 'string' && value.trim() === '')) {
      if (field.required) say(field, 'required')
      continue
    }
    if (field.type === 'number' || field.type === 'integer') {
      const n = typeof value === 'number' ? value : readNumber(String(value))
      if (n === null) say(field, 'not_number')
      else if (field.type === 'integer' && !Number.isInteger(n)) say(field, 'not_whole')
      else if (typeof field.min === 'number' && n < field.min) say(field, 'below', { min: field.min })
      else if (typeof field.max === 'number' && n > field.max) say(field, 'above', { max: field.max })
    } else if ((field.type === 'text' || field.type === 'long_text') && typeof value === 'string') {
      const most = field.type === 'text' ? (field.max_length ?? TEXT_MAX) : LONG_MAX
      if ([...value.trim()].length > most) say(field, 'too_long', { max: most })
      else if (field.pattern && !matches(field.pattern, value.trim())) say(field, 'pattern')
    }
  }
  return out
}

/** The patterns are Rust's; where the browser cannot read one, the server judges. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text)
  } catch {
    return true
  }
}

/** Faults by field; the server's word replaces ours on the same matter. */
export function mergeFaults(local: readonly Fault[], server: readonly Fault[]): Map<string, Fault[]> {
  const out = new Map<string, Fault[]>()
  for (const fault of [...local, ...server]) {
    const key = fault.field
    const list = out.get(key) ?? []
    if (!list.some((f) => f.code === fault.code || f.zh === fault.zh)) out.set(key, [...list, fault])
  }
  return out
}

/** The steps a record in this state may take. */
export const transitionsFrom = (lifecycle: Lifecycle | null, state: string | null): Transition[] => (lifecycle && state !== null ? lifecycle.transitions.filter((t) => t.from.includes(state)) : [])

/** The fields a step needs that the record lacks. */
export function lacking(def: RegisterDef, transition: Transition, values: Record<string, FieldValue>): Field[] {
  return [...new Set([...transition.requires, ...transition.evidence])].flatMap((id) => {
    const field = def.fields.find((f) => f.id === id)
    return field && isEmpty(values[id]) ? [field] : []
  })
}

/** Prefilled fields of the address: `set.river=12`. */
export function presets(query: Record<string, unknown>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [key, value] of Object.entries(query)) {
    const one = Array.isArray(value) ? value[0] : value
    if (key.startsWith('set.') && typeof one === 'string' && one) out[key.slice(4)] = one
  }
  return out
}

/** The fields in which another person's change and ours differ, or that they changed. */
export function clashes(def: RegisterDef, base: Draft, ours: Draft, theirs: Draft): { field: Field; base: FieldValue; ours: FieldValue; theirs: FieldValue; both: boolean }[] {
  return def.fields.flatMap((field) => {
    if (isComputed(field)) return []
    const [b, o, t] = [base, ours, theirs].map((d) => d[field.id] ?? null) as [FieldValue, FieldValue, FieldValue]
    const [sb, so, st] = [b, o, t].map((v) => sent(field, v))
    if (same(sb, st)) return []
    return [{ field, base: b, ours: o, theirs: t, both: !same(sb, so) && !same(so, st) }]
  })
}
