/** What lies above and below a place on the water, in the order the water flows. */
import type { RecordLink } from '../api/types'
import type { GraphFound } from '../api/types.places'

export const keyOf = (link: Pick<RecordLink, 'register' | 'rid'>): string => `${link.register}/${link.rid}`

/** Kinds that put something into the water. */
export const DISCHARGERS: readonly string[] = ['outlet', 'works']

/** How many there are of each kind, the commonest first. */
export function kindCounts(found: readonly GraphFound[]): { kind: string; n: number }[] {
  const n = new Map<string, number>()
  for (const one of found) n.set(one.kind, (n.get(one.kind) ?? 0) + 1)
  return [...n].map(([kind, count]) => ({ kind, n: count })).sort((a, b) => b.n - a.n || a.kind.localeCompare(b.kind))
}

/** One line of the drawing, from the top of the water down. */
export interface FlowRow {
  key: string
  link: RecordLink
  kind: string
  km: number | null
  certain: boolean
  /** 0: the water of the place itself, 1: what flows into that, and so on. */
  lane: number
  where: 'up' | 'self' | 'down'
  /** Here the water of the next lane joins. */
  joins: boolean
  /** It stands beside the water and its water comes in by a pipe or a ditch. */
  beside: boolean
  /** Pipes and outfalls between it and the water. */
  through: RecordLink[]
  /** Lanes whose water already runs above this line. */
  open: number[]
  /** Rows hidden because this water is folded. */
  folded: number
}

const BESIDE = new Set(['outlet', 'works', 'source', 'spring', 'point'])
const far = (one: GraphFound): number => one.km ?? Number.POSITIVE_INFINITY

/**
 * Upstream things as a tree of waters: along each water the farthest stands first, and before a tributary's mouth
 * everything on that tributary. Only what surely lies there and whose distance is known has a place in the drawing.
 */
export function flowRows(self: { link: RecordLink; kind: string }, up: readonly GraphFound[], down: readonly GraphFound[], open: (key: string) => boolean): FlowRow[] {
  const placed = up.filter((one) => one.certain && one.km !== null)
  const rivers = new Set(placed.filter((one) => one.kind === 'river').map((one) => keyOf(one.record)))
  // The waters an item lies on beyond the first: those of its way that are themselves tributaries found upstream.
  const branch = (one: GraphFound): string => one.via.map(keyOf).filter((key) => rivers.has(key)).at(-1) ?? ''
  const on = new Map<string, GraphFound[]>()
  for (const one of placed) on.set(branch(one), [...(on.get(branch(one)) ?? []), one])
  const rows: FlowRow[] = []
  const row = (one: GraphFound, lane: number, where: 'up' | 'down', joins: boolean, folded = 0): FlowRow => ({
    key: `${where}/${keyOf(one.record)}`,
    link: one.record,
    kind: one.kind,
    km: one.km,
    certain: one.certain,
    lane,
    where,
    joins,
    beside: BESIDE.has(one.kind),
    through: one.via.filter((link) => BESIDE.has(placed.find((p) => keyOf(p.record) === keyOf(link))?.kind ?? '')),
    open: [],
    folded,
  })
  const seen = new Set<string>()
  const size = (key: string): number => (on.get(key) ?? []).reduce((n, one) => n + 1 + (one.kind === 'river' && keyOf(one.record) !== key ? size(keyOf(one.record)) : 0), 0)
  function walk(key: string, lane: number): void {
    if (seen.has(key)) return
    seen.add(key)
    for (const one of [...(on.get(key) ?? [])].sort((a, b) => far(b) - far(a))) {
      const own = keyOf(one.record)
      if (one.kind !== 'river') {
        rows.push(row(one, lane, 'up', false))
        continue
      }
      const within = size(own)
      const shown = within > 0 && open(own)
      if (shown) walk(own, lane + 1)
      rows.push(row(one, lane, 'up', true, shown ? 0 : within))
    }
  }
  walk('', 0)
  rows.push({ key: 'self', link: self.link, kind: self.kind, km: 0, certain: true, lane: 0, where: 'self', joins: false, beside: BESIDE.has(self.kind), through: [], open: [], folded: 0 })
  for (const one of [...down].filter((d) => d.certain && d.km !== null).sort((a, b) => far(a) - far(b))) rows.push({ ...row(one, 0, 'down', false), through: [] })
  // A lane runs from its first line down to where it joins.
  const running = new Set<number>()
  for (const one of rows) {
    one.open = [...running].sort((a, b) => a - b)
    running.add(one.lane)
    if (one.joins) for (const lane of [...running]) if (lane > one.lane) running.delete(lane)
  }
  return rows
}
