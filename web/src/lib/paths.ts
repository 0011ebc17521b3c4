import { API } from '../api/client'
import { isoTime } from './time'

/** The explanation of one observation; live rows carry no path of their own. */
export const observationPath = (station: string, parameter: string, measure: string, cadence: string, at: number): string =>
  `${API}/explain/observation/${[station, parameter, measure, cadence].map(encodeURIComponent).join('/')}/${isoTime(at)}`
