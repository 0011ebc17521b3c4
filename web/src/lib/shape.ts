/** Shapes on the map: read from text, taken apart for drawing, put together again. WGS-84 degrees throughout. */
import type { Geometry, Position } from 'geojson'
import type { GeometryShape } from '../api/types'

/** A run of corners. Rings of one polygon share `part`; the first of them is the outer one. The closing corner is not kept. */
export interface Path {
  part: number
  ring: boolean
  at: Position[]
}
export type Drawn = 'point' | 'line' | 'polygon'

export const drawnAs = (shape: Geometry | null | undefined): Drawn | null => {
  if (!shape) return null
  if (/Point/.test(shape.type)) return 'point'
  return /Line/.test(shape.type) ? 'line' : 'polygon'
}
export const allowed = (shape: GeometryShape): Drawn[] => (shape === 'any' ? ['point', 'line', 'polygon'] : [shape])

export function toPaths(shape: Geometry | null | undefined): Path[] {
  if (!shape) return []
  const open = (ring: Position[]): Position[] => (ring.length > 1 && ring[0]![0] === ring.at(-1)![0] && ring[0]![1] === ring.at(-1)![1] ? ring.slice(0, -1) : ring)
  switch (shape.type) {
    case 'Point':
      return [{ part: 0, ring: false, at: [shape.coordinates] }]
    case 'MultiPoint':
      return shape.coordinates.map((at, part) => ({ part, ring: false, at: [at] }))
    case 'LineString':
      return [{ part: 0, ring: false, at: shape.coordinates }]
    case 'MultiLineString':
      return shape.coordinates.map((at, part) => ({ part, ring: false, at }))
    case 'Polygon':
      return shape.coordinates.map((ring) => ({ part: 0, ring: true, at: open(ring) }))
    case 'MultiPolygon':
      return shape.coordinates.flatMap((rings, part) => rings.map((ring) => ({ part, ring: true, at: open(ring) })))
    case 'GeometryCollection':
      return shape.geometries.flatMap((g, i) => toPaths(g).map((p) => ({ ...p, part: i * 10_000 + p.part })))
  }
}

const LEAST: Record<Drawn, number> = { point: 1, line: 2, polygon: 3 }

/** The shape of the runs; runs that are too short are left out. `null`: nothing is left. */
export function fromPaths(paths: readonly Path[], drawn: Drawn): Geometry | null {
  const good = paths.filter((p) => p.at.length >= LEAST[drawn])
  if (drawn === 'point') return good[0] ? { type: 'Point', coordinates: good[0].at[0]! } : null
  if (drawn === 'line') {
    if (good.length === 0) return null
    return good.length === 1 ? { type: 'LineString', coordinates: good[0]!.at } : { type: 'MultiLineString', coordinates: good.map((p) => p.at) }
  }
  const parts = new Map<number, Position[][]>()
  for (const path of good) parts.set(path.part, [...(parts.get(path.part) ?? []), [...path.at, path.at[0]!]])
  const polygons = [...parts.values()]
  if (polygons.length === 0) return null
  return polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0]! } : { type: 'MultiPolygon', coordinates: polygons }
}

export const moved = (paths: readonly Path[], path: number, corner: number, to: Position): Path[] => paths.map((p, i) => (i === path ? { ...p, at: p.at.with(corner, to) } : p))
export const inserted = (paths: readonly Path[], path: number, after: number, at: Position): Path[] => paths.map((p, i) => (i === path ? { ...p, at: p.at.toSpliced(after + 1, 0, at) } : p))
/** Without a corner; a run that becomes too short goes, and with an outer ring its holes. */
export function removed(paths: readonly Path[], path: number, corner: number, drawn: Drawn): Path[] {
  const own = paths[path]
  if (!own) return [...paths]
  const at = own.at.toSpliced(corner, 1)
  if (at.length >= LEAST[drawn]) return paths.map((p, i) => (i === path ? { ...p, at } : p))
  const outer = own.ring && paths.findIndex((p) => p.part === own.part) === path
  return paths.filter((p, i) => i !== path && !(outer && p.part === own.part))
}

/** The middle of every side, for adding a corner. */
export function middles(paths: readonly Path[]): { path: number; after: number; at: Position }[] {
  return paths.flatMap((p, path) =>
    p.at.flatMap((a, i) => {
      const b = p.at[i + 1] ?? (p.ring && p.at.length > 2 ? p.at[0] : undefined)
      return b ? [{ path, after: i, at: [(a[0]! + b[0]!) / 2, (a[1]! + b[1]!) / 2] }] : []
    }),
  )
}

