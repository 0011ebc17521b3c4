/** What stands between a form, an address, a spreadsheet and the evaluators: rows of named cells. */
import type { Answer, AssessColumn, AssessmentForm, AssessResult, Text } from '../api/types'
import type { Cell } from './csv'

export type InputRow = Record<string, string>
type Say = (text: Text | string | null | undefined) => string

/** Longer addresses are cut by mail programs and proxies; the page says so instead. */
export const ADDRESS_MAX = 6000

const guard = (text: string): string => text.replace(/[\\;:]/g, (c) => `\\${c}`)

/** `codmn:5.2;nh3n:0.4`: a row in an address. Empty cells are left out. */
export const rowToText = (row: InputRow): string =>
  Object.entries(row)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${guard(key)}:${guard(value)}`)
    .join(';')

/** The row back; what is no `key:value` is passed over. */
export function rowFromText(text: string): InputRow {
  const row: InputRow = {}
  let key: string | null = null
  let part = ''
  const end = (): void => {
    if (key !== null && key !== '' && part !== '') row[key] = part
    key = null
    part = ''
  }
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i]!
    if (c === '\\' && i + 1 < text.length) {
      i += 1
      part += text[i]
    } else if (c === ';') end()
    else if (c === ':' && key === null) {
      key = part
      part = ''
    } else part += c
  }
  end()
  return row
}

export const isEmpty = (row: InputRow): boolean => Object.values(row).every((value) => value.trim() === '')
/** Rows with something in them; where nothing is filled in, none. */
export const filled = (rows: InputRow[]): InputRow[] => rows.filter((row) => !isEmpty(row))
/** Required columns that a row lacks. */
export const missing = (columns: AssessColumn[], row: InputRow): AssessColumn[] => columns.filter((c) => c.required && !Object.entries(row).some(([key, value]) => keyParts(key).key === c.key && value.trim() !== ''))

/** A heading without what people add to it: unit in brackets, spaces, case, full-width letters. */
export const bare = (heading: string): string =>
  heading
    .normalize('NFKC')
    .replace(/\(.*?\)|\[.*?\]|【.*?】/g, '')
    .replace(/[\s_*:]/g, '')
    .toLowerCase()

/** A unit that a heading brings along (`TP (ug/L)`): brackets that hold a unit and not a remark. */
export function unitIn(heading: string): string | null {
  const inside = /\(([^()]+)\)\s*$/.exec(heading.normalize('NFKC'))?.[1]?.trim()
  return inside && /^[\d A-Za-z\u03bc%\u2030\u00b0\u00b7/.^-]+$/.test(inside) && /[/%\u2030\u00b0]|^dB/.test(inside) ? inside : null
}

/** A key may bring a unit of its own: `tp(ug/L)`; the evaluator converts. */
export const keyParts = (key: string): { key: string; unit: string | null } => {
  const match = /^([^()]+)\(([^()]+)\)$/.exec(key)
  return match ? { key: match[1]!, unit: match[2]! } : { key, unit: null }
}

const sameUnit = (a: string, b: string): boolean => {
  const of = (unit: string): string => unit.normalize('NFKC').replace(/\u03bc/g, 'u').replace(/[\s^]/g, '').toLowerCase()
  return of(a) === of(b)
}

/** Lines and cells of what a spreadsheet puts on the clipboard (tabs; commas or semicolons when there are no tabs). */
export function cellsOf(text: string): string[][] {
  const clean = text.replace(/\r\n?/g, '\n').replace(/^\n+|\n+$/g, '')
  if (clean === '') return []
  const first = clean.split('\n', 1)[0]!
  const between = first.includes('\t') ? '\t' : first.includes(',') ? ',' : first.includes(';') ? ';' : '\t'
  const lines: string[][] = []
  let line: string[] = []
  let cell = ''
  let quoted = false
  const endCell = (): void => {
    line.push(cell.trim())
    cell = ''
  }
  for (let i = 0; i < clean.length; i += 1) {
    const c = clean[i]!
    if (quoted) {
      if (c !== '"') cell += c
      else if (clean[i + 1] === '"') {
        cell += '"'
        i += 1
      } else quoted = false
    } else if (c === '"' && cell === '') quoted = true
    else if (c === between) endCell()
    else if (c === '\n') {
      endCell()
      lines.push(line)
      line = []
    } else cell += c
  }
  endCell()
  lines.push(line)
  return lines.filter((cells) => cells.some((text) => text !== ''))
}

export interface Pasted {
  rows: InputRow[]
  /** Headings that no column goes by. */
  unknown: string[]
  /** The first line was headings. */
  headed: boolean
}

/** Cells with headings go to the columns of that name; without, side by side from `start` on. */
export function readPaste(text: string, columns: AssessColumn[], shown: string[], start: string | null = null): Pasted {
  const lines = cellsOf(text)
  const first = lines[0] ?? []
  const names = new Map<string, string>()
  for (const c of columns) for (const name of [c.key, c.name.zh, c.name.en, ...c.aliases]) if (!names.has(bare(name))) names.set(bare(name), c.key)
  const heads = first.map((cell) => {
    const key = names.get(bare(cell)) ?? null
    const unit = unitIn(cell)
    const own = columns.find((c) => c.key === key)
    return key !== null && unit !== null && own?.kind === 'number' && !sameUnit(unit, own.unit ?? '') ? `${key}(${unit})` : key
  })
  // One cell by itself is a value unless it names a column and values stand below.
  const headed = heads.some((key) => key !== null) && (lines.length > 1 || first.length > 1) && first.every((cell, i) => heads[i] !== null || !/^[<≤]?[\d.\s+-]+$/.test(cell))
  const from = Math.max(0, start === null ? 0 : shown.indexOf(start))
  const keys = headed ? heads : first.map((_, i) => shown[from + i] ?? null)
  const width = Math.max(0, ...lines.map((line) => line.length))
  while (!headed && keys.length < width) keys.push(shown[from + keys.length] ?? null)
  const rows = (headed ? lines.slice(1) : lines).map((cells) => {
    const row: InputRow = {}
    cells.forEach((cell, i) => {
      const key = keys[i]
      if (key) row[key] = toChoice(columns, key, cell)
    })
    return row
  })
  return { rows, unknown: headed ? first.filter((cell, i) => heads[i] === null && cell !== '') : [], headed }
}

/** A choice may be pasted by its name in either language. */
function toChoice(columns: AssessColumn[], key: string, cell: string): string {
  const column = columns.find((c) => c.key === key)
  if (column?.kind !== 'choice') return cell
  const want = bare(cell)
  return column.choices.find((c) => [c.id, c.name.zh, c.name.en].some((name) => bare(name) === want))?.id ?? cell
}

/** A row as anybody writes it, by the keys of the columns and the ids of the choices; what is unknown stays. */
export function canonical(columns: AssessColumn[], row: InputRow): InputRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const { key, unit } = keyParts(name)
      const own = columns.find((c) => c.key === key) ?? columns.find((c) => [c.key, c.name.zh, c.name.en, ...c.aliases].some((n) => bare(n) === bare(name)))
      if (!own) return [name, value]
      const other = unit ?? unitIn(name)
      return [other !== null && own.kind === 'number' && !sameUnit(other, own.unit ?? '') ? `${own.key}(${other})` : own.key, toChoice(columns, own.key, value)]
    }),
  )
}

/** Columns worth showing in a grid: what must be there, what is filled in, what the example fills in. */
export function gridColumns(form: Pick<AssessmentForm, 'columns' | 'by' | 'example'>, rows: InputRow[], added: string[]): AssessColumn[] {
  const wanted = new Set<string>([...form.by, ...added])
  for (const row of [...rows, ...form.example]) for (const [key, value] of Object.entries(row)) if (value !== '') wanted.add(key)
  const all = form.columns.flatMap((c): AssessColumn[] => {
    // Once in the unit of the law, and once for each other unit that was pasted.
    const others = [...wanted].filter((key) => key !== c.key && keyParts(key).key === c.key)
    const own = wanted.has(c.key) || (c.required && others.length === 0) ? [c] : []
    return [...own, ...others.map((key) => ({ ...c, key, unit: keyParts(key).unit }))]
  })
  return all.length > 0 ? all : form.columns.slice(0, 12)
}

/** The verdict in the fewest words: what a table cell holds. */
export function verdict(answer: Answer, say: Say, words: { met: string; notMet: string }): string {
  if (answer.cannot_tell) return ''
  const parts = [
    answer.class ? say(answer.class.name) : '',
    answer.value ? `${answer.value.value}${answer.value.unit && answer.value.unit !== '1' ? ` ${answer.value.unit}` : ''}` : '',
    answer.meets === null ? '' : answer.meets ? words.met : words.notMet,
  ]
  return parts.filter(Boolean).join(' · ')
}

/** Whether the editions asked for disagree on the verdict. */
export const disagree = (answers: Answer[]): boolean =>
  new Set(answers.map((a) => JSON.stringify([a.class?.id ?? null, a.value?.value ?? null, a.meets, a.cannot_tell?.code ?? null]))).size > 1

export interface ExportWords {
  row: string
  edition: string
  value: string
  unit: string
  class: string
  meets: string
  yes: string
  no: string
  deciding: string
  clause: string
  rounding: string
  status: string
  excluded: string
  cannotTell: string
}

/** The rows with their answers beside, one line a row and edition, as the spreadsheet tool writes them. */
export function answersTable(form: AssessmentForm, rows: InputRow[], results: AssessResult[], say: Say, words: ExportWords): { header: string[]; lines: Cell[][] } {
  const used = gridColumns({ ...form, example: [] }, rows, []).filter((c) => rows.some((row) => (row[c.key] ?? '') !== ''))
  const keys = [...new Set(results.flatMap((r) => r.answers.flatMap((a) => a.figures.map((f) => f.key))))]
  const figureName = (key: string): string => {
    const found = results.flatMap((r) => r.answers).flatMap((a) => a.figures).find((f) => f.key === key)
    const unit = found?.unit && found.unit !== '1' ? ` (${found.unit})` : ''
    return `${say(found?.name)}${unit}`
  }
  const header = [
    words.row,
    ...used.map((c) => `${say(c.name)}${c.unit && c.unit !== '1' ? ` (${c.unit})` : ''}`),
    words.edition, words.class, words.value, words.unit, words.meets, words.deciding,
    ...keys.map(figureName),
    words.cannotTell, words.excluded, words.clause, words.rounding, words.status,
  ]
  const lines = results.flatMap((result) =>
    result.rows.flatMap((index) =>
      result.answers.map((a): Cell[] => [
        index + 1,
        ...used.map((c): Cell => numeric(rows[index]?.[c.key] ?? '')),
        a.edition ?? a.asked,
        say(a.class?.name),
        numeric(a.value?.value ?? ''),
        a.value?.unit ?? '',
        a.meets === null ? '' : a.meets ? words.yes : words.no,
        a.deciding.map(say).join('; '),
        ...keys.map((key): Cell => numeric(a.figures.find((f) => f.key === key)?.value ?? '')),
        say(a.cannot_tell?.text),
        a.excluded.map((x) => `${say(x.what)}: ${say(x.why)}`).join('; '),
        say(a.clause),
        say(a.rounding),
        a.status ?? '',
      ]),
    ),
  )
  return { header, lines }
}

/** Numbers stay numbers in the file; everything else, and digits that a number would lose (`0.20`), stays text. */
function numeric(text: string): Cell {
  const n = Number(text)
  return text.trim() !== '' && Number.isFinite(n) && String(n) === text ? n : text
}
