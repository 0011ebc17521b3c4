import type { Geometry } from 'geojson'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { apiPath } from '../src/api/client'
import type { Field, FieldValue, RegisterDef, RegRecord } from '../src/api/types'
import { useCursor, windowOf, type CursorPage } from '../src/lib/cursor'
import { changed, clashes, draftOf, lacking, localFaults, mergeFaults, presets, readNumber, sectionsOf, transitionsFrom, whole } from '../src/lib/registerForm'
import { choiceWhere, chosen, filterKind, filterQuery, fromAddress, listQuery, nextSort, NOTHING, parseWhere, rangeOf, rangeWhere, toAddress, whereText, withField } from '../src/lib/registerQuery'
import { kept, missing, targets, twice } from '../src/lib/registerImport'
import { dueState, recordTitle, valueText, versionsOf, type Names } from '../src/lib/registerValue'
import { boundsOf, fromGcj, fromPaths, inserted, middles, readShape, removed, toGcj, toPaths } from '../src/lib/shape'

const two = (zh: string, en: string) => ({ zh, en })
const field = (id: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  id, name: two(id, id), help: null, type, required: false, required_when: null, readers: [], enterprise_writes: false, searched: false, section: null, source: null, ...more,
})
const def: RegisterDef = {
  id: 'river-outfalls', version: 1, name: two('入河排污口', 'River outfalls'), about: two('a', 'b'), rows: ['S124'], group: 'water', department: 'water', sources: [],
  key: 'code', title: 'name', area: 'area', enterprise: null, geometry: 'place', list: ['code', 'name'], unique: [], public: null, review: { every: { months: 12, days: 0 }, field: 'surveyed_on' },
  fields: [
    field('code', 'text', { required: true, pattern: '[0-9A-Z-]+', max_length: 10, section: two('基本信息', 'Basics') }),
    field('name', 'text', { required: true }),
    field('kind', 'enum', { values: [{ id: 'mixed', name: two('混合', 'Mixed') }, { id: 'rain', name: two('雨水', 'Rain') }] }),
    field('flow', 'number', { unit: 't/d', min: 0, max: 100, digits: 1, section: two('水量', 'Flow') }),
    field('pipes', 'integer', { unit: '' }),
    field('river', 'reference', { to: 'rivers' }),
    field('parts', 'reference', { to: 'rivers', many: true }),
    field('photos', 'attachment', { photo: true }),
    field('place', 'geometry', { shape: 'point' }),
    field('open', 'boolean'),
    field('surveyed_on', 'date'),
    field('load', 'computed', { formula: 'flow * 2.0', gives: 'number', unit: 't' }),
  ],
  lifecycle: {
    start: 'found',
    states: [{ id: 'found', name: two('已排查', 'Found'), final: false, deadline: null }, { id: 'done', name: two('销号', 'Closed'), final: true, deadline: null }],
    transitions: [{ id: 'close', name: two('销号', 'Close'), from: ['found'], to: 'done', departments: [], enterprise: false, requires: ['flow'], evidence: ['photos'], when: null, reason: true }],
  },
  graph: null, chain: null, zone: null, may: { create: true, change: true, import: true, writable: [], hidden: [] },
}
const record = (values: Record<string, FieldValue>, more: Partial<RegRecord> = {}): RegRecord => ({
  rid: 7, version: 2, state: 'found', state_since: null, changed_at: '2026-11-23T10:00:00+08:00', changed_by: 'user:ada', schematic: false, retired: false, due: null, hidden: [], values, ...more,
})
const by = (id: string): Field => def.fields.find((f) => f.id === id)!

