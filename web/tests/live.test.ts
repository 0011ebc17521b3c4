import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveStream, type LiveHandlers, type Source } from '../src/api/live'

class FakeSource implements Source {
  listeners = new Map<string, (event: MessageEvent<string>) => void>()
  onopen: ((event: Event) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  closed = false
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener)
  }
  close(): void {
    this.closed = true
  }
  send(type: string, data: string): void {
    this.listeners.get(type)?.({ data } as MessageEvent<string>)
  }
}

function setup() {
  const sources: FakeSource[] = []
  const on = { observations: vi.fn(), air: vi.fn(), device: vi.fn(), tick: vi.fn(), state: vi.fn(), resync: vi.fn() } satisfies LiveHandlers
  const stream = new LiveStream(
    '/live',
    on,
    () => {
      const s = new FakeSource()
      sources.push(s)
      return s
    },
    () => 1,
  )
  return { sources, on, stream }
}

describe('the live stream', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('hands events on and does not resync at the first connection', () => {
    const { sources, on, stream } = setup()
    stream.start()
    sources[0]!.onopen?.(new Event('open'))
    sources[0]!.send('observations', '{"seq":1,"rows":[]}')
    expect(on.observations).toHaveBeenCalledWith({ seq: 1, rows: [] })
    expect(on.resync).not.toHaveBeenCalled()
  })
  it('waits longer each time, up to a bound, then resyncs once it is back', () => {
    const { sources, on, stream } = setup()
    stream.start()
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      sources.at(-1)!.onerror?.(new Event('error'))
      const wait = on.state.mock.calls.at(-1)![1] as number
      waits.push(wait)
      vi.advanceTimersByTime(wait)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    sources.at(-1)!.onopen?.(new Event('open'))
    expect(on.resync).toHaveBeenCalledTimes(1)
    expect(sources.slice(0, -1).every((s) => s.closed)).toBe(true)
  })
  it('takes silence for a dead line', () => {
    const { sources, on, stream } = setup()
    stream.start()
    sources[0]!.onopen?.(new Event('open'))
    vi.advanceTimersByTime(44_000)
    sources[0]!.send('tick', '{"now":"2026-11-23T10:00:00+08:00"}')
    vi.advanceTimersByTime(44_000)
    expect(sources).toHaveLength(1)
    vi.advanceTimersByTime(1500)
    expect(on.state).toHaveBeenLastCalledWith('waiting', 1000)
    expect(sources[0]!.closed).toBe(true)
  })
  it('skips a garbled event and hears nothing from a closed source', () => {
    const { sources, on, stream } = setup()
    stream.start()
    sources[0]!.send('air', '{broken')
    expect(on.air).not.toHaveBeenCalled()
    stream.restart()
    sources[0]!.send('air', '{"station":"s1"}')
    expect(on.air).not.toHaveBeenCalled()
    sources[1]!.send('air', '{"station":"s1"}')
    expect(on.air).toHaveBeenCalledTimes(1)
  })
  it('stops for good', () => {
    const { sources, on, stream } = setup()
    stream.start()
    stream.stop()
    vi.advanceTimersByTime(120_000)
    expect(sources).toHaveLength(1)
    expect(on.state).toHaveBeenLastCalledWith('off', null)
  })
  it('resyncs when the server says that it left values out', () => {
    const { sources, on, stream } = setup()
    stream.start()
    sources[0]!.send('resync', '{"now":"2026-11-23T10:00:00+08:00"}')
    expect(on.resync).toHaveBeenCalledTimes(1)
  })
})
