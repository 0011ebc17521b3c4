// One Chromium for a run, and the small tools every check needs.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const BASE = (process.env.BASE_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
export const NAME = process.env.OPERATOR_NAME ?? 'operator'
/** Passwords to try: the one set by an earlier run, then the first one. */
export const PASSWORDS = [process.env.OPERATOR_PASSWORD, process.env.OPERATOR_NEW_PASSWORD].filter(Boolean)
export const OUT = process.env.E2E_OUT ?? join(here, 'out')
mkdirSync(OUT, { recursive: true })

function executable() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path))
  if (!found) throw new Error('no Chromium: install the Debian package `chromium` or set CHROMIUM')
  return found
}

export async function launch() {
  return chromium.launch({
    executablePath: executable(),
    // Software drawing, so that the map's WebGL works without a graphics card; no sandbox inside containers.
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  })
}

export const DESK = { viewport: { width: 1920, height: 1080 } }
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

/** A page that fails the run on any script error, broken asset or message of the security policy. */
export async function open(browser, options, { lang = 'zh', dark = false, cookies } = {}) {
  const context = await browser.newContext({ ...options, locale: lang === 'zh' ? 'zh-CN' : 'en-GB' })
  if (cookies) await context.addCookies(cookies)
  await context.addInitScript(
    ([l, d]) => {
      if (localStorage.getItem('sanggan.lang') === null) localStorage.setItem('sanggan.lang', l)
      if (localStorage.getItem('sanggan.theme') === null) localStorage.setItem('sanggan.theme', d ? 'dark' : 'light')
    },
    [lang, dark],
  )
  const page = await context.newPage()
  page.faults = []
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught|Failed to load module/i.test(message.text())) page.faults.push(`console: ${message.text()}`)
  })
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname
    if (response.status() >= 500 || (response.status() === 404 && !path.startsWith('/api/'))) page.faults.push(`${response.status()} ${path}`)
  })
  // A closed network: nothing may be asked of any other host.
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (/^https?:$/.test(url.protocol) && url.origin !== new URL(BASE).origin) page.faults.push(`outside request: ${request.url()}`)
  })
  return { context, page }
}

/** Accessibility faults of the page as it stands. */
export async function axe(page, where) {
  // Through the debugger, so that the page's own script policy stays as strict as it is.
  await page.evaluate(axeSource)
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] } }),
  )
  return result.violations.map(
    (v) => `${where}: ${v.id} (${v.impact}) ${v.help}\n` + v.nodes.slice(0, 4).map((n) => `      ${n.target.join(' ')}  ${n.failureSummary?.split('\n').slice(1).join(' ').trim().slice(0, 180)}`).join('\n'),
  )
}

let failed = 0
export const failures = () => failed

/** Runs one check and says how it went. */
export async function check(name, work) {
  const begun = Date.now()
  try {
    const note = await work()
    console.log(`  ok    ${name}${note ? `: ${note}` : ''} (${Date.now() - begun} ms)`)
  } catch (error) {
    failed++
    console.log(`  FAIL  ${name}\n      ${String(error?.stack ?? error).split('\n').slice(0, 14).join('\n      ')}`)
  }
}

export function expect(condition, message) {
  if (!condition) throw new Error(message)
}

/** Waits until `probe` gives something truthy, and returns it. */
export async function until(probe, what, timeout = 30_000, every = 200) {
  const end = Date.now() + timeout
  let last
  while (Date.now() < end) {
    last = await probe()
    if (last) return last
    await new Promise((resolve) => setTimeout(resolve, every))
  }
  throw new Error(`waited ${timeout} ms in vain for ${what}`)
}