describe('the filter in the address', () => {
  it('comes back as it went', () => {
    const state = { ...NOTHING, words: '南关 桥', where: [parseWhere('flow:ge:3.2')!, parseWhere('name:has:a:b|c')!, parseWhere('photos:empty')!], bbox: [112.1, 39.2, 112.9, 39.9] as [number, number, number, number], due: 'overdue', asOf: '2026-01-01', retired: true, sort: '-flow,code', columns: ['code', 'flow'] }
    const address = toAddress(state, { view: 'map', q: 'old' })
    expect(address.view).toBe('map')
    expect(fromAddress(address as never)).toEqual(state)
  })
  it('leaves out what is as usual, and drops what is faulty', () => {
    expect(toAddress(NOTHING)).toEqual({})
    expect(fromAddress({ where: ['flow:near:3', 'flow', 'flow:ge:', ':eq:1'], bbox: '3,2,1,0', due: 'soon', as_of: 'yesterday' })).toEqual(NOTHING)
  })
  it('keeps colons in values and needs none for presence', () => {
    expect(parseWhere('at:ge:2026-01-01T10:00')).toEqual({ field: 'at', op: 'ge', value: '2026-01-01T10:00' })
    expect(whereText({ field: 'x', op: 'filled', value: 'left over' })).toBe('x:filled')
  })
  it('asks the API with one `where` for each condition', () => {
    const query = listQuery({ ...NOTHING, where: [...rangeWhere('flow', '1', '5'), ...choiceWhere('kind', ['mixed', 'rain'])] }, def, { after: null, limit: 100 }, true)
    expect(apiPath('/registers/x/records', query)).toBe('/api/v1/registers/x/records?where=flow%3Age%3A1&where=flow%3Ale%3A5&where=kind%3Ain%3Amixed%7Crain&sort=_due&limit=100&total=true')
    expect(listQuery(NOTHING, def, { after: 'k', limit: 50 }, true)).not.toHaveProperty('total')
    expect(listQuery(NOTHING, def, { after: null, limit: 1 }, false).sort).toBe('code')
    expect(listQuery(NOTHING, { ...def, may: { ...def.may, hidden: ['code'] } }, { after: null, limit: 1 }, false).sort).toBe('')
    expect(filterQuery(NOTHING)).not.toHaveProperty('retired')
  })
  it('replaces what was said about a field', () => {
    const where = [...rangeWhere('flow', '1', ''), ...choiceWhere('kind', ['rain'])]
    expect(rangeOf(where, 'flow')).toEqual({ from: '1', to: '' })
    expect(chosen(where, 'kind')).toEqual(['rain'])
    expect(withField(where, 'flow', []).map(whereText)).toEqual(['kind:eq:rain'])
  })
  it('sorts up, down, and as before; several columns with shift', () => {
    expect(nextSort('', 'flow')).toBe('flow')
    expect(nextSort('flow', 'flow')).toBe('-flow')
    expect(nextSort('-flow', 'flow')).toBe('')
    expect(nextSort('flow', 'code', true)).toBe('flow,code')
    expect(nextSort('flow,code', 'code', true)).toBe('flow,-code')
    expect(nextSort('flow,code', 'name')).toBe('name')
  })
  it('filters a field as its kind asks', () => {
    expect(['text', 'enum', 'number', 'date', 'area', 'reference', 'boolean', 'attachment', 'geometry'].map((k) => filterKind(field('x', k as Field['type'])))).toEqual(['text', 'choice', 'range', 'days', 'area', 'reference', 'yesno', 'presence', 'presence'])
    expect(filterKind(by('load'))).toBe('range')
  })
})

