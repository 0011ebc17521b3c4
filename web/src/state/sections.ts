import { computed } from 'vue'
import { can, isStaff } from './session'

export interface Section {
  id: string
  icon: string
  to: string
  /** The letter after `g`. */
  key: string
}

/** The sections a person may open. */
export const sections = computed<Section[]>(() => {
  const list: Section[] = [
    { id: 'overview', icon: 'overview', to: '/', key: 'o' },
    { id: 'assessment', icon: 'scales', to: '/assessment', key: 'e' },
    { id: 'registers', icon: 'book', to: '/registers', key: 'r' },
  ]
  if (isStaff.value) {
    // Monitoring stands before judging.
    list.splice(1, 0, { id: 'stations', icon: 'monitor', to: '/stations', key: 's' })
    list.push(
      { id: 'outlets', icon: 'outlet', to: '/outlets', key: 'p' },
      { id: 'devices', icon: 'device', to: '/devices', key: 'd' },
      { id: 'data', icon: 'data', to: '/data/frames', key: 'f' },
    )
  }
  const admin = can('admin') ? '/admin/users' : can('status') ? '/admin/status' : can('journal') ? '/admin/journal' : null
  if (admin) list.push({ id: 'admin', icon: 'admin', to: admin, key: 'a' })
  return list
})
