/**
 * A client's message, parsed, if soketi can handle it; otherwise undefined.
 *
 * soketi reads `data.channel` of a subscription, `data.user_data` of a sign-in and the length of a channel's
 * name without checking that they are there; an error in there would end the whole server.
 */
export function readMessage(message: unknown): unknown {
  const parsed = message instanceof ArrayBuffer ? parseJson(message) : message
  if (!isObject(parsed) || typeof parsed.event !== 'string') return undefined
  const data = isObject(parsed.data) ? parsed.data : {}
  switch (parsed.event) {
    case 'pusher:subscribe':
    case 'pusher:unsubscribe':
      return typeof data.channel === 'string' ? parsed : undefined
    case 'pusher:signin':
      return typeof data.user_data === 'string' && isObject(parseJson(data.user_data)) ? parsed : undefined
    default:
      return parsed
  }
}

function parseJson(json: ArrayBuffer | string): unknown {
  try {
    return JSON.parse(typeof json === 'string' ? json : Buffer.from(json).toString())
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
