import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { can, loadSession, user, type Need } from './state/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title?: string
    /** What it takes to see it; absent: public. */
    role?: Need
    /** Section of the rail. */
    section?: string
    /** Whether the area / the time range of the top bar act on this page. */
    area?: boolean
    range?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'overview', component: () => import('./pages/Overview.vue'), meta: { title: 'nav.overview', section: 'overview', area: true } },
  { path: '/stations', name: 'stations', component: () => import('./pages/Stations.vue'), meta: { title: 'nav.stations', section: 'stations', role: 'viewer', area: true } },
  { path: '/stations/:code', name: 'station', component: () => import('./pages/Station.vue'), meta: { title: 'nav.stations', section: 'stations', role: 'viewer', range: true } },
  { path: '/outlets', name: 'outlets', component: () => import('./pages/Outlets.vue'), meta: { title: 'nav.outlets', section: 'outlets', role: 'viewer', area: true } },
  { path: '/outlets/:code', name: 'outlet', component: () => import('./pages/Outlet.vue'), meta: { title: 'nav.outlets', section: 'outlets', role: 'viewer', range: true } },
  { path: '/devices', name: 'devices', component: () => import('./pages/Devices.vue'), meta: { title: 'nav.devices', section: 'devices', role: 'viewer' } },
  { path: '/data/frames', name: 'frames', component: () => import('./pages/Frames.vue'), meta: { title: 'nav.frames', section: 'data', role: 'viewer' } },
  { path: '/data/sql', name: 'sql', component: () => import('./pages/Sql.vue'), meta: { title: 'nav.sql', section: 'data', role: 'operator' } },
  { path: '/admin/status', name: 'status', component: () => import('./pages/Status.vue'), meta: { title: 'nav.status', section: 'admin', role: 'status' } },
  { path: '/admin/users', name: 'users', component: () => import('./pages/Users.vue'), meta: { title: 'nav.users', section: 'admin', role: 'admin' } },
  { path: '/admin/journal', name: 'journal', component: () => import('./pages/Journal.vue'), meta: { title: 'journal.title', section: 'admin', role: 'journal' } },
  { path: '/account/tokens', name: 'tokens', component: () => import('./pages/Tokens.vue'), meta: { title: 'account.tokens', role: 'account' } },
  { path: '/assessment', name: 'assessment', component: () => import('./pages/Assessment.vue'), meta: { title: 'nav.assessment', section: 'assessment' } },
  { path: '/assess', name: 'assess', component: () => import('./pages/AssessIndex.vue'), meta: { title: 'nav.assess', section: 'assessment' } },
  { path: '/assess/:id', name: 'assess-one', component: () => import('./pages/Assess.vue'), meta: { title: 'nav.assess', section: 'assessment' } },
  { path: '/standards', name: 'standards', component: () => import('./pages/Standards.vue'), meta: { title: 'nav.standards', section: 'assessment' } },
  { path: '/standards/:standard/compare', name: 'compare', component: () => import('./pages/Compare.vue'), meta: { title: 'nav.compare', section: 'assessment' } },
  { path: '/standards/:standard/:edition', name: 'standard', component: () => import('./pages/Standard.vue'), meta: { title: 'nav.standards', section: 'assessment' } },
  // Registers. A public register is read without a log-in; what writes asks for one.
  { path: '/registers', name: 'registers', component: () => import('./pages/registers/RegisterIndex.vue'), meta: { title: 'nav.registers', section: 'registers' } },
  { path: '/registers/due', name: 'due', component: () => import('./pages/registers/Due.vue'), meta: { title: 'nav.registersDue', section: 'registers', role: 'clerk' } },
  { path: '/registers/:id', name: 'register', component: () => import('./pages/registers/RegisterList.vue'), meta: { title: 'nav.registers', section: 'registers' } },
  { path: '/registers/:id/new', name: 'record-new', component: () => import('./pages/registers/RecordEdit.vue'), meta: { title: 'nav.registersNew', section: 'registers', role: 'clerk' } },
  { path: '/registers/:id/balance', name: 'balance', component: () => import('./pages/places/Balance.vue'), meta: { title: 'chain.title', section: 'registers' } },
  { path: '/registers/:id/import', name: 'register-import', component: () => import('./pages/registers/ImportWizard.vue'), meta: { title: 'nav.registersImport', section: 'registers', role: 'clerk' } },
  { path: '/registers/:id/:rid(\\d+)', name: 'record', component: () => import('./pages/registers/RecordPage.vue'), meta: { title: 'nav.registers', section: 'registers' } },
  { path: '/registers/:id/:rid(\\d+)/edit', name: 'record-edit', component: () => import('./pages/registers/RecordEdit.vue'), meta: { title: 'nav.registersEdit', section: 'registers', role: 'clerk' } },
  { path: '/registers/:id/:rid(\\d+)/sign', name: 'record-sign', component: () => import('./pages/registers/RecordSign.vue'), meta: { title: 'nav.registersSign', section: 'registers' } },
  { path: '/enterprises', name: 'enterprises', component: () => import('./pages/places/Enterprises.vue'), meta: { title: 'file.title', section: 'registers', role: 'clerk' } },
  { path: '/enterprises/:rid(\\d+)', name: 'enterprise', component: () => import('./pages/places/EnterpriseFile.vue'), meta: { title: 'file.title', section: 'registers', role: 'clerk' } },
  { path: '/places', name: 'places', component: () => import('./pages/places/Places.vue'), meta: { title: 'place.title', section: 'registers' } },
  { path: '/coverage', name: 'coverage', component: () => import('./pages/places/Coverage.vue'), meta: { title: 'plan.title', section: 'registers', role: 'viewer' } },
  { path: '/explain', name: 'explain', component: () => import('./pages/Explain.vue'), meta: { title: 'nav.explain' } },
  { path: '/login', name: 'login', component: () => import('./pages/Login.vue'), meta: { title: 'nav.login' } },
  { path: '/password', name: 'password', component: () => import('./pages/Password.vue'), meta: { title: 'nav.password', role: 'account' } },
  // The names that the library of standards uses for what rests on it.
  ...Object.entries({ '/air/calendar': 'calendar', '/air/whatif': 'calendar', '/air/ranking': 'ranking', '/air/trend': 'trend', '/air/exceedances': 'exceedances', '/water/sections': 'rivers' }).map(
    ([path, tab]): RouteRecordRaw => ({ path, redirect: (to) => ({ path: '/assessment', query: { ...to.query, ...(tab === 'calendar' ? {} : { tab }), ...(path === '/air/whatif' && !to.query.editions ? { editions: 'all' } : {}) } }) }),
  ),
  { path: '/data', redirect: '/data/frames' },
  { path: '/admin', redirect: '/admin/status' },
  { path: '/:rest(.*)*', name: 'lost', component: () => import('./pages/Lost.vue'), meta: { title: 'nav.lost' } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

/** Queries that hold across pages. */
const HELD = ['area', 'range', 'from', 'to']

router.beforeEach(async (to, from) => {
  if (to.meta.role) {
    await loadSession()
    if (!user.value) return { name: 'login', query: { next: to.fullPath } }
    if (user.value.must_change_password && to.name !== 'password') return { name: 'password', query: { next: to.fullPath } }
    if (to.name !== 'password' && !can(to.meta.role)) return { name: 'overview' }
  }
  if (to.path !== from.path && from.matched.length > 0) {
    const missing = HELD.filter((key) => key in from.query && !(key in to.query))
    if (missing.length > 0 && !HELD.some((key) => key in to.query)) {
      return { ...to, query: { ...to.query, ...Object.fromEntries(missing.map((key) => [key, from.query[key]])) }, replace: true }
    }
  }
  return true
})
