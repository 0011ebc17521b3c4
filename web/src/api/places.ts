/** The calls of places, waters, custody chains and the file of an enterprise, one function each. */
import type { FeatureCollection } from 'geojson'
import { get } from './client'
import type { CalendarDay, ChainBalance, ChainStep, Coverage, EnterpriseFile, GraphAnswer, ZonesAt } from './types.places'

const id = encodeURIComponent

export const getEnterpriseFile = (rid: number, signal?: AbortSignal): Promise<EnterpriseFile> => get(`/enterprises/${rid}/file`, {}, signal)
export const getGraph = (register: string, rid: number, direction: 'up' | 'down', signal?: AbortSignal): Promise<GraphAnswer> => get(`/graph/${id(register)}/${rid}`, { direction }, signal)
export const getZonesAt = (lon: number, lat: number, day: string, signal?: AbortSignal): Promise<ZonesAt> => get('/zones/at', { lon, lat, day }, signal)
export const getDerivedZones = (signal?: AbortSignal): Promise<FeatureCollection> => get('/zones/derived', {}, signal)
export const getCalendar = (day: string, area: string, signal?: AbortSignal): Promise<CalendarDay> => get('/calendar', { day, area }, signal)
export const getBalance = (register: string, from: string, to: string, signal?: AbortSignal): Promise<ChainBalance> => get(`/chains/${id(register)}/balance`, { from, to }, signal)
export const getTrace = (register: string, rid: number, direction: 'back' | 'forward', signal?: AbortSignal): Promise<{ steps: ChainStep[] }> => get(`/chains/${id(register)}/${rid}/trace`, { direction }, signal)
export const getCoverage = (signal?: AbortSignal): Promise<Coverage> => get('/coverage', {}, signal)