describe('values as text', () => {
  const names = (lang: 'zh' | 'en'): Names => ({ lang, now: Date.parse('2026-11-23T12:00:00+08:00'), area: (c) => `area ${c}`, parameter: (c) => c.toUpperCase(), station: (c) => c, yes: 'yes', no: 'no', files: (n) => `${n} files`, shape: (s) => s })
  const show = (f: Field, v: FieldValue, lang: 'zh' | 'en' = 'zh') => valueText(f, v, names(lang))
  it('shows each kind', () => {
    expect(show(by('flow'), 3)).toBe('3.0')
    expect(show(by('flow'), -0.5)).toBe('−0.5')
    expect(show(by('pipes'), 12)).toBe('12')
    expect(show(field('n', 'number', { unit: '' }), 39.4317)).toBe('39.4317')
    expect(show(by('kind'), 'mixed')).toBe('混合')
    expect(show(by('kind'), 'gone', 'en')).toBe('gone')
    expect(show(field('k', 'enum', { many: true, values: by('kind').values! }), ['mixed', 'rain'], 'en')).toBe('Mixed, Rain')
    expect(show(by('open'), false)).toBe('no')
    expect(show(field('t', 'time'), '2026-11-20T02:00:00Z')).toBe('11-20 10:00')
    expect(show(by('river'), { register: 'rivers', rid: 5, key: 'sanggan', title: '桑干河' })).toBe('桑干河')
    expect(show(by('place'), { type: 'Point', coordinates: [112, 39] })).toBe('Point')
    expect(show(by('load'), 6.4)).toBe('6.4')
  })
  it('says nothing where nothing is known', () => {
    for (const f of def.fields) for (const v of [null, '', []] as FieldValue[]) expect(show(f, v), f.id).toBe('')
  })
  it('names a record by its title, else its key, else its number', () => {
    expect(recordTitle(def, record({ name: '南关', code: 'A' }))).toBe('南关')
    expect(recordTitle(def, record({ name: null, code: 'A' }))).toBe('A')
    expect(recordTitle(def, record({}))).toBe('#7')
  })
  it('tells late from soon', () => {
    expect(dueState('2026-11-20', '2026-11-23')).toEqual({ state: 'over', days: 3 })
    expect(dueState('2026-11-23', '2026-11-23')).toEqual({ state: 'soon', days: 0 })
    expect(dueState('2027-11-23', '2026-11-23').state).toBe('later')
    expect(dueState(null, '2026-11-23').state).toBe('none')
  })
  it('goes back through the versions', () => {
    const events = [
      { seq: 9, changes: [{ field: 'flow', before: 2, after: 3 }, { field: 'name', before: 'old', after: 'new' }] },
      { seq: 4, changes: [{ field: 'flow', before: null, after: 2 }] },
    ]
    const versions = versionsOf(record({ flow: 3, name: 'new' }), events)
    expect(versions.map((v) => v.values)).toEqual([{ flow: 3, name: 'new' }, { flow: 2, name: 'old' }])
  })
})

describe('the form from the definition', () => {
  const words = (code: string, holes: Record<string, string | number>) => two(code, `${code} ${Object.values(holes).join()}`.trim())
  it('groups fields under their headings', () => {
    expect(sectionsOf(def.fields).map((s) => [s.name?.en, s.fields.length])).toEqual([['Basics', 3], ['Flow', 9]])
    expect(sectionsOf([field('a', 'text')])[0]!.name).toBeNull()
  })
  it('reads numbers as people type them', () => {
    expect(['3.2', '３．２', '1,234', '−5', '.5', '1e3'].map(readNumber)).toEqual([3.2, 3.2, 1234, -5, 0.5, 1000])
    expect(['', 'abc', '1,23', '--1', '1.2.3'].map(readNumber)).toEqual([null, null, null, null, null])
  })
  it('finds what can be found here', () => {
    const faults = localFaults(def, { code: 'ab', name: '  ', flow: '101', pipes: '2.5' }, words)
    expect(faults.map((f) => [f.field, f.code])).toEqual([['code', 'pattern'], ['name', 'required'], ['flow', 'above'], ['pipes', 'not_whole']])
    expect(localFaults(def, { code: 'A-1', name: 'x', flow: 0 }, words)).toEqual([])
    expect(localFaults(def, { code: 'A-1234567890', name: 'x', flow: 'x' }, words).map((f) => f.code)).toEqual(['too_long', 'not_number'])
  })
  it('leaves a pattern the browser cannot read to the server', () => {
    const odd = { ...def, fields: [field('a', 'text', { pattern: '(?x) [0-9]+' })] }
    expect(localFaults(odd, { a: 'zz' }, words)).toEqual([])
  })
  it('does not say the same twice', () => {
    const local = [{ field: 'code', code: 'required', zh: '必填', en: 'Required' }]
    const merged = mergeFaults(local, [{ field: 'code', code: 'required', zh: '必须填写', en: 'must be filled' }, { field: '', code: 'unique', zh: '重复', en: 'twice' }])
    expect(merged.get('code')).toHaveLength(1)
    expect(merged.get('')).toHaveLength(1)
  })
  it('sends only what was changed, in the form the API takes', () => {
    const base = draftOf(def, record({ code: 'A', flow: 3, river: { register: 'rivers', rid: 5, key: 'k', title: 't' }, photos: [], load: 6 }))
    expect(base).not.toHaveProperty('load')
    const now = { ...base, flow: '3.0', river: null, parts: [{ register: 'rivers', rid: 6, key: 'k', title: 't' }], photos: [{ hash: 'ff', name: 'a', media_type: 'image/jpeg', bytes: 1 }], name: ' 新 ' }
    expect(changed(def, base, now)).toEqual({ name: '新', river: null, parts: [6], photos: ['ff'] })
    expect(whole(def, { code: 'A', flow: '2', open: false })).toEqual({ code: 'A', flow: 2, open: false })
  })
  it('knows the steps and what they lack', () => {
    const [step] = transitionsFrom(def.lifecycle, 'found')
    expect(step?.id).toBe('close')
    expect(transitionsFrom(def.lifecycle, 'done')).toEqual([])
    expect(lacking(def, step!, { flow: 3, photos: [] }).map((f) => f.id)).toEqual(['photos'])
  })
  it('tells whose change is whose', () => {
    const base = { code: 'A', name: 'x', flow: 1 }
    const rows = clashes(def, base, { ...base, name: 'ours', flow: '2' }, { ...base, name: 'theirs', code: 'B' })
    expect(rows.map((r) => [r.field.id, r.both])).toEqual([['code', false], ['name', true]])
  })
  it('takes presets from the address', () => {
    expect(presets({ 'set.river': '12', area: 'x', 'set.kind': ['rain'], 'set.none': '' })).toEqual({ river: '12', kind: 'rain' })
  })
})

