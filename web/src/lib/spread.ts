/** Keeps marks on a map from covering each other: each stays near its place, no two overlap. */

export interface Body {
  /** Where it belongs, in pixels. */
  x: number
  y: number
  /** Half its size. */
  r: number
  /** How easily it gives way: 0 never, 1 fully. */
  give: number
}

/** The shift of each body, in the order given. Deterministic: the same marks always land the same way. */
export function spread(bodies: Body[], gap = 2, rounds = 80): [number, number][] {
  const at = bodies.map((b, i) => ({ x: b.x + Math.cos(i * 2.4) * 0.01, y: b.y + Math.sin(i * 2.4) * 0.01 }))
  for (let round = 0; round < rounds; round++) {
    let moved = false
    for (let i = 0; i < bodies.length; i++) {
      for (let j = i + 1; j < bodies.length; j++) {
        const a = bodies[i]!
        const b = bodies[j]!
        const give = a.give + b.give
        if (give === 0) continue
        const [p, q] = [at[i]!, at[j]!]
        const dx = q.x - p.x
        const dy = q.y - p.y
        const distance = Math.hypot(dx, dy) || 0.001
        const overlap = a.r + b.r + gap - distance
        if (overlap <= 0) continue
        moved = true
        const [ux, uy] = [dx / distance, dy / distance]
        p.x -= (ux * overlap * a.give) / give
        p.y -= (uy * overlap * a.give) / give
        q.x += (ux * overlap * b.give) / give
        q.y += (uy * overlap * b.give) / give
      }
    }
    if (!moved) break
  }
  return bodies.map((b, i) => [Math.round(at[i]!.x - b.x) || 0, Math.round(at[i]!.y - b.y) || 0])
}
