import { describe, expect, it } from 'vitest'
import type { EditionBrief } from '../src/api/types'
import { byDate, differs, editionPath, editionState, foremost } from '../src/lib/law'

const edition = (name: string, more: Partial<EditionBrief> = {}): EditionBrief => ({
  id: `GB 1-${name}`, slug: `gb-1/${name}`, name, family: name, from: `${name}-01-01`, to: null, phased_from: null, replaced_by: null, by_date: true, status: 'confirmed', in_force: false, ...more,
})
const old = edition('1996', { to: '2015-12-31' })
const now = edition('2012', { in_force: true })
const next = edition('2031')
const TODAY = '2026-11-23'

describe('editions in time', () => {
  it('are in force, to come, replaced, or only an alternative reading', () => {
    expect([old, now, next, edition('2012', { by_date: false, in_force: true })].map((e) => editionState(e, TODAY))).toEqual(['replaced', 'in_force', 'future', 'alternative'])
  })
  it('the one in force is shown first, else the next, else the last', () => {
    expect(foremost([old, now, next], TODAY)).toBe(now)
    expect(foremost([old, next], TODAY)).toBe(next)
    expect(foremost([old], TODAY)).toBe(old)
    expect(foremost([], TODAY)).toBeNull()
    expect(byDate([old, next, now]).map((e) => e.name)).toEqual(['2031', '2012', '1996'])
  })
  it('have addresses that lead to a table', () => {
    expect(editionPath('gb-3095/2012', 'annual')).toBe('/standards/gb-3095/2012#annual')
  })
})

describe('comparing', () => {
  const t = (text: string) => ({ zh: text, en: text })
  it('marks the cells that differ, not the ones beside', () => {
    const row = { key: t('PM'), cells: [[t('PM'), t('70')], [t('PM'), t('60')]], changed: true }
    expect([0, 1].map((i) => differs(row, i))).toEqual([false, true])
  })
  it('a row that one edition lacks has no cell to differ from', () => {
    expect(differs({ key: t('PM'), cells: [[t('PM')], null], changed: true }, 0)).toBe(false)
  })
})
