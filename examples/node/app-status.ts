import { serve } from './serve.ts'

/** GET /apps/ID says whether there is such an app and what it may do; its secret stays here. */
await serve(async ({ method, url = '' }, apps) => {
  const [, name] = /^\/apps\/([^/?]+)$/.exec(url) ?? []
  if (method !== 'GET' || name === undefined) return { status: 404, body: { error: 'no such route' } }

  const app = await apps.findById(decode(name))
  if (app === undefined) return { status: 404, body: { error: 'no such app' } }
  const { id, enabled, maxConnections, enableClientMessages } = app
  return { status: 200, body: { id, enabled, maxConnections, enableClientMessages } }
})

/** What no URL can mean, "%zz", is no app's id either. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return ''
  }
}
