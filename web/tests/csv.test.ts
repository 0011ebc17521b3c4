import { describe, expect, it } from 'vitest'
import { csv, csvCell, fileName, tsv } from '../src/lib/csv'

describe('CSV', () => {
  it('quotes what needs quoting', () => {
    expect(csvCell('a,b')).toBe('"a,b"')
    expect(csvCell('say "no"')).toBe('"say ""no"""')
    expect(csvCell('two\nlines')).toBe('"two\nlines"')
    expect(csvCell('plain')).toBe('plain')
  })
  it('never hands a formula to a spreadsheet', () => {
    for (const evil of ['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1', '＝1', '=HYPERLINK("http://x","y")']) {
      expect(csvCell(evil).replace(/^"/, '')).toMatch(/^'/)
    }
  })
  it('leaves numbers numbers, negative ones too', () => {
    expect(csvCell(-3.5)).toBe('-3.5')
    expect(csvCell(0)).toBe('0')
    expect(csvCell(Number.NaN)).toBe('')
    expect(csvCell(null)).toBe('')
    expect(csvCell(true)).toBe('true')
  })
  it('writes whole tables with RFC 4180 line ends', () => {
    expect(csv(['站点', 'AQI'], [['区政府', 72], ['市二中', null]])).toBe('站点,AQI\r\n区政府,72\r\n市二中,\r\n')
  })
  it('pastes as one row a line whatever the cells hold', () => {
    expect(tsv(['a', 'b'], [['x\ty', '=1']])).toBe("a\tb\nx y\t'=1")
  })
  it('makes file names any system takes', () => {
    expect(fileName(['区政府 PM2.5', '2026-11-23'], 'csv')).toBe('区政府-PM2.5_2026-11-23.csv')
    expect(fileName(['a/b:c*?'], 'png')).toBe('a-b-c-.png')
  })
})
