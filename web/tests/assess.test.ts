import { describe, expect, it } from 'vitest'
import type { Answer, AssessColumn, AssessmentForm, AssessResult, Text } from '../src/api/types'
import { answersTable, bare, cellsOf, disagree, filled, gridColumns, keyParts, missing, readPaste, rowFromText, rowToText, unitIn, verdict } from '../src/lib/assess'
import { csv } from '../src/lib/csv'

const say = (text: Text | string | null | undefined): string => (typeof text === 'string' ? text : (text?.en ?? ''))
const column = (key: string, zh: string, en: string, more: Partial<AssessColumn> = {}): AssessColumn => ({ key, name: { zh, en }, kind: 'number', unit: 'mg/L', required: false, note: null, aliases: [], choices: [], ...more })
const columns = [
  column('section', '断面', 'section', { kind: 'text', unit: null }),
  column('day', '日期', 'day', { kind: 'day', unit: null, aliases: ['date', '采样日期'] }),
  column('body', '水体', 'body', { kind: 'choice', unit: null, required: true, choices: [{ id: 'river', name: { zh: '河流', en: 'river' } }, { id: 'lake', name: { zh: '湖库', en: 'lake' } }] }),
  column('codmn', '高锰酸盐指数', 'permanganate index', { aliases: ['CODMn'] }),
  column('tp', '总磷(以P计)', 'total phosphorus (as P)', { aliases: ['TP'] }),
]
const form: AssessmentForm = {
  id: 'water', theme: 'water', title: { zh: '水', en: 'Water' }, about: { zh: '', en: '' }, standards: ['GB 3838'], per: 'row', by: [], columns, figures: [], editions: [],
  example: [{ body: 'river', codmn: '5' }],
}
const answer = (more: Partial<Answer> = {}): Answer => ({
  asked: null, value: null, class: null, meets: null, deciding: [], items: [], figures: [], steps: [], edition: 'GB 3838-2002', status: 'confirmed', clause: null, rounding: null, excluded: [], cannot_tell: null, ...more,
})

describe('a row in the address', () => {
  it('comes back as it went, whatever people write in cells', () => {
    const row = { 'tp(ug/L)': '<0.01', section: 'a;b:c\\d', day: '2024-05-08', name: '桑干河 册田' }
    expect(rowFromText(rowToText(row))).toEqual(row)
  })
  it('leaves out what is empty and passes over what is no cell', () => {
    expect(rowToText({ a: '', b: '1' })).toBe('b:1')
    expect(rowFromText('nonsense;b:1;:x;c:')).toEqual({ b: '1' })
    expect(filled([{ a: ' ' }, { a: '1' }, {}])).toEqual([{ a: '1' }])
  })
})

