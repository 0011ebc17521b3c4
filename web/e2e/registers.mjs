// Registers in the browser: lists and maps, forms with their faults, steps with evidence, history, imports and exports.
import { readFile } from 'node:fs/promises'
import { axe, check, expect, open, PHONE, until } from './browser.mjs'

/** The register the checks write in; its definition says what its fields are. */
const ID = process.env.E2E_REGISTER ?? 'river-outfalls'
const STAMP = Date.now().toString(36).toUpperCase()

/** Pages that every general check walks as well. */
export const registerPages = ['/registers', '/registers/due', `/registers/${ID}`, `/registers/${ID}?view=list&due=overdue`, `/registers/${ID}/new`, `/registers/${ID}/import`]
/** Those of them that show all the colours there are. */
export const registerFew = ['/registers', `/registers/${ID}`, `/registers/${ID}/new`]

// A picture of one pixel, as a camera might give it.
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const photo = (name) => ({ name: `${name}.png`, mimeType: 'image/png', buffer: PIXEL })

const api = (page, path, method = 'GET', body = undefined) =>
  page.evaluate(
    async ([p, m, b]) => {
      const answer = await fetch(`/api/v1${p}`, { method: m, headers: { 'Content-Type': 'application/json', 'X-Sanggan': '1' }, ...(b === undefined ? {} : { body: JSON.stringify(b) }) })
      return { status: answer.status, body: await answer.json().catch(() => null) }
    },
    [path, method, body],
  )
const definition = async (page) => (await api(page, `/registers/${ID}`)).body
const total = async (page) => Number(/\d+(?= (条|records))|\/ ([\d,]+)/.exec(await page.locator('[data-test="total"]').innerText())?.[0].replace(/\D/g, '') ?? -1)

/** Fills a field of a form by its kind; what is asked of it, its definition says. */
async function fill(page, field, prefix, n) {
  const box = page.locator(`#${prefix}-${field.id}`)
  const name = `E2E-${STAMP}-${n}`
  switch (field.type) {
    case 'text':
      return box.fill(field.pattern ? (field.id === 'code' ? name : '1') : `${name} ${field.id}`.slice(0, field.max_length ?? 100))
    case 'long_text':
      return box.fill(`${name}: ${field.id}`)
    case 'number':
    case 'integer':
      return box.fill(String(Math.ceil(field.min ?? 1) || 1))
    case 'date':
      return box.fill('2026-10-01')
    case 'time':
      return box.fill('2026-10-01T08:00')
    case 'boolean':
      return box.locator('[role="radio"]').first().click()
    case 'area':
      return box.selectOption({ index: 1 })
    case 'enum':
      return (await box.evaluate((e) => e.tagName)) === 'SELECT' ? box.selectOption({ index: 1 }) : box.locator('button').first().click()
    case 'reference':
      await box.click()
      await page.locator(`#${prefix}-${field.id}-list [role="option"]:not([aria-disabled])`).first().click()
      return undefined
    case 'attachment': {
      const files = page.locator(`[id="${prefix}-${field.id}"]`).locator('xpath=..').locator('[data-test="files"]')
      await files.setInputFiles([photo(`${name}-${field.id}`)])
      await page.locator(`[id="${prefix}-${field.id}"]`).locator('xpath=../..').locator('li img').first().waitFor()
      return undefined
    }
    case 'geometry': {
      const group = page.locator(`[role="group"]:has(#${prefix}-${field.id})`)
      await group.locator('button[aria-expanded]').click()
      const text = { point: '112.43, 39.33', line: 'LINESTRING (112.4 39.3, 112.5 39.4)', polygon: 'POLYGON ((112.4 39.3, 112.5 39.3, 112.5 39.4, 112.4 39.3))', any: '112.43, 39.33' }[field.shape]
      await group.locator('[data-test="shape-text"]').fill(text)
      await group.locator('[data-test="shape-use"]').click()
      return undefined
    }
    default:
      throw new Error(`no way to fill ${field.type}`)
  }
}

