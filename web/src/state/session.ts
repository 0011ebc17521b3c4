import { computed, ref } from 'vue'
import { get, onUnauthenticated, post, remove } from '../api/client'
import type { Role, User } from '../api/types'

export const user = ref<User | null>(null)
export const sessionKnown = ref(false)

/** What a page may need of the person who opens it. */
export type Need = 'account' | 'clerk' | 'viewer' | 'operator' | 'status' | 'journal' | 'admin'

// Offices, not a ladder: an administrator of accounts sees no figures. Which records somebody sees and changes, the
// platform decides; this only says which pages are offered.
const OFFICES: Record<Exclude<Need, 'account'>, readonly Role[]> = {
  clerk: ['viewer', 'officer', 'operator', 'enterprise'],
  viewer: ['viewer', 'officer', 'operator'],
  operator: ['operator'],
  status: ['viewer', 'officer', 'operator', 'system_admin'],
  journal: ['operator', 'audit_admin'],
  admin: ['security_admin'],
}

/** Whether the person may open what needs this. Until the first password is changed, the server treats them as the public. */
export const can = (need: Need): boolean => user.value !== null && !user.value.must_change_password && (need === 'account' || OFFICES[need].includes(user.value.role))
export const loggedIn = computed(() => can('account'))
/** Works with records. */
export const isClerk = computed(() => can('clerk'))
/** Of the bureau: sees the figures of every station. */
export const isStaff = computed(() => can('viewer'))
export const isOperator = computed(() => can('operator'))
export const isAdmin = computed(() => can('admin'))

let asked: Promise<void> | null = null

/** Asks once who is logged in. */
export function loadSession(): Promise<void> {
  asked ??= get<{ user: User | null }>('/session').then(
    (answer) => {
      user.value = answer.user
      sessionKnown.value = true
    },
    () => {
      sessionKnown.value = true
      asked = null
    },
  )
  return asked
}

export async function logIn(name: string, password: string): Promise<User> {
  const answer = await post<{ user: User }>('/session', { name, password })
  user.value = answer.user
  return answer.user
}

export async function logOut(): Promise<void> {
  await remove('/session').catch(() => undefined)
  user.value = null
}

export async function changePassword(old: string, fresh: string): Promise<void> {
  await post('/session/password', { old, new: fresh })
  if (user.value) user.value = { ...user.value, must_change_password: false }
}

onUnauthenticated(() => {
  user.value = null
})
