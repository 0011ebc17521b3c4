import { describe, expect, it } from 'vitest'
import type { ChainFinding, EnterpriseStation, FileSection, GraphFound } from '../src/api/types.places'
import { findingCounts, holderKey, isDay, isStill, orderFindings, yearStart } from '../src/lib/custody'
import { fileGroups, fileStations } from '../src/lib/enterpriseFile'
import { flowRows, kindCounts } from '../src/lib/waters'
import { holdsOn, readAt, writeAt } from '../src/lib/zones'

const link = (register: string, rid: number) => ({ register, rid, key: `${register}-${rid}`, title: `${register} ${rid}` })
const found = (register: string, rid: number, kind: string, km: number | null, via: ReturnType<typeof link>[] = [], certain = true): GraphFound => ({ record: link(register, rid), kind, km, certain, hops: via.length, via })

describe('the drawing of the water', () => {
  const main = link('rivers', 1)
  const side = link('rivers', 2)
  const up = [
    found('outfalls', 1, 'outlet', 2, [main]),
    found('outlets', 9, 'outlet', 3, [main, link('outfalls', 1)]),
    found('rivers', 2, 'river', 10, [main]),
    found('outfalls', 2, 'outlet', 14, [main, side]),
    found('sections', 7, 'section', 12, [main, side]),
    found('outfalls', 3, 'outlet', 20, [main]),
    found('outfalls', 4, 'outlet', null, [main]),
    found('outfalls', 5, 'outlet', 5, [main], false),
  ]
  const down = [found('rivers', 1, 'river', 30), found('sections', 8, 'section', 12, [main])]
  const rows = flowRows({ link: link('sections', 1), kind: 'section' }, up, down, () => true)

  it('runs from the farthest above to the farthest below; a tributary stands whole above its mouth', () => {
    expect(rows.map((r) => r.key)).toEqual(['up/outfalls/3', 'up/outfalls/2', 'up/sections/7', 'up/rivers/2', 'up/outlets/9', 'up/outfalls/1', 'self', 'down/sections/8', 'down/rivers/1'])
    expect(rows.map((r) => r.lane)).toEqual([0, 1, 1, 0, 0, 0, 0, 0, 0])
  })
  it('leaves out what cannot be placed', () => {
    expect(rows.some((r) => r.link.rid === 4 || r.link.rid === 5)).toBe(false)
  })
  it('keeps a lane open until it joins', () => {
    const mouth = rows.find((r) => r.key === 'up/rivers/2')!
    expect(mouth.joins).toBe(true)
    expect(mouth.open).toEqual([0, 1])
    expect(rows[rows.indexOf(mouth) + 1]!.open).toEqual([0])
  })
  it('names the outfall a pipe goes through', () => {
    expect(rows.find((r) => r.key === 'up/outlets/9')!.through.map((l) => l.rid)).toEqual([1])
  })
  it('folds a tributary and says how much is in it', () => {
    const folded = flowRows({ link: link('sections', 1), kind: 'section' }, up, down, () => false)
    expect(folded.find((r) => r.key === 'up/rivers/2')!.folded).toBe(2)
    expect(folded.some((r) => r.key === 'up/outfalls/2')).toBe(false)
  })
  it('does not run for ever when waters are written in a circle', () => {
    const round = [found('rivers', 1, 'river', 1, [side]), found('rivers', 2, 'river', 2, [main])]
    expect(flowRows({ link: link('sections', 1), kind: 'section' }, round, [], () => true).at(-1)!.key).toBe('self')
  })
  it('counts kinds', () => {
    expect(kindCounts(up)[0]).toEqual({ kind: 'outlet', n: 6 })
  })
})

describe('the file of an enterprise', () => {
  const station = (code: string, record: ReturnType<typeof link>, outlet = true) => ({ station: { code }, record, devices: [], now: outlet ? { rows: [], loads: { today_kg: {}, month_kg: {} } } : null, over: [] }) as unknown as EnterpriseStation
  it('shows a station once, with every record that names it, outlets first', () => {
    const list = fileStations([station('air', link('fences', 1), false), station('w1', link('online-links', 3)), station('w1', link('outlets', 1))])
    expect(list.map((s) => s.station.code)).toEqual(['w1', 'air'])
    expect(list[0]!.records.map((r) => r.register)).toEqual(['outlets', 'online-links'])
  })
  it('orders groups as the menu and names the empty ones apart', () => {
    const section = (register: string, group: string, total: number) => ({ register, group, total }) as FileSection
    const groups = ['enterprise', 'air', 'water'].map((id) => ({ id, name: { zh: id, en: id } }))
    const answer = fileGroups([section('a', 'water', 2), section('b', 'enterprise', 1), section('c', 'water', 3), section('d', 'air', 0)], groups)
    expect(answer.groups.map((g) => [g.id, g.records])).toEqual([['enterprise', 1], ['water', 5]])
    expect(answer.empty).toEqual(['air'])
  })
})

describe('custody chains', () => {
  const finding = (kind: ChainFinding['kind'], difference: number | null = null): ChainFinding => ({ kind, record: null, holder: null, what: null, sent: null, received: null, difference, on: null })
  it('put what cannot be before what differs, the largest difference first', () => {
    const list = orderFindings([finding('difference', 0.1), finding('unknown'), finding('difference', -3), finding('negative_stock', -1)])
    expect(list.map((f) => [f.kind, f.difference])).toEqual([['negative_stock', -1], ['difference', -3], ['difference', 0.1], ['unknown', null]])
    expect(findingCounts(list)).toEqual([{ kind: 'negative_stock', n: 1 }, { kind: 'difference', n: 2 }, { kind: 'unknown', n: 1 }])
  })
  it('know a line in which nothing moved, and a holder without a record', () => {
    const holder = { record: null, name: 'X' }
    expect(isStill({ holder, what: 'a', opening: null, came: 0, went: 0, stock: null, under_way: 0 })).toBe(true)
    expect(isStill({ holder, what: 'a', opening: null, came: 0, went: 0, stock: null, under_way: 1 })).toBe(false)
    expect(holderKey(holder)).toBe('X')
    expect(holderKey({ record: link('enterprises', 2), name: 'Y' })).toBe('enterprises/2')
  })
  it('read days', () => {
    expect(yearStart('2026-11-24')).toBe('2026-01-01')
    expect(isDay('2026-02-29')).toBe(false)
    expect(isDay('2024-02-29')).toBe(true)
  })
})

describe('zones', () => {
  it('hold from the first to the last day', () => {
    expect(holdsOn('2026-05-01', '2026-05-01', '2026-05-01')).toBe(true)
    expect(holdsOn('2026-05-02', '2026-05-01', '2026-05-01')).toBe(false)
    expect(holdsOn('2026-04-30', '2026-05-01', null)).toBe(false)
    expect(holdsOn('2026-04-30', null, null)).toBe(true)
  })
  it('are asked at a place of the address', () => {
    expect(readAt('112.43, 39.33')).toEqual([112.43, 39.33])
    expect(readAt('112.43')).toBeNull()
    expect(readAt('x,y')).toBeNull()
    expect(readAt(writeAt([112.4300012, 39.33]))).toEqual([112.43, 39.33])
  })
})
