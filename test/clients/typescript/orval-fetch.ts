/** The server of the next request, because orval's functions have only the path. */
export const server = { url: '', token: '' }

export async function fetchFrom<T>(path: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers)
  if (server.token) headers.set('authorization', `Bearer ${server.token}`)
  const response = await fetch(server.url + path, { ...init, headers })
  const body = await response.text()
  return { status: response.status, data: body && JSON.parse(body), headers: response.headers } as T
}
