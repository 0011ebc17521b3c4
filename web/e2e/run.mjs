// The app in a real browser against a running platform.
//   BASE_URL=http://127.0.0.1:8080 OPERATOR_PASSWORD=… SECURITY_PASSWORD=… AUDIT_PASSWORD=… npm run e2e
// When the operator must change the first password, OPERATOR_NEW_PASSWORD becomes the new one.
// LIVE_TIMEOUT_S: how long a live value may take to change (default 60).
import { join } from 'node:path'
import { lawChecks, lawPages } from './law.mjs'
import { placeChecks, placePages } from './places.mjs'
import { registerChecks, registerFew, registerPages } from './registers.mjs'
import { axe, BASE, check, DESK, expect, failures, launch, NAME, open, OUT, PASSWORDS, PHONE, until } from './browser.mjs'

const LIVE = Number(process.env.LIVE_TIMEOUT_S ?? 60) * 1000
const browser = await launch()
const begun = Date.now()
console.log(`e2e against ${BASE} with ${browser.version()}`)
let cookies

const shot = (page, name) => page.screenshot({ path: join(OUT, `${name}.png`) })
const clean = (page) => expect(page.faults.length === 0, page.faults.join('\n'))
const settled = (page) => page.waitForLoadState('domcontentloaded').then(() => page.locator('.page').first().waitFor())
/** The page stands still: skeletons gone, first data there. */
const ready = async (page) => {
  await settled(page)
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached', timeout: 20_000 }).catch(() => undefined)
}
const go = async (page, path) => {
  await page.goto(BASE + path)
  await ready(page)
}

// --- the public ---------------------------------------------------------------------------------------------------
{
  const { context, page } = await open(browser, DESK)
  await check('the public sees the overview without a log-in', async () => {
    await go(page, '/')
    await page.locator('[data-test="city-aqi"]').waitFor()
    // A city that has just started judges its first hours within seconds; the open page must fill by itself.
    await until(async () => (await page.locator('.tiles .tile').count()) >= 6, 'the six pollutants', 90_000)
    await page.locator('.mapbox .pin').first().waitFor()
    await until(() => page.locator('.live.live').count(), 'the live stream', 20_000)
    await shot(page, 'overview-public')
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1)
    return `first paint ${Math.round(paint)} ms`
  })
  await lawChecks(page, { go, shot, clean })
  await check('the public may not open what needs a log-in', async () => {
    await go(page, '/devices')
    expect(page.url().includes('/login'), `sent to the log-in, not ${page.url()}`)
  })
  await check('a wrong password is refused', async () => {
    await page.locator('input[name="name"]').fill(NAME)
    await page.locator('input[name="password"]').fill('certainly-not-this')
    await page.locator('form button[type="submit"]').click()
    await page.locator('[role="alert"]').waitFor()
  })
  await check('the public pages are clean for assistive technology', async () => {
    const found = [...(await axe(page, 'log-in'))]
    await go(page, '/')
    await page.locator('.pin').first().waitFor()
    found.push(...(await axe(page, 'overview')))
    expect(found.length === 0, found.join('\n      '))
    clean(page)
  })
  await context.close()
}

// --- logging in ---------------------------------------------------------------------------------------------------
{
  const { context, page } = await open(browser, DESK)
  await check('an operator logs in', async () => {
    expect(PASSWORDS.length > 0, 'OPERATOR_PASSWORD is set')
    await go(page, '/login')
    for (const password of PASSWORDS) {
      await page.locator('input[name="name"]').fill(NAME)
      await page.locator('input[name="password"]').fill(password)
      await page.locator('form button[type="submit"]').click()
      const where = await until(
        async () => ((await page.locator('[role="alert"]').count()) ? 'refused' : page.url().includes('/login') ? '' : 'in'),
        'an answer to the log-in',
      )
      if (where === 'in') {
        if (page.url().includes('/password')) {
          const fresh = process.env.OPERATOR_NEW_PASSWORD
          expect(fresh, 'the first password must be changed: set OPERATOR_NEW_PASSWORD')
          await page.locator('input[name="old"]').fill(password)
          await page.locator('input[name="new"]').fill(fresh)
          await page.locator('input[name="again"]').fill(fresh)
          await page.locator('form button[type="submit"]').click()
          await page.waitForURL((url) => !url.pathname.startsWith('/password'))
        }
        break
      }
    }
    await page.locator('[data-test="me"]').waitFor()
    cookies = await context.cookies()
  })
  await context.close()
}