describe('a list that is fetched as one scrolls', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const flush = () => vi.advanceTimersByTimeAsync(0)
  it('goes on where the last page ended, and begins anew with another question', async () => {
    const key = ref('a')
    const asked: (string | null)[] = []
    const list = effectScope().run(() =>
      useCursor<number>(() => key.value, (after) => {
        asked.push(after)
        const page: CursorPage<number> = after === null ? { records: [1, 2], next: 'n1', total: 3 } : { records: [3], next: null }
        return Promise.resolve(page)
      }),
    )!
    await flush()
    expect([list.rows.value, list.total.value, list.more.value]).toEqual([[1, 2], 3, true])
    await list.fetchMore()
    expect([list.rows.value, list.total.value, list.more.value]).toEqual([[1, 2, 3], 3, false])
    await list.fetchMore()
    expect(asked).toEqual([null, 'n1'])
    key.value = 'b'
    await nextTick()
    await flush()
    expect(list.rows.value).toEqual([1, 2])
    list.replace((n) => n === 2, 20)
    list.replace((n) => n === 1, null)
    expect([list.rows.value, list.total.value]).toEqual([[20], 2])
  })
  it('drops the late answer to an old question, and says when it is slow', async () => {
    const key = ref('a')
    const answers = new Map<string, (page: CursorPage<string>) => void>()
    const list = effectScope().run(() => useCursor<string>(() => key.value, () => new Promise((resolve) => answers.set(key.value, resolve))))!
    await vi.advanceTimersByTimeAsync(150)
    expect(list.slow.value).toBe(false)
    await vi.advanceTimersByTimeAsync(100)
    expect(list.slow.value).toBe(true)
    key.value = 'b'
    await nextTick()
    answers.get('b')!({ records: ['new'], next: null })
    await flush()
    answers.get('a')!({ records: ['old'], next: null })
    await flush()
    expect([list.rows.value, list.slow.value, list.total.value]).toEqual([['new'], false, 1])
  })
  it('draws only the rows in the window', () => {
    expect(windowOf(0, 600, 30, 100_000)).toEqual({ from: 0, to: 32 })
    expect(windowOf(30_000, 600, 30, 100_000)).toEqual({ from: 988, to: 1032 })
    expect(windowOf(30_000, 600, 30, 10)).toEqual({ from: 10, to: 10 })
  })
})

