// Places, waters, custody chains and the files of enterprises in the browser.
import { axe, check, expect, open, PHONE, until } from './browser.mjs'

/** Pages that every general check walks as well. */
export const placePages = ['/enterprises', '/places', '/places?at=112.43,39.33', '/registers/manifests/balance', '/coverage']

const api = (page, path) => page.evaluate((p) => fetch(`/api/v1${p}`).then(async (r) => ({ status: r.status, body: await r.json().catch(() => null) })), path)
const first = async (page, register, query = '') => (await api(page, `/registers/${register}/records?limit=1${query}`)).body?.records?.[0]?.rid ?? null

export async function placeChecks(page, { go, shot, clean, browser, cookies }) {
  page.faults.length = 0

  let enterprise = null
  await check('the file of an enterprise shows its stations with limits, and its records by group', async () => {
    await go(page, '/enterprises')
    await page.locator('[data-test="enterprise"]').first().waitFor()
    // One that is monitored: the enterprise that an outlet with a station belongs to.
    const outlets = (await api(page, '/registers/outlets/records?limit=1&where=station:filled')).body
    enterprise = outlets?.records?.[0]?.values.enterprise?.rid ?? null
    expect(enterprise !== null, 'an outlet with a station')
    await go(page, `/enterprises/${enterprise}`)
    await page.locator('[data-test="file-station"] tbody tr').first().waitFor()
    const groups = await page.locator('[data-test="file-group"]').count()
    expect(groups > 1, 'several groups')
    expect((await page.locator('[data-test="file-group"] tbody a').count()) > 0, 'each row is a door')
    await shot(page, 'enterprise-file')
    await page.locator('nav.anchors button').nth(1).click()
    await until(() => page.evaluate(() => document.activeElement?.id.startsWith('group-')), 'the group in focus')
    return `${groups} groups`
  })

  await check('a section says who discharges above it, and draws the water', async () => {
    const sections = (await api(page, '/registers/sections/records?limit=20')).body.records
    let found = null
    for (const { rid } of sections) {
      const answer = (await api(page, `/graph/sections/${rid}?direction=up`)).body
      if (answer?.found?.some((one) => one.kind === 'outlet')) {
        found = { rid, n: answer.found.length }
        break
      }
    }
    expect(found, 'a section with something above')
    await go(page, `/registers/sections/${found.rid}`)
    await page.locator('[data-test="who-above"] li').first().waitFor()
    expect((await page.locator('[data-test="flow-drawing"] li').count()) > 1, 'the drawing has rows')
    await page.locator('[data-test="to-flow"]').click()
    await shot(page, 'flow-drawing')
    await page.locator('[data-test="flow-up"]').click()
    await until(async () => (await page.locator('[data-test="flow"] tbody tr').count()) === found.n, 'every row of the answer')
    await shot(page, 'flow-up')
    return `${found.n} upstream`
  })

  await check('a click on the map says which zones hold there on the day', async () => {
    await go(page, '/places')
    await page.locator('[data-test="layer"]').first().waitFor()
    await page.locator('.mapside canvas').waitFor()
    await page.waitForTimeout(800)
    const box = await page.locator('.mapside canvas').boundingBox()
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    await page.waitForURL(/at=/)
    await go(page, '/places?at=112.43,39.33')
    await page.locator('[data-test="zone"]').first().waitFor()
    expect((await page.locator('[data-test="zone"] a').count()) > 0, 'a door to the record')
    await shot(page, 'places')
    return `${await page.locator('[data-test="zone"]').count()} zones`
  })

  await check('a season whose window is not recorded cannot be told, and can be recorded from there', async () => {
    await go(page, '/places?day=2090-06-01')
    await page.locator('[data-test="season"] .chip.attention').first().waitFor()
    await shot(page, 'seasons')
    await page.locator('[data-test="record-season"]').first().click()
    await page.waitForURL(/\/registers\/seasons\/new\?/)
    await page.locator('[data-field="year"] input').waitFor()
    expect((await page.locator('[data-field="year"] input').inputValue()) === '2090', 'the year is filled in')
  })

  await check('a balance names what does not add up, and leads to the hand-over', async () => {
    await go(page, '/registers/manifests/balance?since=2020-01-01')
    await page.locator('[data-test="lines"] tbody tr').first().waitFor()
    await shot(page, 'balance')
    const door = page.locator('[data-test="hand-over"]').first()
    if (await door.count()) await door.click()
    else await go(page, `/registers/manifests/${await first(page, 'manifests')}`)
    await page.locator('[data-test="trace"] .way').first().waitFor()
    expect((await page.locator('[data-test="trace"] .way').count()) === 2, 'back and forward')
    await shot(page, 'trace')
  })

  await check('the plan is shown row by row', async () => {
    await go(page, '/coverage')
    await page.locator('main tbody tr').first().waitFor()
    const all = await page.locator('main tbody tr').count()
    await page.locator('[data-test="state-working"]').click()
    await until(async () => (await page.locator('main tbody tr').count()) < all, 'fewer rows')
    await shot(page, 'coverage')
    return `${all} rows`
  })
  clean(page)

  await check('the pages of places are clean for assistive technology, at the desk and on a phone', async () => {
    const river = await first(page, 'rivers')
    const paths = [...placePages, `/enterprises/${enterprise}`, `/registers/rivers/${river}`]
    const found = []
    for (const path of paths) {
      await go(page, path)
      await page.waitForTimeout(600)
      found.push(...(await axe(page, path)))
    }
    const { context, page: phone } = await open(browser, PHONE, { cookies })
    for (const path of [`/enterprises/${enterprise}`, `/registers/rivers/${river}`, '/places?at=112.43,39.33']) {
      await go(phone, path)
      await phone.waitForTimeout(600)
      const wide = await phone.evaluate(() => Math.max(document.documentElement.scrollWidth - innerWidth, document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth))
      if (wide > 1) found.push(`${path} is ${wide} px too wide`)
      found.push(...(await axe(phone, `phone ${path}`)))
      await shot(phone, `phone${path.split('?')[0].replace(/\W+/g, '-')}`)
    }
    clean(phone)
    await context.close()
    expect(found.length === 0, found.join('\n      '))
  })
}
