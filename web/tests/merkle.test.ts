import { describe, expect, it } from 'vitest'
import { hex, isIncluded, leafOf, readHead, sm3 } from '../src/lib/merkle'

const bytes = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
const node = (left: string, right: string): string => hex(sm3(bytes(`01${left}${right}`)))

describe('SM3', () => {
  it('gives the examples of GB/T 32905', () => {
    expect(hex(sm3(new TextEncoder().encode('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    expect(hex(sm3(new TextEncoder().encode('abcd'.repeat(16))))).toBe('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732')
  })
})

describe('a proof of inclusion', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(leafOf) as [string, string, string]
  const root = node(node(a, b), c)
  it('leads from each leaf of three to the root', () => {
    expect(isIncluded(a, 1, 3, [b, c], root)).toBe(true)
    expect(isIncluded(b, 2, 3, [a, c], root)).toBe(true)
    expect(isIncluded(c, 3, 3, [node(a, b)], root)).toBe(true)
    expect(isIncluded(a, 1, 1, [], a)).toBe(true)
  })
  it('is refused when anything in it is another', () => {
    expect(isIncluded(c, 1, 3, [b, c], root)).toBe(false)
    expect(isIncluded(a, 2, 3, [b, c], root)).toBe(false)
    expect(isIncluded(a, 1, 3, [b], root)).toBe(false)
    expect(isIncluded(a, 1, 3, [b, c, c], root)).toBe(false)
    expect(isIncluded(a, 1, 3, [b, c], c)).toBe(false)
    expect(isIncluded(a, 0, 3, [b, c], root)).toBe(false)
  })
  it('takes size and root from a head', () => {
    const head = `sanggan/140600\n3\n${btoa(String.fromCharCode(...bytes(root)))}\n\n— sanggan/140600 AAAA\n`
    expect(readHead(head)).toEqual({ size: 3, root })
  })
})