describe('shapes', () => {
  const square: Geometry = { type: 'Polygon', coordinates: [[[112, 39], [113, 39], [113, 40], [112, 40], [112, 39]], [[112.2, 39.2], [112.4, 39.2], [112.4, 39.4], [112.2, 39.2]]] }
  it('are taken apart and put together again', () => {
    const all: [Geometry, 'point' | 'line' | 'polygon'][] = [
      [square, 'polygon'],
      [{ type: 'MultiPolygon', coordinates: [square.coordinates as never, [[[1, 1], [2, 1], [2, 2], [1, 1]]]] }, 'polygon'],
      [{ type: 'LineString', coordinates: [[1, 1], [2, 2]] }, 'line'],
      [{ type: 'MultiLineString', coordinates: [[[1, 1], [2, 2]], [[3, 3], [4, 4]]] }, 'line'],
      [{ type: 'Point', coordinates: [1, 2] }, 'point'],
    ]
    for (const [shape, kind] of all) expect(fromPaths(toPaths(shape), kind)).toEqual(shape)
  })
  it('lose a corner, a hole, or everything', () => {
    const paths = toPaths(square)
    expect(removed(paths, 0, 1, 'polygon')[0]!.at).toHaveLength(3)
    expect(removed(paths, 1, 0, 'polygon')).toHaveLength(1)
    const outer = removed(removed(paths, 0, 0, 'polygon'), 0, 0, 'polygon')
    expect(fromPaths(outer, 'polygon')).toBeNull()
    expect(removed(toPaths({ type: 'Point', coordinates: [1, 2] }), 0, 0, 'point')).toEqual([])
  })
  it('gain a corner in the middle of a side, the closing one too', () => {
    const paths = toPaths(square)
    expect(middles(paths).filter((m) => m.path === 0)).toHaveLength(4)
    expect(inserted(paths, 0, 3, [112, 39.5])[0]!.at.at(-1)).toEqual([112, 39.5])
    expect(middles(toPaths({ type: 'LineString', coordinates: [[0, 0], [2, 2]] })).map((m) => m.at)).toEqual([[1, 1]])
  })
  it('are read from GeoJSON, WKT and a pair of numbers', () => {
    expect(readShape(JSON.stringify({ type: 'Feature', geometry: square, properties: {} }))).toEqual(square)
    expect(readShape('POINT (112.43 39.33)')).toEqual({ type: 'Point', coordinates: [112.43, 39.33] })
    expect(readShape('SRID=4326;POLYGON((112 39, 113 39, 113 40, 112 39))')).toEqual({ type: 'Polygon', coordinates: [[[112, 39], [113, 39], [113, 40], [112, 39]]] })
    expect(readShape('MULTILINESTRING Z ((1 1 5, 2 2 5), (3 3 5, 4 4 5))')).toEqual({ type: 'MultiLineString', coordinates: [[[1, 1], [2, 2]], [[3, 3], [4, 4]]] })
    expect(readShape('１１２．４３，３９．３３')).toEqual({ type: 'Point', coordinates: [112.43, 39.33] })
    for (const wrong of ['', 'POINT', '{"type":"Point"}', 'CIRCLE (1 1)', '39.33', '200, 39', '{"a":']) expect(readShape(wrong), wrong).toBeNull()
  })
  it('move between GCJ-02 and WGS-84', () => {
    const [x, y] = toGcj([112.43, 39.33]) as [number, number]
    expect(Math.hypot((x - 112.43) * 86_000, (y - 39.33) * 111_000)).toBeGreaterThan(200)
    expect(Math.hypot((x - 112.43) * 86_000, (y - 39.33) * 111_000)).toBeLessThan(1_000)
    const [bx, by_] = fromGcj([x, y]) as [number, number]
    expect(Math.abs(bx - 112.43)).toBeLessThan(1e-7)
    expect(Math.abs(by_ - 39.33)).toBeLessThan(1e-7)
  })
  it('have bounds', () => {
    expect(boundsOf([square, { type: 'Point', coordinates: [111, 41] }])).toEqual([111, 39, 113, 41])
    expect(boundsOf([null])).toBeNull()
  })
})

describe('columns of a file', () => {
  it('go into fields, each once', () => {
    const mapping = { 编码: 'code', 名称: 'name', 旧名: 'name', 备注: '' }
    expect(twice(mapping)).toEqual(['name'])
    expect(missing(def, { 编码: 'code' }).map((f) => f.id)).toEqual(['name'])
    expect(kept(mapping)).toEqual({ 编码: 'code', 名称: 'name', 旧名: 'name' })
    expect(targets({ ...def, may: { ...def.may, writable: ['code', 'load'] } }).map((f) => f.id)).toEqual(['code'])
  })
})
