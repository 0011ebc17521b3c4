/** Which column of a file goes into which field. */
import type { Field, RegisterDef } from '../api/types'

export type Mapping = Record<string, string>

/** Fields a column can go into. */
export const targets = (def: RegisterDef): Field[] => def.fields.filter((f) => f.type !== 'computed' && def.may.writable.includes(f.id))

/** Fields that two columns want. */
export function twice(mapping: Mapping): string[] {
  const seen = new Map<string, number>()
  for (const field of Object.values(mapping)) if (field) seen.set(field, (seen.get(field) ?? 0) + 1)
  return [...seen].filter(([, n]) => n > 1).map(([field]) => field)
}

/** Required fields no column goes into. */
export const missing = (def: RegisterDef, mapping: Mapping): Field[] => def.fields.filter((f) => f.required && f.type !== 'computed' && !Object.values(mapping).includes(f.id))

/** Only the columns that go somewhere. */
export const kept = (mapping: Mapping): Mapping => Object.fromEntries(Object.entries(mapping).filter(([, field]) => field !== ''))
