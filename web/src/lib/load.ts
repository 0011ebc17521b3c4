import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { ApiError } from '../api/client'
import { onResync } from '../state/live'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  error: Ref<ApiError | null>
  /** A request is under way. */
  busy: Ref<boolean>
  /** Nothing is there yet and it has taken long enough to say so (no flicker under 200 ms). */
  slow: Ref<boolean>
  reload: () => Promise<void>
}

const PATIENCE = 200

/**
 * Fetches when `key` changes (and again after a gap of the live stream). What is on the screen stays until the new
 * answer is here; an older answer never overtakes a newer one.
 */
export function useLoad<T>(key: () => unknown, fetcher: (signal: AbortSignal) => Promise<T> | null): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const error = ref<ApiError | null>(null)
  const busy = ref(false)
  const slow = ref(false)
  let running: AbortController | null = null
  let patience: ReturnType<typeof setTimeout> | undefined

  async function reload(): Promise<void> {
    running?.abort()
    const own = new AbortController()
    running = own
    const promise = fetcher(own.signal)
    if (promise === null) {
      data.value = null
      busy.value = slow.value = false
      return
    }
    busy.value = true
    clearTimeout(patience)
    patience = setTimeout(() => {
      if (running === own && busy.value) slow.value = true
    }, PATIENCE)
    try {
      const answer = await promise
      if (running !== own) return
      data.value = answer
      error.value = null
    } catch (failure) {
      if (running !== own || own.signal.aborted) return
      error.value = failure instanceof ApiError ? failure : new ApiError(0, 'internal', String(failure))
    } finally {
      if (running === own) {
        clearTimeout(patience)
        busy.value = slow.value = false
      }
    }
  }

  watch(
    () => JSON.stringify(key()),
    (fresh, before) => {
      if (fresh !== before) void reload()
    },
    { immediate: true },
  )
  const off = onResync(() => void reload())
  onScopeDispose(() => {
    off()
    running?.abort()
    clearTimeout(patience)
  })
  return { data, error, busy, slow, reload }
}
