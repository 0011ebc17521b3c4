/** Zones and where they hold. */

/** Whether a zone holds on a day; the last day is one of them, an open end never comes. */
export const holdsOn = (day: string, from: string | null | undefined, until: string | null | undefined): boolean => (!from || from <= day) && (!until || day <= until)

/** `lon,lat` of an address. `null`: it is no place on the Earth. */
export function readAt(text: string): [number, number] | null {
  const parts = text.normalize('NFKC').split(/[,\s]+/).filter(Boolean).map(Number)
  const [lon, lat] = parts
  return parts.length === 2 && lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null
}
export const writeAt = ([lon, lat]: [number, number]): string => `${lon.toFixed(5)},${lat.toFixed(5)}`
