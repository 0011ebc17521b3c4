/** The file of an enterprise, put in order for reading. */
import type { NamedId, RecordLink } from '../api/types'
import type { EnterpriseStation, FileSection } from '../api/types.places'

export interface FileStation extends EnterpriseStation {
  /** Every record that names the station. */
  records: RecordLink[]
}

/** Each station once, outlets before the rest, with every record that names it; the register of outlets first. */
export function fileStations(given: readonly EnterpriseStation[]): FileStation[] {
  const by = new Map<string, FileStation>()
  for (const one of given) {
    const known = by.get(one.station.code)
    if (known) known.records.push(one.record)
    else by.set(one.station.code, { ...one, records: [one.record] })
  }
  for (const one of by.values()) one.records.sort((a, b) => Number(b.register === 'outlets') - Number(a.register === 'outlets'))
  return [...by.values()].sort((a, b) => Number(b.now !== null) - Number(a.now !== null) || a.station.code.localeCompare(b.station.code))
}

export interface FileGroup {
  id: string
  sections: FileSection[]
  records: number
}

/** Sections under their groups, in the order of the menu; groups of which nothing is on file are named apart. */
export function fileGroups(sections: readonly FileSection[], groups: readonly NamedId[]): { groups: FileGroup[]; empty: string[] } {
  const by = new Map<string, FileSection[]>()
  for (const section of sections) if (section.total > 0) by.set(section.group, [...(by.get(section.group) ?? []), section])
  const known = groups.map((g) => g.id)
  const order = [...known, ...[...by.keys()].filter((g) => !known.includes(g))]
  return {
    groups: order.flatMap((id) => {
      const list = by.get(id)
      return list ? [{ id, sections: list, records: list.reduce((n, s) => n + s.total, 0) }] : []
    }),
    empty: known.filter((id) => !by.has(id)),
  }
}
