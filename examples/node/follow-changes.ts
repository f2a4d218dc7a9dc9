// Follows the change feed: prints {"changed": ID} for each app that changed, and {"reset": WHY} whenever changes may have
// been missed, so that everything kept must be looked up again. With {"stale": true} changes may not arrive at the moment.
const { LOOKUP_URL = '', LOOKUP_TOKEN = '', POLL_SECONDS = '5' } = process.env
if (!/^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${LOOKUP_URL}/`))
  throw new Error('LOOKUP_URL: https only')

const HEARTBEAT_MAX_SECONDS = 210
type Page = {
  changes: { id: string }[]
  cursor: string
  more: boolean
  heartbeatAge: number
  code?: string
}
const print = (line: object) => console.log(JSON.stringify(line))
let cursor: string | undefined
let isStale = false

/** One poll; how many seconds to wait before the next. */
async function poll(): Promise<number> {
  const url = `${LOOKUP_URL}/changes${cursor === undefined ? '' : `?since=${encodeURIComponent(cursor)}`}`
  const headers = { authorization: `Bearer ${LOOKUP_TOKEN}` }
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(5000) })
  const body = (await response.json().catch(() => ({}))) as Page
  if (response.status === 200) {
    if (cursor === undefined) print({ reset: 'the feed is followed from here on' })
    cursor = String(body.cursor)
    for (const { id } of body.changes) print({ changed: id })
    const wasStale = isStale
    isStale = body.heartbeatAge >= HEARTBEAT_MAX_SECONDS
    if (isStale !== wasStale) print({ stale: isStale })
    return body.more ? 0 : Number(POLL_SECONDS)
  }
  // The cursor can't be followed any more: start again, and take nothing that is kept for current.
  if (response.status === 410 || response.status === 400) cursor = undefined
  else console.error(`status ${response.status} ${body.code ?? ''}`)
  return response.status === 410 ? 0 : Number(response.headers.get('retry-after') ?? POLL_SECONDS)
}

for (;;) {
  const seconds = await poll().catch((error: Error) => {
    console.error(error.message)
    return Number(POLL_SECONDS)
  })
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.9 + Math.random() / 5)))
}