describe('what a spreadsheet puts on the clipboard', () => {
  it('is read with tabs, commas and quotes', () => {
    expect(cellsOf('a\tb\r\n1\t"x\ny ""z"""\r\n')).toEqual([['a', 'b'], ['1', 'x\ny "z"']])
    expect(cellsOf('a,b\n1,2')).toEqual([['a', 'b'], ['1', '2']])
    expect(cellsOf('\n\n')).toEqual([])
  })
  it('finds columns by key, name in either language and alias, passing over case, units and full-width letters', () => {
    for (const heading of ['CODMn（mg/L）', 'codmn', '高锰酸盐指数', 'Permanganate Index', 'ＣＯＤＭｎ']) {
      expect(readPaste(`采样日期\t${heading}\n2024-05-08\t5.2`, columns, []).rows, heading).toEqual([{ day: '2024-05-08', codmn: '5.2' }])
    }
    expect(bare('总磷（以P计） ')).toBe('总磷')
  })
  it('keeps a unit that is not the law’s in the key, and a remark out of it', () => {
    expect(readPaste('TP (μg/L)\tCODMn (MG/L)\n50\t5', columns, []).rows).toEqual([{ 'tp(μg/L)': '50', codmn: '5' }])
    expect(readPaste('总磷（以P计）\tCODMn\n0.2\t5', columns, []).rows).toEqual([{ tp: '0.2', codmn: '5' }])
    expect(unitIn('氨氮(NH3-N)')).toBeNull()
    expect(keyParts('tp(ug/L)')).toEqual({ key: 'tp', unit: 'ug/L' })
  })
  it('says which headings it does not know', () => {
    const read = readPaste('CODMn\t操作员\n5\t张', columns, [])
    expect(read.unknown).toEqual(['操作员'])
    expect(read.rows).toEqual([{ codmn: '5' }])
  })
  it('goes side by side from the cell it is pasted into when there are no headings', () => {
    expect(readPaste('5\t0.2\n6\t0.3', columns, ['section', 'codmn', 'tp'], 'codmn').rows).toEqual([{ codmn: '5', tp: '0.2' }, { codmn: '6', tp: '0.3' }])
    expect(readPaste('<0.01\t0.2', columns, ['codmn', 'tp'], 'codmn').headed).toBe(false)
  })
  it('takes the names of choices in either language', () => {
    expect(readPaste('水体\tCODMn\n河流\t5\nLake\t6\n池塘\t7', columns, []).rows.map((r) => r.body)).toEqual(['river', 'lake', '池塘'])
  })
})

describe('the grid', () => {
  it('shows what is required, what is filled in, and other units beside', () => {
    expect(gridColumns(form, [{ 'tp(ug/L)': '50' }], []).map((c) => [c.key, c.unit])).toEqual([['body', null], ['codmn', 'mg/L'], ['tp(ug/L)', 'ug/L']])
    expect(gridColumns(form, [], ['section']).map((c) => c.key)).toEqual(['section', 'body', 'codmn'])
  })
  it('knows what is still missing', () => {
    expect(missing(columns, { codmn: '5' }).map((c) => c.key)).toEqual(['body'])
    expect(missing(columns, { body: 'river' })).toEqual([])
  })
})

describe('answers', () => {
  const words = { met: 'met', notMet: 'not met' }
  it('read in the fewest words, and nothing where it cannot be told', () => {
    const value = { key: 'v', name: { zh: '', en: '' }, value: '0.20', number: 0.2, unit: 'mg/L' }
    expect(verdict(answer({ class: { id: '3', name: { zh: 'Ⅲ', en: 'III' }, colour: null }, value, meets: false }), say, words)).toBe('III · 0.20 mg/L · not met')
    expect(verdict(answer({ cannot_tell: { code: 'x', text: { zh: '', en: 'no' } } }), say, words)).toBe('')
  })
  it('of several editions disagree when the verdict does, not when the clause does', () => {
    expect(disagree([answer({ meets: true }), answer({ meets: true, edition: 'other' })])).toBe(false)
    expect(disagree([answer({ meets: true }), answer({ cannot_tell: { code: 'outside', text: { zh: '', en: '' } } })])).toBe(true)
  })
  it('leave as a table that keeps the digits of the law', () => {
    const results: AssessResult[] = [{ rows: [0], answers: [answer({ figures: [{ key: 'm', name: { zh: '倍数', en: 'multiple' }, value: '0.20', number: 0.2, unit: '' }], meets: false })] }]
    const head = Object.fromEntries('row,edition,value,unit,class,meets,yes,no,deciding,clause,rounding,status,excluded,cannotTell'.split(',').map((k) => [k, k])) as never
    const { header, lines } = answersTable(form, [{ body: 'river', codmn: '5.20' }], results, say, head)
    expect(header.slice(0, 4)).toEqual(['row', 'body', 'permanganate index (mg/L)', 'edition'])
    expect(csv(header, lines).split('\r\n')[1]).toBe('1,river,5.20,GB 3838-2002,,,,no,,0.20,,,,,confirmed')
  })
})
