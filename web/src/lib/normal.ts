import type { FrameDetail } from '../api/types'

/**
 * A frame's detail names its defects with their particulars, a list only by code. Here they become one shape:
 * codes in `defects`, particulars in `defect_details`.
 */
export function frameDetail(raw: unknown): FrameDetail {
  const frame = raw as Omit<FrameDetail, 'defects'> & { defects?: (string | { code: string; detail?: string | null })[] }
  const defects = frame.defects ?? []
  return {
    ...frame,
    defects: defects.map((d) => (typeof d === 'string' ? d : d.code)),
    defect_details: defects.map((d) => (typeof d === 'string' ? { code: d, detail: '' } : { code: d.code, detail: d.detail ?? '' })),
    readings: frame.readings ?? [],
  }
}
