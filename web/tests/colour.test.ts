import { describe, expect, it } from 'vitest'
import { channels, contrast, luminance, textOn } from '../src/lib/colour'

describe('text on a colour that comes from data', () => {
  it('knows the ends of the scale', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#777777', '#777777')).toBe(1)
    expect(luminance('#fff')).toBeCloseTo(1, 5)
  })
  it('is dark on light and light on dark', () => {
    expect(textOn('#ffff00')).toBe('#000000')
    expect(textOn('#00e400')).toBe('#000000')
    expect(textOn('#7e0023')).toBe('#ffffff')
    expect(textOn('#99004c')).toBe('#ffffff')
  })
  it('never falls below AA on any colour', () => {
    for (let r = 0; r <= 255; r += 17) {
      for (let g = 0; g <= 255; g += 17) {
        for (let b = 0; b <= 255; b += 51) {
          const background = `#${[r, g, b].map((c) => c.toString(16).padStart(2, '0')).join('')}`
          expect(contrast(textOn(background), background)).toBeGreaterThanOrEqual(4.5)
        }
      }
    }
  })
  it('takes what is no colour for white paper', () => {
    expect(channels('red')).toBeNull()
    expect(textOn('nonsense')).toBe('#000000')
  })
})
