import { serve } from './serve.ts'

/** GET /apps/ID returns an app's limits, without its secret. */
await serve(async ({ method, url = '' }, apps) => {
  const [, name] = /^\/apps\/([^/?]+)$/.exec(url) ?? []
  if (method !== 'GET' || name === undefined) return { status: 404, body: { error: 'no such route' } }

  const app = await apps.findById(decode(name))
  if (app === undefined) return { status: 404, body: { error: 'no such app' } }
  const { id, enabled, maxConnections, enableClientMessages } = app
  return { status: 200, body: { id, enabled, maxConnections, enableClientMessages } }
})

/** The id in a path, or an empty text, which no app has, if it is not valid (such as %zz). */
function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return ''
  }
}
