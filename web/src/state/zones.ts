/** Every zone that can be drawn: those of the registers of zones, and the strips that are derived from lines. */
import type { Geometry } from 'geojson'
import { computed, ref, shallowRef } from 'vue'
import { getDerivedZones } from '../api/places'
import { getRecords } from '../api/registers'
import type { RegisterDef, Text } from '../api/types'
import type { ZoneRole } from '../api/types.places'
import { isShape, recordTitle } from '../lib/registerValue'
import { loadIndex, loadRegister } from './registers'

export interface DrawnZone {
  register: string
  rid: number
  title: string
  /** Register and kind: what a layer is. */
  layer: string
  from: string | null
  until: string | null
  schematic: boolean
  derived: boolean
  shape: Geometry
}
export interface ZoneLayer {
  id: string
  name: Text
  n: number
}

const MOST = 1000
const AT_ONCE = 6
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function kindName(def: RegisterDef, role: ZoneRole, kind: string | null): Text {
  const value = def.fields.find((f) => f.id === role.kind)?.values?.find((v) => v.id === kind)
  return value?.name ?? role.buffer?.name ?? def.name
}

export function useZones() {
  const zones = shallowRef<DrawnZone[]>([])
  const names = new Map<string, Text>()
  const loading = ref(false)
  let run = 0

  async function drawn(def: RegisterDef, role: ZoneRole): Promise<DrawnZone[]> {
    const out: DrawnZone[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof getRecords>> = await getRecords(def.id, { limit: MOST, after })
      for (const r of page.records) {
        const shape = def.geometry ? r.values[def.geometry] : null
        if (!isShape(shape)) continue
        const kind = role.kind ? text(r.values[role.kind]) : null
        const layer = `${def.id}:${kind ?? ''}`
        names.set(layer, kindName(def, role, kind))
        out.push({ register: def.id, rid: r.rid, title: recordTitle(def, r), layer, from: role.from ? text(r.values[role.from]) : null, until: role.until ? text(r.values[role.until]) : null, schematic: r.schematic, derived: false, shape })
      }
      after = page.next
    } while (after !== null)
    return out
  }
  async function derived(): Promise<DrawnZone[]> {
    const answer = await getDerivedZones()
    const ids = [...new Set(answer.features.map((f) => String(f.properties?.register)))]
    const defs = new Map((await Promise.all(ids.map((id) => loadRegister(id).catch(() => null)))).flatMap((d) => (d ? [[d.id, d] as const] : [])))
    return answer.features.flatMap((f) => {
      const def = defs.get(String(f.properties?.register))
      const kind = text(f.properties?.kind)
      if (!def || !isShape(f.geometry)) return []
      const layer = `${def.id}:${kind ?? ''}`
      names.set(layer, kindName(def, def.zone as ZoneRole, kind))
      return [{ register: def.id, rid: Number(f.properties?.rid), title: String(f.properties?.title ?? ''), layer, from: null, until: null, schematic: f.properties?.schematic === true, derived: true, shape: f.geometry }]
    })
  }
  /** The register of zones first; the others as their definitions come in. */
  async function load(): Promise<void> {
    const own = ++run
    loading.value = true
    zones.value = []
    const add = (more: DrawnZone[]): void => {
      if (own === run && more.length > 0) zones.value = [...zones.value, ...more]
    }
    try {
      const index = await loadIndex()
      const wanted = index.registers.filter((r) => r.has_geometry && r.count > 0).sort((a, b) => Number(b.group === 'zones') - Number(a.group === 'zones'))
      const queue = wanted.map((r) => r.id)
      const worker = async (): Promise<void> => {
        for (let id = queue.shift(); id !== undefined && own === run; id = queue.shift()) {
          const def = await loadRegister(id).catch(() => null)
          const role = def?.zone as ZoneRole | null | undefined
          if (def && role && !role.buffer) add(await drawn(def, role).catch(() => []))
        }
      }
      await Promise.all([derived().then(add, () => undefined), ...Array.from({ length: AT_ONCE }, worker)])
    } finally {
      if (own === run) loading.value = false
    }
  }
  const layers = computed<ZoneLayer[]>(() => {
    const n = new Map<string, number>()
    for (const z of zones.value) n.set(z.layer, (n.get(z.layer) ?? 0) + 1)
    return [...n].map(([id, count]) => ({ id, n: count, name: names.get(id) ?? { zh: id, en: id } }))
  })
  return { zones, layers, loading, load }
}
