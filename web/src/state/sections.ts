import { computed } from 'vue'
import { can, loggedIn } from './session'

export interface Section {
  id: string
  icon: string
  to: string
  /** The letter after `g`. */
  key: string
}

/** The sections a person may open. */
export const sections = computed<Section[]>(() => {
  const list: Section[] = [{ id: 'overview', icon: 'overview', to: '/', key: 'o' }]
  if (loggedIn.value) {
    list.push(
      { id: 'stations', icon: 'monitor', to: '/stations', key: 's' },
      { id: 'outlets', icon: 'outlet', to: '/outlets', key: 'p' },
      { id: 'devices', icon: 'device', to: '/devices', key: 'd' },
      { id: 'data', icon: 'data', to: '/data/frames', key: 'f' },
      { id: 'admin', icon: 'admin', to: can('admin') ? '/admin/users' : '/admin/status', key: 'a' },
    )
  }
  return list
})
