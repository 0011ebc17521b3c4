/** Custody chains: the order in which a balance is read. */
import type { ChainFinding, ChainHolder, ChainLine, FindingKind } from '../api/types.places'

/** The graver first: what cannot be at all stands before what differs. */
const ORDER: FindingKind[] = ['negative_stock', 'arrived_before_sent', 'to_itself', 'difference', 'unknown']
export const TONE: Record<FindingKind, 'alarm' | 'attention'> = { negative_stock: 'alarm', arrived_before_sent: 'alarm', to_itself: 'alarm', difference: 'attention', unknown: 'attention' }

export function orderFindings(findings: readonly ChainFinding[]): ChainFinding[] {
  const place = (f: ChainFinding): number => (ORDER.includes(f.kind) ? ORDER.indexOf(f.kind) : ORDER.length)
  return [...findings].sort((a, b) => place(a) - place(b) || Math.abs(b.difference ?? 0) - Math.abs(a.difference ?? 0))
}
export function findingCounts(findings: readonly ChainFinding[]): { kind: FindingKind; n: number }[] {
  return ORDER.map((kind) => ({ kind, n: findings.filter((f) => f.kind === kind).length })).filter((c) => c.n > 0)
}

/** Whether anything moved, is held or is on its way. */
export const isStill = (line: ChainLine): boolean => !line.came && !line.went && !line.under_way && !line.stock && !line.opening
export const holderKey = (holder: ChainHolder): string => (holder.record ? `${holder.record.register}/${holder.record.rid}` : (holder.name ?? ''))

/** The first day of the year of a day, where a balance begins if nobody says otherwise. */
export const yearStart = (day: string): string => `${day.slice(0, 4)}-01-01`
export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)
