import { computed, ref } from 'vue'
import { parseTime } from '../lib/time'

/** The platform's time, not the browser's: an office PC that is minutes wrong must not grey out good data. */

const offset = ref(0)
const local = ref(Date.now())

export const now = computed(() => local.value + offset.value)

/** Sets the clock by a time the server just sent. */
export function setServerTime(text: string | null | undefined): void {
  const server = parseTime(text)
  if (server !== null) offset.value = server - Date.now()
}

setInterval(() => {
  local.value = Date.now()
}, 1000)
