/** A list that is fetched page by page as one scrolls; each page says where the next begins. */
import { ref, shallowRef, watch, onScopeDispose, getCurrentScope, type Ref, type ShallowRef } from 'vue'
import { ApiError } from '../api/client'

export interface CursorPage<T> {
  records: T[]
  next: string | null
  total?: number | null
}

export interface Cursor<T> {
  rows: ShallowRef<T[]>
  /** `null`: not known yet. */
  total: Ref<number | null>
  /** Whether more can be had. */
  more: Ref<boolean>
  ready: Ref<boolean>
  busy: Ref<boolean>
  /** It has taken long enough to say so. */
  slow: Ref<boolean>
  error: Ref<ApiError | null>
  fetchMore: () => Promise<void>
  reload: () => Promise<void>
  /** Puts a changed row in the place of the old one. */
  replace: (same: (row: T) => boolean, fresh: T | null) => void
}

const PATIENCE = 200

/**
 * Begins anew when `key` changes; what is on the screen stays until the first new page is here, and a late answer to
 * an old question is dropped.
 */
export function useCursor<T>(key: () => unknown, fetcher: (after: string | null, signal: AbortSignal) => Promise<CursorPage<T>> | null): Cursor<T> {
  const rows = shallowRef<T[]>([])
  const total = ref<number | null>(null)
  const more = ref(false)
  const ready = ref(false)
  const busy = ref(false)
  const slow = ref(false)
  const error = ref<ApiError | null>(null)
  let next: string | null = null
  let running: AbortController | null = null
  let patience: ReturnType<typeof setTimeout> | undefined

  async function ask(after: string | null): Promise<void> {
    running?.abort()
    const own = new AbortController()
    running = own
    const promise = fetcher(after, own.signal)
    if (promise === null) {
      rows.value = []
      ready.value = more.value = busy.value = slow.value = false
      return
    }
    busy.value = true
    clearTimeout(patience)
    patience = setTimeout(() => (slow.value = running === own && busy.value), PATIENCE)
    try {
      const page = await promise
      if (running !== own) return
      rows.value = after === null ? page.records : [...rows.value, ...page.records]
      if (page.total !== null && page.total !== undefined) total.value = page.total
      else if (after === null) total.value = page.next === null ? page.records.length : null
      next = page.next
      more.value = next !== null
      ready.value = true
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

  const reload = (): Promise<void> => ask(null)
  async function fetchMore(): Promise<void> {
    if (busy.value || next === null || error.value !== null) return
    await ask(next)
  }
  function replace(same: (row: T) => boolean, fresh: T | null): void {
    const at = rows.value.findIndex(same)
    if (at < 0) return
    rows.value = fresh === null ? rows.value.toSpliced(at, 1) : rows.value.with(at, fresh)
    if (fresh === null && total.value !== null) total.value -= 1
  }
  watch(
    () => JSON.stringify(key()),
    () => void reload(),
    { immediate: true },
  )
  if (getCurrentScope()) {
    onScopeDispose(() => {
      running?.abort()
      clearTimeout(patience)
    })
  }
  return { rows, total, more, ready, busy, slow, error, fetchMore, reload, replace }
}

/** Which rows of equal height stand in the window, with some to spare above and below. */
export function windowOf(scrollTop: number, height: number, row: number, count: number, spare = 12): { from: number; to: number } {
  const from = Math.max(0, Math.floor(scrollTop / row) - spare)
  const to = Math.min(count, Math.ceil((scrollTop + height) / row) + spare)
  return { from: Math.min(from, count), to: Math.max(to, Math.min(from, count)) }
}
