// The law in the browser: the library of standards, the forms that judge, and the assessment pages. All of it is public.
import { readFile } from 'node:fs/promises'
import { check, expect, until } from './browser.mjs'

/** The pages of the section that every general check (languages, phone, assistive technology) walks as well. */
export const lawPages = [
  '/standards',
  '/standards?q=PM2.5',
  '/standards/gb-3095/2026-transition',
  '/standards/hj-633/compare?editions=2012,2026',
  '/assess',
  '/assessment',
  '/assessment?editions=2012,2026',
  '/assessment?tab=ranking',
  '/assessment?tab=trend',
  '/assessment?tab=exceedances',
  '/assessment?tab=rivers',
]

/** An evaluator of single rows with several editions, and one that judges rows together, as the platform has them. */
async function someForms(page) {
  return page.evaluate(async () => {
    const list = await fetch('/api/v1/assess').then((r) => r.json())
    const all = await Promise.all(list.map((a) => fetch(`/api/v1/assess/${encodeURIComponent(a.id)}`).then((r) => r.json())))
    const brief = (f) => f && { id: f.id, example: f.example, editions: f.editions.map((e) => e.name) }
    return {
      count: all.length,
      single: brief(all.find((f) => f.per === 'row' && f.example.length === 1 && f.editions.length > 1)),
      group: brief(all.find((f) => f.per === 'group' && f.example.length > 1)),
      ids: all.map((f) => f.id),
    }
  })
}

export async function lawChecks(page, { go, shot, clean }) {
  page.faults.length = 0
  await check('the public finds a table of the law by a word in it', async () => {
    await go(page, '/standards')
    const all = await page.locator('.standard').count()
    expect(all > 0, 'there are standards')
    await page.locator('input.find').fill('PM2.5')
    await page.waitForURL(/q=PM/)
    await until(async () => (await page.locator('.hits a').count()) > 0, 'a hit inside a table')
    await shot(page, 'standards-search')
    await page.locator('.hits a').first().click()
    await page.waitForURL(/\/standards\/[^/]+\/[^/]+#/)
    await page.locator('.sheet').first().waitFor()
    const vouched = await page.locator('.sheet').evaluateAll((list) => list.every((s) => s.querySelectorAll('.vouch dd').length >= 4))
    expect(vouched, 'clause, rounding, source and day stand below every table')
    return `${all} standards`
  })

  await check('two editions stand side by side, changed cells are marked by a sign', async () => {
    await go(page, '/standards/hj-633/compare?editions=2012,2026')
    await page.locator('td.changed').first().waitFor()
    expect((await page.locator('td.changed .mark').count()) > 0, 'a sign, not colour alone')
    const before = await page.locator('tbody tr').count()
    await page.locator('.bar input[type="checkbox"]').check()
    await until(async () => (await page.locator('tbody tr').count()) < before, 'only the rows that changed')
    await shot(page, 'standards-compare')
  })

  let forms = null
  await check('every evaluator has a form whose example is answered', async () => {
    await go(page, '/assess')
    forms = await someForms(page)
    expect((await page.locator('.card').count()) === forms.count, 'a card each')
    await shot(page, 'assess-index')
    const silent = []
    for (const id of forms.ids) {
      await go(page, `/assess/${encodeURIComponent(id)}`)
      await page.locator('[data-test="example"]').first().click()
      await page.locator('[data-test="answer"]').first().waitFor({ timeout: 15_000 }).catch(() => silent.push(id))
      if ((await page.locator('main [role="alert"]').count()) > 0) silent.push(`${id}: ${await page.locator('main [role="alert"]').innerText()}`)
      await shot(page, `assess-${id}`)
    }
    expect(silent.length === 0, `no answer: ${silent.join(', ')}`)
    clean(page)
    return `${forms.count} evaluators`
  })

  await check('an answer is in its address: a reload, and a colleague, see the same', async () => {
    expect(forms?.single, 'an evaluator of single rows with several editions')
    await go(page, `/assess/${forms.single.id}`)
    await page.locator('[data-test="example"]').first().click()
    await page.waitForURL(/row=/)
    const pick = (name) => page.locator('.editions button', { hasText: new RegExp(`^${name}$`) })
    for (const name of forms.single.editions.slice(0, 2)) await pick(name).click()
    await until(async () => (await page.locator('[data-test="answer"]').count()) === 2, 'two answers side by side')
    const before = await page.locator('[data-test="answers"]').innerText()
    await shot(page, 'assess-what-if')
    await page.reload()
    await until(async () => (await page.locator('[data-test="answers"]').innerText().catch(() => '')) === before, 'the same answers')
  })

  await check('rows pasted from a spreadsheet are judged and leave as CSV', async () => {
    const { id, example } = forms?.group ?? forms?.single
    await go(page, `/assess/${id}?view=grid`)
    const keys = [...new Set(example.flatMap((row) => Object.keys(row)))]
    const lines = [keys.join('\t'), ...example.map((row) => keys.map((key) => row[key] ?? '').join('\t'))].join('\n')
    await page.locator('button[aria-expanded="false"]', { hasText: /粘贴|Paste/ }).click()
    await page.locator('#paste-rows').fill(lines)
    await page.locator('.pastebox button').click()
    await until(async () => (await page.locator('main table.grid').first().locator('tbody tr').count()) >= example.length, 'the rows')
    await page.locator('[data-test="answer"]').first().waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test="export"]').click()])
    const text = await readFile(await file.path(), 'utf8')
    expect(text.startsWith('\ufeff') && text.trim().split('\r\n').length > example.length, 'a head and a line each')
  })

  await check('the calendar shows a year under two editions', async () => {
    await go(page, '/assessment?editions=2012,2026')
    await until(async () => (await page.locator('table.strip').count()) === 2, 'two years')
    await page.locator('table.strip .day:not(.none)').first().waitFor()
    await shot(page, 'assessment-what-if')
  })

  await check('the search finds a standard and an evaluator', async () => {
    await go(page, '/standards')
    await page.keyboard.press('/')
    const box = page.locator('input[role="combobox"]')
    await box.waitFor()
    await box.fill('3095')
    await page.locator('#search-hits [role="option"]', { hasText: 'GB 3095' }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/(standards|assess)\//)
    clean(page)
  })
}
