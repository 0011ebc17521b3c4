/** A year or some months of it, as offices rank: a month, the year to the end of a month, the whole year. */

export interface Period {
  from: string
  /** The first day after it. */
  to: string
}

const pad = (n: number): string => String(n).padStart(2, '0')

/** `''`: the year; `'05'`: May; `'-05'`: January to May. Anything else is the year. */
export function periodOf(year: number, span: string): Period {
  const match = /^(-?)(0[1-9]|1[0-2])$/.exec(span)
  if (!match) return { from: `${year}-01-01`, to: `${year + 1}-01-01` }
  const month = Number(match[2])
  const to = month === 12 ? `${year + 1}-01-01` : `${year}-${pad(month + 1)}-01`
  return { from: match[1] ? `${year}-01-01` : `${year}-${match[2]}-01`, to }
}
