import { InvalidArgumentError, Option } from 'commander'
import { isLoopback } from '../../dev/own-dynamodb.ts'
import { viewApp } from '../../functions/apps/app.ts'
import { parsePathParameter } from '../../functions/http/parse-request.ts'
import { parseHttpUrl } from '../../functions/table-settings.ts'
import { createOutput } from '../terminal/command-output.ts'
import { EXIT, Failure } from '../terminal/failure.ts'
import { formatDetails, printable } from '../terminal/format.ts'
import { askForSecret } from '../terminal/prompt.ts'
import { adviseOnProxy } from '../terminal/proxy.ts'
import type { AddCommand } from './add-command.ts'
import { type EndpointResponse, sendRequest } from './send-request.ts'

type Options = {
  readonly url?: URL
  readonly id?: string
  readonly key?: string
  readonly secret?: boolean
  readonly json?: boolean
}

/** `lookup`: sends a request to the deployed endpoint, as a consumer does. */
export const addLookup: AddCommand = (program, terminal) =>
  program
    .command('lookup')
    .summary('look up an app at the deployed endpoint')
    .description(
      'Looks up an app at the endpoint, by id or by key, and prints how long each step took. The token comes from LOOKUP_TOKEN, a prompt or stdin. Needs no AWS credentials.',
    )
    .addOption(
      new Option(
        '--url <url>',
        "the stack's output ApiUrl (default: $SOKETI_APP_MANAGER_HTTP_URL)",
      ).argParser(parseUrl),
    )
    .option('--id <id>', 'the id of the app')
    .option('--key <key>', 'the key of the app')
    .option('--secret', 'print the secret and the headers of webhooks')
    .addHelpText(
      'after',
      '\nExit code: 0 only if the app was found.\n\nExample:\n  npx soketi-apps lookup --url https://abc123.execute-api.eu-west-1.amazonaws.com --key 7c9d',
    )
    .action(async (options: Options) => {
      const { url = readUrlVariable(), id, key } = options
      if (url === undefined)
        throw new Failure(
          'The URL of the endpoint is missing. Use --url, or set SOKETI_APP_MANAGER_HTTP_URL.',
          EXIT.usage,
        )
      if ((id === undefined) === (key === undefined))
        throw new Failure('Use either --id or --key.', EXIT.usage)
      if (url.protocol === 'http:' && !isLoopback(url.href))
        throw new Failure(
          'The token is sent over https only, except to this machine. Use an https URL.',
          EXIT.usage,
        )
      const token = process.env.LOOKUP_TOKEN || (await askForSecret('The token', terminal))
      // Node's error for a character that a header can't have looks like one of the network.
      if (!/^[\x20-\x7e]+$/.test(token))
        throw new Failure(
          'The token has a character that no token has. Check LOOKUP_TOKEN, or what you entered.',
          EXIT.usage,
        )
      const response = await sendRequest(url, requestFor(id, key), token, terminal.stopped).catch(
        (error: unknown) => {
          throw terminal.stopped.aborted || error instanceof Failure ? error : connectionFailure(url, error)
        },
      )
      const { app, failure } = interpret(response)
      const view = app && viewApp(app, options.secret ? 'full' : 'public')
      const { status, times, dynamodbMs, cache, ageSeconds } = response
      createOutput(terminal, options).result(
        { status, app: view, times, dynamodbMs, cache, ageSeconds },
        () => formatDetails([...appDetails(view), ...timingDetails(response)]),
      )
      if (failure) throw new Failure(failure)
    })

function parseUrl(value: string): URL {
  const url = parseHttpUrl(value)
  if (url) return url
  throw new InvalidArgumentError('It must be an http or https URL.')
}

/** The URL in the variable of the soketi nodes, which can have the URLs of several regions. */
function readUrlVariable(): URL | undefined {
  const value = process.env.SOKETI_APP_MANAGER_HTTP_URL?.trim()
  if (!value) return undefined
  const url = value.includes(',') ? undefined : parseHttpUrl(value)
  if (url) return url
  throw new Failure(
    'SOKETI_APP_MANAGER_HTTP_URL is not one http or https URL. Choose the URL of one region with --url.',
    EXIT.usage,
  )
}

/** GET if the id or key can be part of a path, as in the adapter; its response has timings. */
function requestFor(id: string | undefined, key: string | undefined) {
  const value = id ?? key ?? ''
  try {
    parsePathParameter(value)
    return { method: 'GET', path: id === undefined ? `/apps/by-key/${value}` : `/apps/${value}` }
  } catch {
    return { method: 'POST', path: '/apps/lookup', body: JSON.stringify(id === undefined ? { key } : { id }) }
  }
}

function connectionFailure(url: URL, error: unknown): Failure {
  const { code, name } = error as NodeJS.ErrnoException
  return new Failure(
    `${url.host} does not respond (${code ?? name}). Check --url and the network connection${adviseOnProxy()}.`,
  )
}

function interpret({ status, json }: EndpointResponse): {
  app?: Parameters<typeof viewApp>[0]
  failure?: string
} {
  if (status === 200 && json?.app) return { app: json.app }
  if (status === 404 && json?.code === 'app-not-found')
    return { failure: 'There is no such app: DynamoDB has no item for it.' }
  if (status === 401 || status === 403)
    return {
      failure: `The endpoint rejected the token (${status}). Its entry must be in the stack's parameter Consumers; a change takes effect up to 300 s after the deployment.`,
    }
  if (json?.code)
    return {
      failure: `The lookup failed (${status} ${printable(json.code)}): ${printable(json.detail ?? '')}`,
    }
  return { failure: `The response is not from a lookup endpoint (status ${status}). Check --url.` }
}

function appDetails(app: object | undefined) {
  return Object.entries(app ?? {}).map(
    ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value] as const,
  )
}

function timingDetails({ status, times, dynamodbMs, cache, ageSeconds }: EndpointResponse) {
  return [
    ['status', status],
    ['DNS lookup', ms(times.dns)],
    ['TCP connection', ms(times.tcp)],
    ['TLS handshake', ms(times.tls)],
    ['waiting for the response', ms(times.firstByte)],
    ['  DynamoDB', cache === 'hit' ? "not read, from the function's cache" : ms(dynamodbMs)],
    ['download', ms(times.download)],
    ['total', ms(times.total)],
    ['read from DynamoDB', ageSeconds === undefined ? undefined : `${ageSeconds} s ago`],
  ] as const
}

function ms(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
