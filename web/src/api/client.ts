/** The one place that talks HTTP. Every failure leaves as an {@link ApiError}. */

export const API = '/api/v1'

export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** The platform's error code (`bad_input`, `forbidden`, …), or `network` when no answer came. */
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
    /** The whole answer, for refusals that say more (`faults`, the record as it now is). */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

interface Problem {
  title?: string
  detail?: string
  code?: string
  hint?: string
}

let whenUnauthenticated: () => void = () => {}

/** Called when the server says that nobody is logged in (any more). */
export function onUnauthenticated(handler: () => void): void {
  whenUnauthenticated = handler
}

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>

/** A path below the API with its query; a path that already begins with the prefix is kept. */
export function apiPath(path: string, query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) params.append(key, String(one))
    else if (value !== null && value !== undefined && value !== '') params.set(key, String(value))
  }
  const base = path.startsWith(`${API}/`) ? path : `${API}${path}`
  const text = params.toString()
  return text ? `${base}${base.includes('?') ? '&' : '?'}${text}` : base
}

async function request<T>(method: string, path: string, query: Query, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  // The guard against forged requests: a foreign page cannot set this header.
  if (method !== 'GET') headers['X-Sanggan'] = '1'
  const form = body instanceof FormData
  if (body !== undefined && !form) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(apiPath(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'network', String(error))
  }
  if (!response.ok) {
    const problem = await response.json().then(
      (value: unknown) => (value ?? {}) as Problem,
      (): Problem => ({}),
    )
    if (response.status === 401 && !path.startsWith('/session')) whenUnauthenticated()
    throw new ApiError(
      response.status,
      problem.code ?? `http_${response.status}`,
      problem.detail ?? problem.title ?? response.statusText,
      problem.hint ?? null,
      problem as Record<string, unknown>,
    )
  }
  if (response.status === 204) return undefined as T
  const text = await response.text()
  if (!text) return undefined as T
  try {
    return JSON.parse(text) as T
  } catch {
    throw new ApiError(response.status, 'not_json', `no JSON from ${path}`)
  }
}

export const get = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> =>
  request<T>('GET', path, query, undefined, signal)
export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> => request<T>('POST', path, {}, body, signal)
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>('PUT', path, {}, body)
export const patch = <T>(path: string, body: unknown): Promise<T> => request<T>('PATCH', path, {}, body)
export const remove = <T>(path: string, body?: unknown): Promise<T> => request<T>('DELETE', path, {}, body)
