import { describe, expect, it } from 'vitest'
import { frameParts } from '../src/lib/frame'
import { lineWithGaps, nearest, usualStep, type Point } from '../src/lib/gaps'
import { frameDetail } from '../src/lib/normal'
import { spread } from '../src/lib/spread'

const p = (t: number, v: number | null, valid = true): Point => ({ t, v, valid })

describe('curves with gaps', () => {
  it('breaks where time is missing', () => {
    expect(lineWithGaps([p(0, 1), p(10, 2), p(20, 3), p(50, 4)])).toEqual([[0, 1], [10, 2], [20, 3], [30, null], [50, 4]])
  })
  it('breaks at invalid and absent values', () => {
    expect(lineWithGaps([p(0, 1), p(10, 99, false), p(20, null), p(30, 4)])).toEqual([[0, 1], [10, null], [20, null], [30, 4]])
  })
  it('finds the usual step in spite of gaps', () => {
    expect(usualStep([p(0, 1), p(10, 1), p(20, 1), p(120, 1), p(130, 1)])).toBe(10)
    expect(usualStep([p(0, 1)])).toBeNull()
  })
  it('finds the nearest point with a value within reach', () => {
    const points = [p(0, 1), p(10, null), p(20, 3)]
    expect(nearest(points, 12, 10)?.t).toBe(20)
    expect(nearest(points, 500, 10)).toBeNull()
  })
})

describe('a packet in parts', () => {
  const text = '##0101QN=20160801085857223;ST=32;CN=2011;CP=&&DataTime=20160801085857;w01018-Rtd=3.5,w01018-Flag=N&&1C80'
  it('loses no character', () => {
    for (const frame of [text, '', '##', 'garbage', '##12;;=,&&', '&&&&']) {
      expect(frameParts(frame).map((x) => x.text).join('')).toBe(frame)
    }
  })
  it('tells values from keys', () => {
    const parts = frameParts(text)
    expect(parts[0]).toEqual({ kind: 'mark', text: '##0101' })
    expect(parts.at(-1)).toEqual({ kind: 'mark', text: '1C80' })
    expect(parts.filter((x) => x.kind === 'value').map((x) => x.text)).toContain('3.5')
  })
})

describe('a frame of the API', () => {
  it('has codes and particulars whichever way the defects come', () => {
    const detail = frameDetail({ id: 1, defects: [{ code: 'bad_crc', detail: 'x' }, 'odd'] })
    expect(detail.defects).toEqual(['bad_crc', 'odd'])
    expect(detail.defect_details).toEqual([{ code: 'bad_crc', detail: 'x' }, { code: 'odd', detail: '' }])
    expect(frameDetail({ id: 2 }).readings).toEqual([])
  })
})

describe('marks on the map', () => {
  it('do not cover each other and stay near', () => {
    const bodies = Array.from({ length: 5 }, (_, i) => ({ x: 100 + i * 3, y: 100, r: 16, give: 1 }))
    const at = spread(bodies).map(([dx, dy], i) => [bodies[i]!.x + dx, bodies[i]!.y + dy] as const)
    for (let i = 0; i < at.length; i++) {
      for (let j = i + 1; j < at.length; j++) expect(Math.hypot(at[i]![0] - at[j]![0], at[i]![1] - at[j]![1])).toBeGreaterThan(30)
      expect(Math.hypot(at[i]![0] - bodies[i]!.x, at[i]![1] - bodies[i]!.y)).toBeLessThan(90)
    }
  })
  it('leave alone what does not overlap, and what may not give way', () => {
    expect(spread([{ x: 0, y: 0, r: 5, give: 1 }, { x: 100, y: 0, r: 5, give: 1 }])).toEqual([[0, 0], [0, 0]])
    const [fixed, loose] = spread([{ x: 0, y: 0, r: 10, give: 0 }, { x: 1, y: 0, r: 10, give: 1 }])
    expect(fixed).toEqual([0, 0])
    expect(Math.hypot(...loose!)).toBeGreaterThan(18)
  })
})
