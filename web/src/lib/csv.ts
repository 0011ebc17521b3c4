/** Tables out of the app: CSV that Excel opens right and that cannot run a formula. */

export type Cell = string | number | boolean | null | undefined

/** One cell. Text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers. */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  const risky = /^[=+\-@\t\r\n＝＋－＠]/.test(value)
  const text = risky ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A whole table, lines ended as RFC 4180 says. */
export function csv(header: string[], rows: Cell[][]): string {
  return [header, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n'
}

/** Cells between tabs, for the clipboard. */
export function tsv(header: string[], rows: Cell[][]): string {
  const cell = (value: Cell): string =>
    (typeof value === 'string' && /^[=+\-@＝＋－＠]/.test(value) ? `'${value}` : String(value ?? '')).replace(/[\t\r\n]+/g, ' ')
  return [header, ...rows].map((row) => row.map(cell).join('\t')).join('\n')
}

/** A name that any file system takes. */
export const fileName = (parts: string[], extension: string): string =>
  `${parts.join('_').replace(/[\\/:*?"<>|\s]+/g, '-').replace(/-+/g, '-')}.${extension}`

/** Hands a file to the browser's downloads. */
export function download(name: string, content: Blob | string): void {
  const blob = typeof content === 'string' ? new Blob(['\ufeff', content], { type: 'text/csv;charset=utf-8' }) : content
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
