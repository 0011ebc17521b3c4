/** Editions of the law in time. */
import type { CompareRow, EditionBrief, StandardBrief } from '../api/types'

export type EditionState = 'in_force' | 'future' | 'replaced' | 'alternative'

/** How an edition stands on a day (`YYYY-MM-DD`). */
export function editionState(edition: EditionBrief, today: string): EditionState {
  if (!edition.by_date) return 'alternative'
  if (edition.in_force) return 'in_force'
  return edition.from > today ? 'future' : 'replaced'
}

/** The edition a reader wants first: in force, else the next one, else the last there was. */
export function foremost(editions: EditionBrief[], today: string): EditionBrief | null {
  const of = (state: EditionState): EditionBrief | undefined => editions.find((e) => editionState(e, today) === state)
  return of('in_force') ?? of('future') ?? [...editions].sort((a, b) => b.from.localeCompare(a.from))[0] ?? null
}

/** Newest first. */
export const byDate = (editions: EditionBrief[]): EditionBrief[] => [...editions].sort((a, b) => b.from.localeCompare(a.from) || a.name.localeCompare(b.name))

/** Path of an edition's page, at a table of it. */
export const editionPath = (slug: string, table?: string): string => `/standards/${slug.split('/').map(encodeURIComponent).join('/')}${table ? `#${encodeURIComponent(table)}` : ''}`

/** The worst of what its editions are. */
export const standardStatus = (standard: StandardBrief): 'confirmed' | 'unconfirmed' =>
  standard.editions.some((e) => e.status === 'unconfirmed') ? 'unconfirmed' : 'confirmed'

/** Whether the editions say different things in this column of a row. A row that one lacks differs as a whole. */
export function differs(row: CompareRow, column: number): boolean {
  const texts = row.cells.filter((cells) => cells !== null).map((cells) => cells[column]?.zh.trim() ?? '')
  return new Set(texts).size > 1
}
