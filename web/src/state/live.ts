import { reactive, ref, shallowReactive } from 'vue'
import { API } from '../api/client'
import { LiveStream, type LiveState } from '../api/live'
import type { AirNow, LiveDevice } from '../api/types'
import { mergeRows, type Latest } from '../lib/merge'
import { setServerTime } from './clock'

/** The live stream of the whole app: one connection, read by every page. */

export const liveState = ref<LiveState>('off')
export const retryAt = ref<number | null>(null)
export const lastEventAt = ref<number | null>(null)
/** Newest value by series key (`station|parameter|measure|cadence`). */
export const latest = shallowReactive(new Map<string, Latest>())
/** Newest assessment by station or `area:` code. */
export const liveAir = shallowReactive(new Map<string, AirNow>())
export const liveDevices = shallowReactive(new Map<string, LiveDevice>())
/** Count of values received since the page was opened; shows that the line is alive. */
export const received = ref(0)

const resyncers = reactive(new Set<() => void>())

/** Calls `reload` whenever the stream had a gap. Returns the way out. */
export function onResync(reload: () => void): () => void {
  resyncers.add(reload)
  return () => resyncers.delete(reload)
}

const stream = new LiveStream(`${API}/live`, {
  observations(event) {
    const changed = mergeRows(latest, event.rows ?? [], event.seq)
    received.value += changed.length
    lastEventAt.value = Date.now()
  },
  air(event) {
    if (event?.station && event.air) liveAir.set(event.station, event.air)
  },
  device(event) {
    if (event?.mn) liveDevices.set(event.mn, event)
  },
  tick(event) {
    setServerTime(event?.now)
  },
  state(state, wait) {
    liveState.value = state
    retryAt.value = wait === null ? null : Date.now() + wait
  },
  resync() {
    liveAir.clear()
    for (const reload of resyncers) reload()
  },
})

export function startLive(): void {
  stream.start()
  window.addEventListener('online', () => stream.restart())
}

/** After log-in or log-out the server shows other stations. */
export function restartLive(): void {
  latest.clear()
  liveAir.clear()
  liveDevices.clear()
  stream.restart()
}