export function boundsOf(shapes: readonly (Geometry | null | undefined)[]): [number, number, number, number] | null {
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const shape of shapes) {
    for (const path of toPaths(shape)) {
      for (const [x = 0, y = 0] of path.at) {
        w = Math.min(w, x)
        s = Math.min(s, y)
        e = Math.max(e, x)
        n = Math.max(n, y)
      }
    }
  }
  return w <= e ? [w, s, e, n] : null
}

const onEarth = (p: unknown): boolean => Array.isArray(p) && typeof p[0] === 'number' && typeof p[1] === 'number' && Math.abs(p[0]) <= 180 && Math.abs(p[1]) <= 90

/** A shape from GeoJSON (geometry or feature), WKT, or `112.43, 39.33`. `null`: it is none. */
export function readShape(text: string): Geometry | null {
  const clean = text.normalize('NFKC').trim()
  const shape = clean.startsWith('{') ? fromJson(clean) : (fromWkt(clean) ?? fromPair(clean))
  if (!shape) return null
  const paths = toPaths(shape)
  return paths.length > 0 && paths.every((p) => p.at.every(onEarth)) ? shape : null
}
function fromJson(text: string): Geometry | null {
  try {
    const value = JSON.parse(text) as { type?: string; geometry?: Geometry; features?: { geometry: Geometry }[] }
    if (value.type === 'Feature') return value.geometry ?? null
    if (value.type === 'FeatureCollection') return value.features?.length === 1 ? (value.features[0]?.geometry ?? null) : null
    return typeof value.type === 'string' && 'coordinates' in value ? (value as unknown as Geometry) : null
  } catch {
    return null
  }
}
function fromPair(text: string): Geometry | null {
  const n = text.split(/[\s,;]+/).filter(Boolean).map(Number)
  return n.length === 2 && n.every(Number.isFinite) ? { type: 'Point', coordinates: n } : null
}
const WKT: Record<string, Geometry['type']> = { POINT: 'Point', MULTIPOINT: 'MultiPoint', LINESTRING: 'LineString', MULTILINESTRING: 'MultiLineString', POLYGON: 'Polygon', MULTIPOLYGON: 'MultiPolygon' }
function fromWkt(text: string): Geometry | null {
  const match = /^(?:SRID=\d+;)?\s*([A-Z]+)\s*(?:Z|M|ZM)?\s*(\(.*\))$/is.exec(text)
  const type = match ? WKT[match[1]!.toUpperCase()] : undefined
  if (!match || !type) return null
  // Brackets become lists, blanks between the numbers of one corner commas.
  const json = match[2]!
    .replace(/(-?[\d.]+(?:e[-+]?\d+)?)\s+(-?[\d.]+(?:e[-+]?\d+)?)(?:\s+-?[\d.]+)*/gi, '[$1,$2]')
    .replaceAll('(', '[')
    .replaceAll(')', ']')
  try {
    const value = JSON.parse(json) as unknown
    if (type === 'Point') return { type, coordinates: (value as Position[])[0]! }
    if (type === 'MultiPoint') return { type, coordinates: (value as (Position | Position[])[]).map((p) => (Array.isArray(p[0]) ? (p[0] as Position) : (p as Position))) }
    return { type, coordinates: value } as Geometry
  } catch {
    return null
  }
}

// The published formula of GCJ-02; its inverse by iteration, good to millimetres.
const A = 6_378_245
const EE = 0.006_693_421_622_965_943
function offset(lon: number, lat: number): [number, number] {
  const [x, y] = [lon - 105, lat - 35]
  const wave = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3)
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave
  dLat += (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3) + (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3)
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave
  dLon += (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3) + (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3)
  const rad = (lat / 180) * Math.PI
  const magic = 1 - EE * Math.sin(rad) ** 2
  const root = Math.sqrt(magic)
  return [(dLon * 180) / ((A / root) * Math.cos(rad) * Math.PI), (dLat * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI)]
}
export function toGcj([lon = 0, lat = 0]: Position): Position {
  const [dx, dy] = offset(lon, lat)
  return [lon + dx, lat + dy]
}
export function fromGcj(given: Position): Position {
  const [lon = 0, lat = 0] = given
  let [x, y] = [lon, lat]
  for (let i = 0; i < 8; i += 1) {
    const [gx = 0, gy = 0] = toGcj([x, y])
    x += lon - gx
    y += lat - gy
  }
  return [Number(x.toFixed(8)), Number(y.toFixed(8))]
}
/** Every corner through `change`. */
export function mapShape(shape: Geometry, change: (p: Position) => Position): Geometry {
  const walk = (value: unknown): unknown => (Array.isArray(value) ? (typeof value[0] === 'number' ? change(value as Position) : value.map(walk)) : value)
  return shape.type === 'GeometryCollection' ? { ...shape, geometries: shape.geometries.map((g) => mapShape(g, change)) } : ({ ...shape, coordinates: walk(shape.coordinates) } as Geometry)
}
