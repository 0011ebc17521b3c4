import type { LiveAir, LiveDevice, LiveObservations } from './types'

/** How the stream stands: `live` while events or ticks come, `waiting` between tries. */
export type LiveState = 'off' | 'connecting' | 'live' | 'waiting'

export interface LiveHandlers {
  observations(event: LiveObservations): void
  air(event: LiveAir): void
  device(event: LiveDevice): void
  tick(event: { now: string }): void
  state(state: LiveState, retryInMs: number | null): void
  /** The stream is back after a gap: whatever was shown must be fetched again. */
  resync(): void
}

/** The part of EventSource that is used; a test hands in its own. */
export interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  onopen: ((event: Event) => void) | null
  onerror: ((event: Event) => void) | null
  close(): void
}

const FIRST_WAIT = 1000
const LONGEST_WAIT = 30_000
/** The server ticks every 15 s; after three missed ticks the line is taken for dead even if TCP says otherwise. */
const SILENCE = 45_000

/** Keeps one stream of server-sent events alive: reconnects with growing waits, notices silence, asks for a resync. */
export class LiveStream {
  private source: Source | null = null
  private wait = FIRST_WAIT
  private hadGap = false
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly url: string,
    private readonly on: LiveHandlers,
    private readonly make: (url: string) => Source = (u) => new EventSource(u, { withCredentials: true }) as unknown as Source,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (this.source || this.retry !== undefined) return
    this.connect()
  }

  stop(): void {
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    this.retry = undefined
    this.source?.close()
    this.source = null
    this.on.state('off', null)
  }

  /** Tries at once, for instance when the network or the log-in came back. */
  restart(): void {
    clearTimeout(this.retry)
    this.retry = undefined
    this.source?.close()
    this.source = null
    this.wait = FIRST_WAIT
    this.hadGap = true
    this.connect()
  }

  private connect(): void {
    this.on.state('connecting', null)
    const source = this.make(this.url)
    this.source = source
    source.onopen = () => {
      if (this.source !== source) return
      this.wait = FIRST_WAIT
      this.on.state('live', null)
      this.heard()
      if (this.hadGap) {
        this.hadGap = false
        this.on.resync()
      }
    }
    source.onerror = () => {
      if (this.source === source) this.fail()
    }
    this.listen(source, 'observations', (data) => this.on.observations(data as LiveObservations))
    this.listen(source, 'air', (data) => this.on.air(data as LiveAir))
    this.listen(source, 'device', (data) => this.on.device(data as LiveDevice))
    this.listen(source, 'tick', (data) => this.on.tick(data as { now: string }))
    // The server says so when it had to drop events for a slow reader.
    this.listen(source, 'resync', () => this.on.resync())
    this.heard()
  }

  private listen(source: Source, type: string, handler: (data: unknown) => void): void {
    source.addEventListener(type, (event) => {
      if (this.source !== source) return
      this.heard()
      let data: unknown
      try {
        data = JSON.parse(event.data || 'null')
      } catch {
        return // One garbled event is skipped; the next resync mends it.
      }
      handler(data)
    })
  }

  private heard(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.fail(), SILENCE)
  }

  private fail(): void {
    clearTimeout(this.silence)
    this.source?.close()
    this.source = null
    this.hadGap = true
    // Full jitter between half and the whole wait, so that a hall of screens does not come back in one instant.
    const delay = Math.round(this.wait * (0.5 + this.random() / 2))
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT)
    this.on.state('waiting', delay)
    clearTimeout(this.retry)
    this.retry = setTimeout(() => {
      this.retry = undefined
      this.connect()
    }, delay)
  }
}
