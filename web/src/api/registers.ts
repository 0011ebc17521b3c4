/** The calls of the registers, one function each. */
import { apiPath, get, patch, post, put, remove, type Query } from './client'
import type { BulkResult, CheckAnswer, DueList, FileRef, HistoryEvent, ImportColumns, ImportJob, ImportMode, NewView, RecordPage, RegisterDef, RegisterIndex, RegRecord, RelatedGroup, SavedView } from './types.registers'

const at = (register: string): string => `/registers/${encodeURIComponent(register)}`
const record = (register: string, rid: number): string => `${at(register)}/records/${rid}`

export const getIndex = (signal?: AbortSignal): Promise<RegisterIndex> => get('/registers', {}, signal)
export const getRegister = (id: string, signal?: AbortSignal): Promise<RegisterDef> => get(at(id), {}, signal)
export const getRecords = (id: string, query: Query, signal?: AbortSignal): Promise<RecordPage> => get(`${at(id)}/records`, query, signal)
export const getRecord = (id: string, rid: number, signal?: AbortSignal, asOf = ''): Promise<RegRecord> => get(record(id, rid), { as_of: asOf }, signal)
export const getHistory = (id: string, rid: number, signal?: AbortSignal): Promise<{ events: HistoryEvent[] }> => get(`${record(id, rid)}/history`, {}, signal)
export const getRelated = (id: string, rid: number, signal?: AbortSignal): Promise<{ groups: RelatedGroup[] }> => get(`${record(id, rid)}/related`, {}, signal)
export const getDue = (within: number, signal?: AbortSignal): Promise<DueList> => get('/due', { within }, signal)

export const createRecord = (id: string, values: Record<string, unknown>, why: string): Promise<RegRecord> => post(`${at(id)}/records`, { values, why })
export const changeRecord = (id: string, rid: number, version: number, values: Record<string, unknown>, why: string): Promise<RegRecord> => patch(record(id, rid), { version, values, why })
export const retireRecord = (id: string, rid: number, version: number, why: string): Promise<RegRecord> => remove(record(id, rid), { version, why })
export const restoreRecord = (id: string, rid: number, version: number, why: string): Promise<RegRecord> => post(`${record(id, rid)}/restore`, { version, why })
export const takeTransition = (id: string, rid: number, transition: string, body: { version: number; values?: Record<string, unknown>; why: string }): Promise<RegRecord> =>
  post(`${record(id, rid)}/transitions/${encodeURIComponent(transition)}`, body)
export const checkRecord = (id: string, rid: number | null, values: Record<string, unknown>, signal?: AbortSignal): Promise<CheckAnswer> =>
  post(`${at(id)}/check`, { ...(rid === null ? {} : { rid }), values }, signal)
export const bulk = (id: string, body: { rids: number[]; transition?: string; values?: Record<string, unknown>; why: string }): Promise<{ results: BulkResult[] }> => post(`${at(id)}/bulk`, body)

export const getViews = (register: string, signal?: AbortSignal): Promise<SavedView[]> => get('/views', { register }, signal)
export const putView = (view: NewView): Promise<SavedView> => put('/views', view)
export const removeView = (id: number): Promise<unknown> => remove(`/views/${id}`)

export const exportPath = (id: string, format: string, lang: string, query: Query): string => apiPath(`${at(id)}/export`, { format, ...(format === 'csv' || format === 'xlsx' ? { lang } : {}), ...query })
export const qrPath = (id: string, rid: number): string => apiPath(`${record(id, rid)}/qr.svg`)
export const filePath = (hash: string): string => apiPath(`/attachments/${encodeURIComponent(hash)}`)
export const tilesPath = (id: string): string => `${apiPath(`/tiles/${encodeURIComponent(id)}`)}/{z}/{x}/{y}.mvt`

export function uploadFile(file: File): Promise<FileRef> {
  const form = new FormData()
  form.append('file', file, file.name)
  return post('/attachments', form)
}

export interface ImportOptions {
  mapping: Record<string, string>
  mode: ImportMode
  match: 'create' | 'upsert'
  crs: 'wgs84' | 'gcj02'
  sheet?: string
  why?: string
}
export function startImport(id: string, file: File, options: ImportOptions): Promise<{ id: number }> {
  const form = new FormData()
  form.append('options', JSON.stringify(options))
  form.append('file', file, file.name)
  return post(`${at(id)}/imports`, form)
}
export function importColumns(id: string, file: File): Promise<ImportColumns> {
  const form = new FormData()
  form.append('file', file, file.name)
  return post(`${at(id)}/imports/columns`, form)
}
export const getImport = (job: number, signal?: AbortSignal): Promise<ImportJob> => get(`/imports/${encodeURIComponent(String(job))}`, {}, signal)
export const importFaultsPath = (job: number): string => apiPath(`/imports/${encodeURIComponent(String(job))}/faults.csv`)
