/** Names for the things of a custody chain, in the language of the screen. */
import type { RegisterDef } from '../api/types'
import type { ChainRole } from '../api/types.places'
import { tx } from './city'
import { linkOf } from './registers'

/** What was handed over: the name of a listed value, the title of a record (`#7`), or the text itself. */
export function thingText(def: RegisterDef, what: string): string {
  const field = def.fields.find((f) => f.id === (def.chain as ChainRole | null)?.what)
  const value = field?.values?.find((v) => v.id === what)
  if (value) return tx(value.name)
  const rid = /^#(\d+)$/.exec(what)
  return rid && field?.to ? linkOf(field.to, Number(rid[1])).title : what
}
