import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { parseHttpUrl } from '../../functions/table-settings.ts'
import { EXIT, Failure } from './failure.ts'

/** The agents for one kind of client. */
export type Agents = { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent }

/**
 * Agents that send requests through the proxies of `HTTPS_PROXY` and `HTTP_PROXY`, except to hosts in `NO_PROXY` and to
 * this machine. Node reads the variables by itself only with `NODE_USE_ENV_PROXY=1`, and the AWS SDK never.
 * https://nodejs.org/docs/latest-v24.x/api/http.html#built-in-proxy-support
 *
 * @throws {Failure} if a variable is not a URL, which Node would ignore
 */
export function createAgents(options: { readonly keepAlive: boolean }): Agents {
  const proxyEnv = {
    HTTPS_PROXY: readProxy('HTTPS_PROXY'),
    HTTP_PROXY: readProxy('HTTP_PROXY'),
    NO_PROXY: [readVariable('NO_PROXY'), ...LOOPBACK].join(','),
  }
  return {
    httpAgent: new HttpAgent({ ...options, proxyEnv }),
    httpsAgent: new HttpsAgent({ ...options, proxyEnv }),
  }
}

/** A clause for the error of a connection that may have failed at a proxy. */
export function adviseOnProxy(): string {
  return ['HTTPS_PROXY', 'HTTP_PROXY'].some(readVariable)
    ? ', and the proxy in HTTPS_PROXY or HTTP_PROXY'
    : ''
}

const LOOPBACK = ['localhost', '127.0.0.1-127.255.255.255', '[::1]']

// Programs agree that both cases count, and that the lower one comes first.
function readVariable(name: string): string {
  return process.env[name.toLowerCase()] || process.env[name] || ''
}

function readProxy(name: string): string {
  const value = readVariable(name)
  if (value === '' || parseHttpUrl(value)) return value
  throw new Failure(
    `${name} must be an http or https URL, for example http://proxy.example.com:3128.`,
    EXIT.usage,
  )
}
