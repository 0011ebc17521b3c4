/** Points of a curve on their way to the screen. */

export interface Point {
  /** Beginning of the period, ms. */
  t: number
  v: number | null
  valid: boolean
  flag?: string
  explain?: string | null
  /** What the tooltip says beside the value, such as `58/60`. */
  note?: string
}

/** The usual distance of points: the most frequent one. */
export function usualStep(points: Point[]): number | null {
  const seen = new Map<number, number>()
  for (let i = 1; i < points.length; i++) {
    const step = points[i]!.t - points[i - 1]!.t
    if (step > 0) seen.set(step, (seen.get(step) ?? 0) + 1)
  }
  let best: number | null = null
  let most = 0
  for (const [step, n] of seen) {
    if (n > most || (n === most && best !== null && step < best)) {
      best = step
      most = n
    }
  }
  return best
}

/**
 * The valid line: where a value is missing or invalid, or where time is missing, the line is broken by a `null`.
 * Nothing is drawn across a gap.
 */
export function lineWithGaps(points: Point[], step: number | null = usualStep(points)): [number, number | null][] {
  const out: [number, number | null][] = []
  let before: number | null = null
  for (const p of points) {
    if (before !== null && step !== null && p.t - before > step * 1.5) out.push([before + step, null])
    out.push([p.t, p.valid ? p.v : null])
    before = p.t
  }
  return out
}

/** The point nearest to a time, if it is not farther than `reach`. */
export function nearest(points: Point[], t: number, reach: number): Point | null {
  let best: Point | null = null
  for (const p of points) {
    if (p.v === null) continue
    if (best === null || Math.abs(p.t - t) < Math.abs(best.t - t)) best = p
  }
  return best !== null && Math.abs(best.t - t) <= reach ? best : null
}
