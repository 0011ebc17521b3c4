import { computed, shallowRef } from 'vue'
import { get } from '../api/client'
import type { EditionBrief, Library, StandardBrief } from '../api/types'
import { tx } from './city'

/** The standards by name, asked for once: answers and pages name editions everywhere. */

const library = shallowRef<Library | null>(null)
let asked = false

export function loadLibrary(): void {
  if (asked) return
  asked = true
  get<Library>('/standards').then(
    (answer) => (library.value = answer),
    () => (asked = false),
  )
}

const editions = computed(() => {
  const of = new Map<string, { edition: EditionBrief; standard: StandardBrief }>()
  for (const standard of library.value?.standards ?? []) for (const edition of standard.editions) of.set(edition.id, { edition, standard })
  return of
})
const standards = computed(() => new Map((library.value?.standards ?? []).map((s) => [s.standard, s])))

/** Documents without a number go by a word in the files; people know them by their title. */
export const isNumbered = (standard: string): boolean => /^[A-Z]/.test(standard)

/** `GB 3838`, or the title of a document that has no number. */
export const standardName = (standard: string): string => (isNumbered(standard) ? standard : tx(standards.value.get(standard)?.title) || standard)

/** `GB 3838-2002`, or the title and the edition of a document that has no number. */
export function editionName(id: string | null | undefined): string {
  if (!id) return ''
  const found = editions.value.get(id)
  if (!found || isNumbered(found.standard.standard)) return id
  return `${tx(found.standard.title)} (${found.edition.name})`
}

export const editionSlug = (id: string | null | undefined): string | null => (id ? (editions.value.get(id)?.edition.slug ?? null) : null)

/** A text of the law in which documents without a number go by their title, and an edition named twice running is named once. */
export function lawText(text: string): string {
  let last = ''
  const parts = text.split(/(\uff1b|; )/).map((part) => {
    const id = [...editions.value.keys()].filter((known) => part.startsWith(known)).sort((a, b) => b.length - a.length)[0]
    if (!id) return part
    if (id === last) return part.slice(id.length).trimStart()
    last = id
    return part
  })
  let out = parts.join('')
  for (const [id, { standard }] of editions.value) if (!isNumbered(standard.standard) && out.includes(id)) out = out.replaceAll(id, editionName(id))
  return out
}
