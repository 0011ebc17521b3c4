import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '../src/i18n/en'
import zh from '../src/i18n/zh'

type Tree = { [key: string]: string | string[] | Tree }

function flat(tree: Tree, path = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const name = path ? `${path}.${key}` : key
    if (typeof value === 'string') out.set(name, value)
    else if (Array.isArray(value)) value.forEach((text, i) => out.set(`${name}[${i}]`, text))
    else for (const [k, v] of flat(value, name)) out.set(k, v)
  }
  return out
}
const chinese = flat(zh as Tree)
const english = flat(en as Tree)
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort()

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? sources(path) : /(?<!\.gen)\.(vue|ts)$/.test(name) && !path.includes('i18n') ? [path] : []
  })
}
const code = sources(join(__dirname, '../src')).map((path) => [path, readFileSync(path, 'utf8')] as const)

describe('both languages are complete', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })
  it('have no empty text', () => {
    for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('')
  })
  it('fill the same holes', () => {
    for (const [key, text] of chinese) expect(holes(english.get(key) ?? ''), key).toEqual(holes(text))
  })
  it('English holds no Chinese, save the name of the other language', () => {
    for (const [key, text] of english) expect(/[\u3400-\u9fff]/.test(text), `${key}: ${text}`).toBe(false)
  })
  it('every message compiles', () => {
    const i18n = createI18n({ legacy: false, locale: 'zh', messages: { zh, en }, missingWarn: false })
    for (const locale of ['zh', 'en'] as const) {
      i18n.global.locale.value = locale
      for (const key of chinese.keys()) {
        if (!key.includes('[')) expect(i18n.global.t(key), `${locale} ${key}`).not.toBe(key)
      }
    }
  })
  it('every key named in the code exists', () => {
    const missing: string[] = []
    for (const [path, text] of code) {
      for (const match of text.matchAll(/\bt\(\s*'([a-z][\w.]*)'/g)) if (!chinese.has(match[1]!)) missing.push(`${path}: ${match[1]}`)
    }
    expect(missing).toEqual([])
  })
  it('no page carries Chinese of its own, save the brand', () => {
    const found: string[] = []
    for (const [path, text] of code) {
      const stripped = text.replace(/桑干|中文|万|亿|年|月|日|[＝＋－＠]/g, '')
      if (/[\u4e00-\u9fff]/.test(stripped)) found.push(path)
    }
    expect(found).toEqual([])
  })
  it('knows every flag the platform sets', () => {
    const flags = ['normal', 'unmarked', 'stopped', 'maintenance', 'manual', 'fault', 'calibration', 'over_range', 'no_contact', 'unknown_mark', 'clock_suspect', 'implausible', 'invalid']
    for (const flag of flags) expect(chinese.has(`flag.${flag}`), flag).toBe(true)
  })
})
