// Follows the change feed: prints {"changed": ID} for each app that changed, and {"reset": WHY} whenever changes may have
// been missed, so that all cached apps must be looked up again. From {"stale": true} until {"stale": false}, changes may
// not arrive.
import { readFile } from 'node:fs/promises'

const { LOOKUP_URL = '', LOOKUP_TOKEN = '', LOOKUP_TOKEN_FILE, ...settings } = process.env
const { POLL_SECONDS = '5', SILENCE_SECONDS = '30' } = settings
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
let answeredAt = performance.now()

/** Polls once, and returns how many seconds to wait before the next poll. */
async function poll(): Promise<number> {
  const sentAt = performance.now()
  const url = `${LOOKUP_URL.replace(/\/+$/, '')}/changes${cursor === undefined ? '' : `?since=${encodeURIComponent(cursor)}`}`
  const headers = { authorization: `Bearer ${await readToken()}` }
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(5000) })
  const body = (await response.json().catch(() => ({}))) as Page
  if (response.status === 200) {
    if (cursor === undefined) print({ reset: 'the feed is followed from here on' })
    cursor = String(body.cursor)
    for (const { id } of body.changes) print({ changed: id })
    answeredAt = sentAt
    printIfStale(body.heartbeatAge >= HEARTBEAT_MAX_SECONDS)
    return body.more ? 0 : Number(POLL_SECONDS)
  }
  // The cursor has expired: start again. Cached apps may be out of date.
  if (response.status === 410 || response.status === 400) cursor = undefined
  else console.error(`status ${response.status} ${body.code ?? ''}`)
  return response.status === 410 ? 0 : Number(response.headers.get('retry-after') ?? POLL_SECONDS)
}

/** The token. The file is read for each poll, because its token can be rotated. */
async function readToken(): Promise<string> {
  return LOOKUP_TOKEN_FILE ? (await readFile(LOOKUP_TOKEN_FILE, 'utf8')).trim() : LOOKUP_TOKEN
}

function printIfStale(isNowStale: boolean): void {
  if (isStale === isNowStale) return
  isStale = isNowStale
  print({ stale: isStale })
}

for (;;) {
  const seconds = await poll().catch((error: Error & { cause?: { code?: string } }) => {
    // Not the message, which can quote the token.
    console.error(error.cause?.code ?? error.name)
    return Number(POLL_SECONDS)
  })
  if (performance.now() - answeredAt >= Number(SILENCE_SECONDS) * 1000) printIfStale(true)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.9 + Math.random() / 5)))
}
