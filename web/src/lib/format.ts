/** Numbers as people read them. */

const MINUS = '−'
export const NONE = '–'

/** A measured value with its own digits; no grouping, a real minus sign. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  const text = value.toFixed(digits)
  // A rounded minus nothing is nothing.
  const clean = Number(text) === 0 ? text.replace('-', '') : text
  return clean.replace('-', MINUS)
}

/** A value whose digits nobody stated: up to `significant` digits, no trailing zeros. */
export function plain(value: number | null | undefined, significant = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  if (Number.isInteger(value)) return String(value).replace('-', MINUS)
  const text = Math.abs(value) >= 10 ** significant ? String(Math.round(value)) : String(Number(value.toPrecision(significant)))
  return text.replace('-', MINUS)
}

/** A difference that shows only beyond these digits is noise of the arithmetic. */
const DIGITS_MAX = 9

/** The digits, `digits` or more, that tell a value from its limit: 35.04 over a limit of 35 is not shown as 35. */
export function digitsApart<D extends number | null>(value: number | null | undefined, limit: number | null | undefined, digits: D): D | number {
  if (typeof value !== 'number' || typeof limit !== 'number' || !Number.isFinite(value)) return digits
  if (digits === null && plain(value) !== plain(limit)) return digits
  const side = Math.sign(value - limit)
  for (let enough = digits ?? 0; enough <= DIGITS_MAX; enough += 1) {
    if (Math.sign(Number(value.toFixed(enough)) - limit) === side) return enough
  }
  return digits
}

/** How many times the limit: two digits, or as many more as it takes not to read 1.00 while it is not met exactly. */
export function times(value: number | null | undefined, limit: number | null | undefined): string {
  if (typeof value !== 'number' || typeof limit !== 'number' || limit === 0) return NONE
  const ratio = value / limit
  return fixed(ratio, digitsApart(ratio, 1, 2))
}

/** A count: `12,345` in English, `1.23万` in Chinese from ten thousand up. */
export function count(value: number | null | undefined, lang: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  const abs = Math.abs(value)
  if (lang === 'zh') {
    if (abs >= 1e8) return `${trim(value / 1e8)}亿`
    if (abs >= 1e4) return `${trim(value / 1e4)}万`
    return String(Math.round(value)).replace('-', MINUS)
  }
  return Math.round(value).toLocaleString('en-US').replace('-', MINUS)
}

function trim(value: number): string {
  const abs = Math.abs(value)
  const digits = abs >= 100 ? 0 : abs >= 10 ? 1 : 2
  return String(Number(value.toFixed(digits))).replace('-', MINUS)
}

/** A share of one as per cent with one digit: `78.3%`. */
export function percent(ratio: number | null | undefined, digits = 1): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return NONE
  return `${(ratio * 100).toFixed(digits)}%`
}

/** A unit as shown: the 1 of a pure number is left out. */
export const unitText = (unit: string | null | undefined): string => (!unit || unit === '1' ? '' : unit)

/** Splits a chemical symbol so that digits after letters can be set low: `PM2.5` → `PM` + `2.5`. */
export function symbolParts(symbol: string): { base: string; sub: string }[] {
  const parts: { base: string; sub: string }[] = []
  for (const match of symbol.matchAll(/([^\d.]+|^[\d.]+)(\d+(?:\.\d+)?|)/g)) {
    let base = match[1] ?? ''
    let sub = match[2] ?? ''
    if (sub === '' && /^NOx$/i.test(base)) [base, sub] = ['NO', 'x']
    parts.push({ base, sub })
  }
  return parts
}
