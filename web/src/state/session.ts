import { computed, ref } from 'vue'
import { get, onUnauthenticated, post, remove } from '../api/client'
import type { Role, User } from '../api/types'

export const user = ref<User | null>(null)
export const sessionKnown = ref(false)

// Which records somebody of a role sees and changes, the platform decides; this only says which pages are offered.
const RANK: Record<Role, number> = { viewer: 1, enterprise: 1, officer: 1, audit_admin: 1, operator: 2, admin: 3, system_admin: 3, security_admin: 3 }

/** Whether the person may do what a role may. Until the first password is changed, the server treats them as the public. */
export const can = (role: Role): boolean => user.value !== null && !user.value.must_change_password && RANK[user.value.role] >= RANK[role]
export const loggedIn = computed(() => can('viewer'))
/** Of the office: neither the public nor an enterprise. */
export const isStaff = computed(() => loggedIn.value && user.value?.role !== 'enterprise')
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