// --- offices ------------------------------------------------------------------------------------------------------
for (const [name, secret, path, sees] of [
  ['security-admin', process.env.SECURITY_PASSWORD, '/admin/users', 'audit-admin'],
  ['audit-admin', process.env.AUDIT_PASSWORD, '/admin/journal', 'session.begin'],
]) {
  if (!secret) continue
  const { context, page } = await open(browser, DESK)
  await check(`${name} opens ${path}, and no figures`, async () => {
    await go(page, `/login?next=${path}`)
    await page.locator('input[name="name"]').fill(name)
    await page.locator('input[name="password"]').fill(secret)
    await page.locator('form button[type="submit"]').click()
    await page.getByText(sees).first().waitFor()
    expect((await page.locator('nav.rail a[href="/stations"]').count()) === 0, 'stations are not offered')
    if (path === '/admin/journal') {
      await page.locator('tbody button').first().click()
      await page.locator('[data-test="verify"]').click()
      const verdict = page.locator('[data-test="verdict"]')
      await verdict.waitFor()
      expect((await verdict.getAttribute('class'))?.includes('good'), await verdict.innerText())
    }
    clean(page)
    const found = await axe(page, path)
    expect(found.length === 0, found.join('\n'))
  })
  await context.close()
}

if (cookies) {
  // --- the desk ---------------------------------------------------------------------------------------------------
  const { context, page } = await open(browser, DESK, { cookies })

  await check('a value on the station list changes by itself', async () => {
    await go(page, '/stations')
    const cells = page.locator('tbody td.num')
    await cells.first().waitFor()
    const before = await cells.allInnerTexts()
    await until(async () => {
      const now = await cells.allInnerTexts()
      return now.length === before.length && now.some((text, i) => text !== before[i])
    }, 'a changed value', LIVE)
    await shot(page, 'stations-live')
  })

  const title = () => page.locator('[data-test="explain"] h2').first()
  /** Goes down by the first input until a packet's hash shows or nothing lies below. */
  async function walk(most = 8) {
    const steps = []
    for (let depth = 0; depth < most; depth++) {
      await title().waitFor()
      steps.push((await title().innerText()).trim())
      const hash = page.locator('[data-test="explain"] [data-test="sm3"]').first()
      if (await hash.count()) {
        const text = (await hash.innerText()).trim()
        expect(/^[0-9a-f]{64}$/i.test(text), `an SM3 digest, not "${text}"`)
        return { steps, hash: text }
      }
      const door = page.locator('[data-test="explain"] [data-test="input"]').first()
      if (!(await door.count())) return { steps, hash: null }
      const before = steps.at(-1)
      await door.click()
      await until(async () => (await title().innerText().catch(() => before)).trim() !== before, 'the next step')
    }
    throw new Error(`no end: ${steps.join(' › ')}`)
  }

  await check('from the index over the mean to the observations', async () => {
    await go(page, '/stations')
    await page.locator('tbody tr a').first().click()
    await page.waitForURL(/\/stations\/.+/)
    await page.locator('.now .aqi .door').first().click()
    const { steps, hash } = await walk()
    expect(steps.length >= 3, `three steps, not ${steps.join(' › ')}`)
    await shot(page, 'explain-index')
    return `${steps.length} steps${hash ? `, packet ${hash.slice(0, 12)}…` : ', at the bottom a value that came without a packet'}`
  })

  await check('from a live value down to its packet and the hash of it', async () => {
    await go(page, '/stations')
    // A value that came over the wire just now; its packet is durable by then.
    const row = page.locator('tbody tr').filter({ has: page.locator('td.num .door.flash') }).first()
    await until(async () => (await row.count()) > 0, 'a value that has just changed', LIVE, 50)
    await row.locator('td.num .door.flash').first().click()
    const { steps, hash } = await walk()
    expect(hash, `a packet below ${steps.join(' › ')}`)
    await shot(page, 'explain-frame')
    const link = page.locator('[data-test="explain"] button.btn').filter({ hasText: /报文|packet/i }).first()
    const above = (await title().innerText()).trim()
    await link.click()
    await until(async () => (await title().innerText().catch(() => above)).trim() !== above, 'the packet itself')
    await page.locator('[data-test="explain"] [data-test="frame-text"]').first().waitFor()
    const again = (await page.locator('[data-test="explain"] [data-test="sm3"]').first().innerText()).trim()
    expect(again === hash, `the packet's own page shows the same hash: ${again}`)
    return `${steps.length + 1} steps, ${hash.slice(0, 12)}…`
  })

  await check('the walk is in the address: a reload shows the same step, back goes one up', async () => {
    const shown = await title().innerText()
    await page.reload()
    await until(async () => (await title().innerText().catch(() => '')) === shown, 'the same step')
    await page.locator('[data-test="explain"] .crumbs button').first().click()
    await until(async () => (await title().innerText().catch(() => shown)) !== shown, 'the step above')
    await page.keyboard.press('Escape')
  })

  const pages = ['/', '/stations', '/outlets', '/devices', '/devices?tab=quarantine', '/devices?tab=defects', '/data/frames', '/data/sql', '/admin/journal', '/account/tokens', '/admin/status', ...lawPages, ...registerPages, ...placePages]
  const first = await page.evaluate(async () => {
    const list = await fetch('/api/v1/stations').then((r) => r.json())
    const of = (kinds) => list.find((s) => kinds.includes(s.kind))?.code
    return { air: of(['air']), outlet: of(['water_outlet', 'gas_outlet']) }
  })
  if (first.air) pages.push(...['', '?tab=calendar', '?tab=hours', '?tab=years', '?tab=devices'].map((q) => `/stations/${encodeURIComponent(first.air)}${q}`))
  if (first.outlet) pages.push(`/outlets/${encodeURIComponent(first.outlet)}`)

  await check('every page opens in Chinese without a fault', async () => {
    page.faults.length = 0
    for (const path of pages) {
      await go(page, path)
      expect((await page.locator('h1').count()) > 0, `${path} has a heading`)
      expect((await page.locator('main [role="alert"]').count()) === 0, `${path} shows an error: ${await page.locator('main [role="alert"]').allInnerTexts()}`)
      await shot(page, `zh${path.replace(/\W+/g, '-')}`)
    }
    clean(page)
    return `${pages.length} pages`
  })

  await check('every page is clean for assistive technology, light and dark', async () => {
    const found = []
    // The colours of the dark desk are the same everywhere; a few pages show them all.
    const few = pages.filter((path) => [...registerFew, '/', '/devices', '/data/frames', '/standards/hj-633/compare?editions=2012,2026', '/assess', '/assessment?editions=2012,2026', '/assessment?tab=ranking'].includes(path) || /^\/(stations|outlets)\/[^?]+$/.test(path))
    for (const dark of [false, true]) {
      await page.evaluate((d) => localStorage.setItem('sanggan.theme', d ? 'dark' : 'light'), dark)
      for (const path of dark ? few : pages) {
        await go(page, path)
        await page.waitForTimeout(400)
        found.push(...(await axe(page, `${dark ? 'dark ' : ''}${path}`)))
      }
    }
    await page.evaluate(() => localStorage.setItem('sanggan.theme', 'light'))
    expect(found.length === 0, found.join('\n      '))
  })

  await check('the search finds a station from the keyboard', async () => {
    await go(page, '/')
    await page.keyboard.press('/')
    const box = page.locator('input[role="combobox"]')
    await box.waitFor()
    await box.fill(first.air ?? '')
    await page.locator('#search-hits [role="option"]').first().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/stations\//)
  })

  await check('g d goes to the devices', async () => {
    await go(page, '/')
    await page.locator('.pin').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.waitForURL(/\/devices/)
  })

  await registerChecks(page, { go, shot, clean, browser, cookies })
  await placeChecks(page, { go, shot, clean, browser, cookies })

  await check('a device opens beside the list, a packet opens with its hash', async () => {
    await go(page, '/devices')
    await page.locator('tbody tr[tabindex]').first().click()
    await page.locator('.el-drawer').waitFor()
    await go(page, '/data/frames')
    await page.locator('[data-test="frame-row"]').first().click()
    const text = (await page.locator('[data-test="explain"] [data-test="sm3"]').first().innerText()).trim()
    expect(/^[0-9a-f]{64}$/i.test(text), `an SM3 digest, not "${text}"`)
    await shot(page, 'frame')
  })
  await context.close()

  // --- the English switch -----------------------------------------------------------------------------------------
  const english = await open(browser, DESK, { cookies, lang: 'en' })
  await check('the switch to English leaves no Chinese word of the app behind', async () => {
    const left = []
    for (const path of pages) {
      await go(english.page, path)
      // Data keep their own names; the app's words are in headings, buttons, labels and table heads.
      const words = await english.page.evaluate(() =>
        [...document.querySelectorAll('nav .item, .panel > header h2, .tabs button, .tools button, th .head, .page-head button')]
          .map((e) => e.textContent?.trim() ?? '')
          .filter((text) => /[\u3400-\u9fff]/.test(text)),
      )
      left.push(...words.map((w) => `${path}: ${w}`))
      if (path === '/' || path.startsWith('/stations/')) await shot(english.page, `en${path.replace(/\W+/g, '-')}`)
    }
    expect(left.length === 0, left.join('\n      '))
    expect((await english.page.evaluate(() => document.documentElement.lang)) === 'en', 'the document says that it is English')
  })
  await check('the switch works in place and is remembered', async () => {
    await go(english.page, '/')
    await english.page.locator('button.lang').click()
    await until(async () => (await english.page.evaluate(() => document.documentElement.lang)) === 'zh-CN', 'Chinese')
    await english.page.reload()
    await settled(english.page)
    expect((await english.page.evaluate(() => document.documentElement.lang)) === 'zh-CN', 'Chinese after a reload')
  })
  await english.context.close()

  // --- the phone --------------------------------------------------------------------------------------------------
  const phone = await open(browser, PHONE, { cookies })
  await check('on a phone nothing runs off the side and targets are large enough', async () => {
    const found = []
    for (const path of pages) {
      await go(phone.page, path)
      await phone.page.waitForTimeout(200)
      const wide = await phone.page.evaluate(() => {
        const main = document.querySelector('main')
        return Math.max(document.documentElement.scrollWidth - innerWidth, (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0))
      })
      if (wide > 1) found.push(`${path} is ${wide} px too wide`)
      const small = await phone.page.evaluate(() =>
        [...document.querySelectorAll('.btn, .bar .item')]
          .filter((e) => e.getClientRects().length > 0 && e.getBoundingClientRect().height < 43.5)
          .map((e) => `${e.className} ${e.textContent?.trim().slice(0, 20)} ${Math.round(e.getBoundingClientRect().height)} px`),
      )
      found.push(...small.slice(0, 3).map((s) => `${path}: ${s}`))
    }
    await go(phone.page, '/')
    await shot(phone.page, 'phone-overview')
    expect(found.length === 0, found.join('\n      '))
    found.push(...(await axe(phone.page, 'phone overview')))
    expect(found.length === 0, found.join('\n      '))
    clean(phone.page)
  })
  await phone.context.close()
}

await browser.close()
console.log(failures() ? `${failures()} checks failed` : `all checks passed in ${Math.round((Date.now() - begun) / 1000)} s; pictures in ${OUT}`)
process.exit(failures() ? 1 : 0)
