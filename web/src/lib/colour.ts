/** Text colour by contrast (WCAG 2): class colours come from data, so what stands on them is worked out. */

/** Channels of `#rgb` or `#rrggbb`; `null` when it is no colour. */
export function channels(hex: string): [number, number, number] | null {
  const short = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(hex.trim())
  const long = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex.trim())
  const parts = short ? short.slice(1, 4).map((c) => c + c) : long ? long.slice(1, 4) : null
  if (!parts) return null
  return parts.map((c) => parseInt(c, 16)) as [number, number, number]
}

/** Relative luminance, 0 black to 1 white. */
export function luminance(hex: string): number {
  const rgb = channels(hex)
  if (!rgb) return 1
  const [r, g, b] = rgb.map((c) => {
    const s = c / 255
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

// Pure black and white: one of the two reaches AA (4.5) on any colour there is.
const INK = '#000000'
const PAPER = '#ffffff'

/** The darker or lighter text, whichever reads better on `background`. */
export const textOn = (background: string): string =>
  contrast(INK, background) >= contrast(PAPER, background) ? INK : PAPER
