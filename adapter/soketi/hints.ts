import type { LookupHints } from '../lookup/index.ts'
import type { Response, Socket } from './soketi.ts'

/** How far a backend's clock may be off, as in Pusher's own API. */
const MAX_CLOCK_SKEW_S = 600

/** Webhooks are sent for apps that were looked up when their job was made. */
export const WEBHOOK_HINTS: LookupHints = { isSigned: true }

/** The hints of a WebSocket, before its app is known. */
export const hintsOfSocket = ({ ip, ip2 }: Socket): LookupHints => ({ source: sourceOf(ip2 || ip) })

/** The hints of a request to soketi's HTTP API, before its app is known. Call it before the request can be aborted. */
export function hintsOfRequest(response: Response): LookupHints {
  const address =
    textOf(response.getProxiedRemoteAddressAsText()) || textOf(response.getRemoteAddressAsText())
  return { source: sourceOf(address), isSigned: looksSigned(response.query ?? {}) }
}

/**
 * Whether the query is that of a signed request; undefined if its timestamp is not of now.
 * https://pusher.com/docs/channels/library_auth_reference/rest-api/#authentication
 */
function looksSigned(query: Readonly<Record<string, unknown>>): boolean | undefined {
  const { auth_key: key, auth_signature: signature, auth_timestamp: timestamp } = query
  if (typeof key !== 'string' || key === '' || !/^[0-9a-f]{64}$/.test(String(signature))) return false
  return Math.abs(Date.now() / 1000 - Number(timestamp)) <= MAX_CLOCK_SKEW_S || undefined
}

/** A source is an IPv4 address, or the 64-bit network of an IPv6 address. */
function sourceOf(address: string): string {
  const groups = address.split(':')
  const isIpv6 = groups.length === 8 && !address.startsWith('0000:0000:0000:0000:0000:ffff:')
  return isIpv6 ? groups.slice(0, 4).join(':') : address
}

const textOf = (buffer: ArrayBuffer): string => Buffer.from(buffer).toString('latin1')