export async function registerChecks(page, { go, shot, clean, browser, cookies }) {
  page.faults.length = 0
  let def = null
  let made = null

  await check('the index shows the registers by group, and finds one by a word', async () => {
    await go(page, '/registers')
    const all = await page.locator('[data-test="register"]').count()
    expect(all >= 1, 'registers')
    def = await definition(page)
    await page.locator('input.find').fill(def.name.zh)
    await until(async () => (await page.locator('[data-test="register"]').count()) < Math.max(all, 2), 'fewer')
    expect((await page.locator('[data-test="register"]').count()) >= 1, 'the one that was meant')
    await shot(page, 'registers')
    await page.locator('[data-test="register"] a.name').first().click()
    await page.waitForURL(/\/registers\/[a-z]/)
    return `${all} registers`
  })

  await check('a form names every fault, and saves when they are mended', async () => {
    await go(page, `/registers/${ID}/new`)
    await page.locator('[data-test="save"]').click()
    await page.locator('[data-test="faults"]').waitFor()
    const required = def.fields.filter((f) => f.required && f.type !== 'computed')
    expect((await page.locator('[data-test="fault"]').count()) >= required.length, 'a word at every field that lacks something')
    await shot(page, 'register-form-faults')
    for (const field of required) await fill(page, field, 'in', 1)
    const number = def.fields.find((f) => f.type === 'number' && typeof f.min === 'number' && !f.required)
    if (number) {
      await page.locator(`#in-${number.id}`).fill(String(number.min - 1))
      await page.locator(`[data-field="${number.id}"] [data-test="fault"]`).waitFor()
      await page.locator(`#in-${number.id}`).fill('')
    }
    const shape = def.fields.find((f) => f.id === def.geometry)
    if (shape?.shape === 'point' || shape?.shape === 'any') {
      // Drawn by hand: the button, then a click on the map.
      await page.locator(`#in-${shape.id}`).click()
      const canvas = page.locator(`[data-field="${shape.id}"] canvas`)
      await canvas.scrollIntoViewIfNeeded()
      await page.waitForTimeout(800)
      await canvas.click({ position: { x: 300, y: 150 } })
      await until(async () => /\d+\.\d+/.test(await page.locator(`[data-field="${shape.id}"] [role="status"]`).innerText()), 'the coordinates of the point')
    }
    await shot(page, 'register-form')
    await page.locator('[data-test="save"]').click()
    await page.waitForURL(new RegExp(`/registers/${ID}/\\d+$`))
    made = Number(page.url().split('/').at(-1))
    await page.locator('main h1').waitFor()
    await shot(page, 'register-record')
    return `record ${made}`
  })

  await check('the list finds it by its words; filters stand in the address; as of yesterday it is not there', async () => {
    const title = (await api(page, `/registers/${ID}/records/${made}`)).body.values[def.key]
    await go(page, `/registers/${ID}`)
    await until(async () => (await total(page)) > 0, 'records')
    const all = await total(page)
    await page.locator('[data-test="words"]').fill(title)
    await page.waitForURL(/q=/)
    await until(async () => (await total(page)) === 1, 'the one record')
    await page.reload()
    await until(async () => (await total(page).catch(() => -1)) === 1, 'the same after a reload')
    await page.locator(`tr[data-rid="${made}"]`).click()
    await page.locator('.el-drawer h2').waitFor()
    await shot(page, 'register-drawer')
    await page.keyboard.press('Escape')
    const yesterday = await page.locator('[data-test="as-of"]').evaluate((e) => new Date(Date.parse(`${e.max}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10))
    await page.locator('[data-test="as-of"]').fill(yesterday)
    await page.locator('[data-test="as-of-band"]').waitFor()
    await until(async () => (await total(page)) === 0, 'nothing yesterday')
    expect((await page.locator('[data-test="add"]').count()) === 0, 'the past cannot be changed')
    await shot(page, 'register-as-of')
    return `1 of ${all}`
  })

  await check('an enumeration filters by a chip, a range by its ends', async () => {
    await go(page, `/registers/${ID}?view=list`)
    const field = def.fields.find((f) => f.type === 'enum' && f.required) ?? def.fields.find((f) => f.type === 'enum')
    await page.locator('[data-test="add-filter"] > button').click()
    await page.locator('[data-test="add-filter"] .list button', { hasText: field.name.zh }).first().click()
    await page.locator('[data-test="add-filter"] .editor .chips button').first().click()
    await page.waitForURL(new RegExp(`where=${field.id}(%3A|:)eq`))
    await page.keyboard.press('Escape')
    await until(async () => (await page.locator('.cond').count()) === 1, 'a chip for the filter')
    await page.locator('[data-test="clear"]').click()
    await until(async () => !page.url().includes('where='), 'cleared')
  })

  await check('a step asks for what it needs, takes evidence, and is in the history with its reason', async () => {
    const before = (await api(page, `/registers/${ID}/records/${made}`)).body
    const step = def.lifecycle?.transitions.find((s) => s.from.includes(before.state) && s.evidence.length > 0) ?? def.lifecycle?.transitions.find((s) => s.from.includes(before.state))
    expect(step, 'a step from the first state')
    await go(page, `/registers/${ID}/${made}`)
    await page.locator(`[data-test="step-${step.id}"]`).click()
    const run = page.locator('[data-test="step-run"]')
    const needs = [...new Set([...step.requires, ...step.evidence])].map((id) => def.fields.find((f) => f.id === id))
    if (needs.length > 0) expect(await run.isDisabled(), 'not before it has what it needs')
    for (const field of needs) await fill(page, field, 'st', 2)
    await page.locator('#st-why').fill('现场核查')
    await shot(page, 'register-step')
    await run.click()
    const state = def.lifecycle.states.find((s) => s.id === step.to)
    await until(async () => (await page.locator('[data-test="steps"]').innerText()).includes(state.name.zh), `the state ${state.name.zh}`)
    await page.locator('[data-test="tab-history"]').click()
    await page.locator('[data-test="history"] .event').nth(1).waitFor()
    const text = await page.locator('[data-test="history"]').innerText()
    expect(text.includes('现场核查') && text.includes(state.name.zh), `the reason and the state in ${text}`)
    await shot(page, 'register-history')
    await page.locator('[data-test="history"] .event').last().locator('button').click()
    await page.locator('.then').waitFor()
    return `${step.id}, ${needs.length} fields`
  })

  await check('who changes a record meanwhile is shown beside what one wanted', async () => {
    await go(page, `/registers/${ID}/${made}/edit`)
    const field = def.fields.find((f) => f.id === def.title)
    await page.locator(`#in-${field.id}`).fill(`E2E ${STAMP} mine`)
    const now = (await api(page, `/registers/${ID}/records/${made}`)).body
    const other = await api(page, `/registers/${ID}/records/${made}`, 'PATCH', { version: now.version, values: { [field.id]: `E2E ${STAMP} theirs` }, why: '' })
    expect(other.status === 200, `the other change: ${JSON.stringify(other)}`)
    await page.locator('[data-test="save"]').click()
    await page.locator('[data-test="conflict"]').waitFor()
    const text = await page.locator('[data-test="conflict"]').innerText()
    expect(text.includes('mine') && text.includes('theirs'), 'both values')
    await shot(page, 'register-conflict')
    await page.locator('[data-test="conflict"] button.primary').click()
    await page.locator('[data-test="save"]').click()
    await page.waitForURL(new RegExp(`/registers/${ID}/\\d+$`))
    expect((await page.locator('main h1').innerText()).includes('mine'), 'ours, on top of theirs')
    // What was not saved is not lost without a word.
    await go(page, `/registers/${ID}/${made}/edit`)
    await page.locator(`#in-${field.id}`).fill('left behind')
    await page.locator('.page-head a').first().click()
    await page.locator('.el-dialog').waitFor()
    await page.locator('.el-dialog .leave button').first().click()
    await page.waitForURL(new RegExp(`/registers/${ID}/\\d+$`))
  })

  await check('a table is tried, its bad row named, and its good rows become records', async () => {
    const fields = def.fields.filter((f) => f.required && !['computed', 'attachment', 'geometry', 'reference'].includes(f.type))
    const value = (f, n) => (f.id === def.key ? `E2E-${STAMP}-I${n}` : f.type === 'enum' ? f.values[0].name.zh : f.type === 'area' ? '140602' : f.type === 'date' ? '2026-10-01' : f.type === 'boolean' ? '是' : f.type === 'text' || f.type === 'long_text' ? `导入 ${STAMP} ${n}` : '1')
    const bad = fields.find((f) => f.type === 'enum') ?? fields.find((f) => f.id === def.key)
    const lines = [fields.map((f) => f.name.zh).join(','), ...[1, 2, 3].map((n) => fields.map((f) => (n === 2 && f === bad ? (bad.type === 'enum' ? '没有这一项' : '') : value(f, n))).join(','))]
    await go(page, `/registers/${ID}/import`)
    await page.locator('[data-test="import-file"]').setInputFiles([{ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`) }])
    await page.locator('[data-test="dry-run"]').waitFor()
    await shot(page, 'register-import-map')
    await page.locator('[data-test="dry-run"]').click()
    await page.locator('[data-test="import-fault"]').first().waitFor()
    expect(await page.locator('[data-test="all-or-nothing"]').isDisabled(), 'not all while one is bad')
    const [faults] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test="faults-file"]').click()])
    expect((await readFile(await faults.path(), 'utf8')).split('\n').length >= 2, 'the faults as a file')
    await shot(page, 'register-import-faults')
    await page.locator('[data-test="good-rows"]').click()
    await until(async () => /2/.test(await page.locator('[data-test="import-result"] h2').innerText()) && (await page.locator('[data-test="import-result"] a.primary').count()) > 0, 'two records written')
    await shot(page, 'register-import-done')
    await go(page, `/registers/${ID}?view=list&q=${encodeURIComponent(`E2E-${STAMP}-I`)}`)
    await until(async () => (await total(page)) === 2, 'the two rows')
  })

  await check('the list leaves as CSV, XLSX and GeoJSON, as filtered', async () => {
    const sizes = []
    for (const format of ['csv', 'xlsx', ...(def.geometry ? ['geojson'] : [])]) {
      await page.locator('[data-test="export"] > button').click()
      const [file] = await Promise.all([page.waitForEvent('download'), page.locator(`[data-test="export-${format}"]`).click()])
      const bytes = await readFile(await file.path())
      expect(bytes.length > 50, `${format} holds something`)
      if (format === 'csv') expect(bytes.toString('utf8').trim().split('\n').length === 3, `a head and two rows: ${bytes.toString('utf8')}`)
      if (format === 'geojson') expect(JSON.parse(bytes.toString('utf8')).features.length === 2, 'two features')
      sizes.push(`${format} ${bytes.length}`)
      await page.keyboard.press('Escape')
    }
    return sizes.join(', ')
  })

  await check('chosen rows are changed together, and each says how it went', async () => {
    await page.locator('thead input[type="checkbox"]').check()
    await page.locator('[data-test="bulk"]').waitFor()
    const field = def.fields.find((f) => ['text', 'long_text'].includes(f.type) && f.id !== def.key && f.id !== def.title && !f.pattern && def.may.writable.includes(f.id))
    await page.locator('[data-test="bulk"] button[aria-pressed]').last().click()
    await page.locator('[data-test="bulk"] select').selectOption(field.id)
    await page.locator(`#bulk-${field.id}`).fill('批量')
    await page.locator('[data-test="bulk"] form button[type="submit"]').click()
    await page.locator('[data-test="bulk"] [role="status"] .chip.ok').waitFor()
    await shot(page, 'register-bulk')
  })

  await check('a view is kept under a name and opens again', async () => {
    const name = `E2E ${STAMP}`
    await go(page, `/registers/${ID}?view=list&sort=-${def.key}`)
    await page.locator('[data-test="views"] > button').click()
    await page.locator('[data-test="views"] form input').fill(name)
    await page.locator('[data-test="views"] form button').click()
    await page.locator('[data-test="views"] li', { hasText: name }).waitFor()
    await go(page, `/registers/${ID}`)
    await page.locator('[data-test="views"] > button').click()
    await page.locator('[data-test="views"] li button', { hasText: name }).first().click()
    await page.waitForURL(/sort=-/)
  })
  clean(page)

  await check('the public reads a public register and cannot write in it', async () => {
    const { context, page: outside } = await open(browser, { viewport: { width: 1440, height: 900 } })
    await go(outside, '/registers')
    const cards = await outside.locator('[data-test="register"]').count()
    const index = await api(outside, '/registers')
    expect(index.status === 200 && index.body.registers.every((r) => r.is_public), 'only public registers')
    if (def.public) {
      await go(outside, `/registers/${ID}`)
      expect((await outside.locator('[data-test="add"]').count()) === 0, 'nothing to add')
      expect((await outside.locator('main [role="alert"]').count()) === 0, 'no error')
      await shot(outside, 'register-public')
    }
    const found = await axe(outside, 'public register')
    expect(found.length === 0, found.join('\n      '))
    clean(outside)
    await context.close()
    return `${cards} public registers`
  })

  await check('on a phone a record is made with a photo from the camera', async () => {
    const { context, page: phone } = await open(browser, PHONE, { cookies })
    await go(phone, `/registers/${ID}`)
    await phone.locator('.card, .empty').first().waitFor()
    await shot(phone, 'phone-register')
    await go(phone, `/registers/${ID}/new`)
    for (const field of def.fields.filter((f) => f.required && f.type !== 'computed')) await fill(phone, field, 'in', 3)
    const camera = def.fields.find((f) => f.type === 'attachment' && f.photo)
    if (camera) {
      const input = phone.locator(`[data-field="${camera.id}"] [data-test="camera"]`)
      expect((await input.getAttribute('capture')) === 'environment', 'the camera on the back')
      await input.setInputFiles([photo('riverbank')])
      await phone.locator(`[data-field="${camera.id}"] li img`).waitFor()
    }
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(wide <= 1, `${wide} px too wide`)
    await shot(phone, 'phone-register-form')
    await phone.locator('[data-test="save"]').click()
    await phone.waitForURL(new RegExp(`/registers/${ID}/\\d+$`))
    await phone.locator('main h1').waitFor()
    await shot(phone, 'phone-register-record')
    const found = await axe(phone, 'phone record')
    expect(found.length === 0, found.join('\n      '))
    clean(phone)
    await context.close()
  })

  await check('the pages of one record are clean for assistive technology', async () => {
    const found = []
    for (const path of [`/registers/${ID}/${made}`, `/registers/${ID}/${made}/edit`, `/registers/${ID}/${made}/sign`, `/registers/${ID}?rid=${made}`]) {
      await go(page, path)
      await page.waitForTimeout(600)
      found.push(...(await axe(page, path)))
      await shot(page, `register${path.replace(/\W+/g, '-')}`)
    }
    expect(found.length === 0, found.join('\n      '))
    clean(page)
  })
}

