import { shallowRef } from 'vue'
import { get } from '../api/client'
import type { DefectKind } from '../api/types'
import { tx } from './city'

/** Names and meanings of the faults a packet can have. */
const kinds = shallowRef(new Map<string, DefectKind>())
let asked = false

export function loadDefects(): void {
  if (asked) return
  asked = true
  get<DefectKind[]>('/defects').then(
    (list) => (kinds.value = new Map(list.map((k) => [k.code, k]))),
    () => (asked = false),
  )
}

export const defectName = (code: string): string => tx(kinds.value.get(code)?.name) || code
export const defectMeaning = (code: string): string => tx(kinds.value.get(code)?.meaning)
