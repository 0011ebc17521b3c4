/**
 * Time at the edge: the platform speaks +08:00 to people, whatever zone the browser's machine is set to.
 * Inside, a time is a number of milliseconds since 1970 UTC.
 */

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** The offset of the time the office lives in. */
export const OFFSET = 8 * HOUR

const pad = (n: number): string => String(n).padStart(2, '0')

/** Milliseconds of an ISO text (or number of milliseconds); `null` when it is none. */
export function parseTime(text: string | number | null | undefined): number | null {
  if (text === null || text === undefined || text === '') return null
  if (typeof text === 'number') return text
  // A date alone or a time without zone is local (+08:00), not UTC.
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text) && !day
  const ms = Date.parse(day ? `${text}T00:00:00+08:00` : zoned ? text : `${text}+08:00`)
  return Number.isNaN(ms) ? null : ms
}

/** A Date whose UTC fields are the local (+08:00) clock. */
export const shifted = (ms: number): Date => new Date(ms + OFFSET)

/** `2026-11-23T10:00:00+08:00` */
export function isoTime(ms: number): string {
  return `${shifted(ms).toISOString().slice(0, 19)}+08:00`
}

/** `2026-11-23` */
export const isoDate = (ms: number): string => shifted(ms).toISOString().slice(0, 10)

/** Midnight of the local day. */
export const startOfDay = (ms: number): number => Math.floor((ms + OFFSET) / DAY) * DAY - OFFSET

/** Begin of the hour. */
export const startOfHour = (ms: number): number => Math.floor(ms / HOUR) * HOUR

/** `10:42:17` */
export function clock(ms: number): string {
  const d = shifted(ms)
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`
}

/** `10:42` */
export const hourMinute = (ms: number): string => clock(ms).slice(0, 5)

/** `11-23`, with the year before it when it is another year than `now`'s. */
export function shortDate(ms: number, now: number): string {
  const iso = isoDate(ms)
  return iso.slice(0, 4) === isoDate(now).slice(0, 4) ? iso.slice(5) : iso
}

/** `11-23 10:00` */
export const dateTime = (ms: number, now: number): string => `${shortDate(ms, now)} ${hourMinute(ms)}`

/** `2026年11月23日` / `23 November 2026` */
export function longDate(ms: number, lang: string): string {
  const d = shifted(ms)
  if (lang === 'zh') return `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`
  const month = d.toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' })
  return `${d.getUTCDate()} ${month} ${d.getUTCFullYear()}`
}

/** `10:00–11:00`; an end at midnight reads `24:00`, as the office writes it. */
export function hourRange(start: number, end: number): string {
  const last = hourMinute(end)
  return `${hourMinute(start)}–${last === '00:00' && end > start ? '24:00' : last}`
}

/** How long ago in the largest fitting unit: `{ n: 3, unit: 'min' }`. */
export function age(ms: number, now: number): { n: number; unit: 's' | 'min' | 'h' | 'd' } {
  const s = Math.max(0, Math.round((now - ms) / 1000))
  if (s < 60) return { n: s, unit: 's' }
  if (s < 3600) return { n: Math.floor(s / 60), unit: 'min' }
  if (s < 86_400) return { n: Math.floor(s / 3600), unit: 'h' }
  return { n: Math.floor(s / 86_400), unit: 'd' }
}
