import { Option } from 'commander'
import { viewApp } from '../functions/app.ts'
import { parsePathParameter } from '../functions/request.ts'
import { askForSecret } from './ask.ts'
import type { AddCommand } from './command.ts'
import { EXIT, Failure } from './failure.ts'
import { createOutput, formatFacts, printable } from './output.ts'
import { type Answer, send } from './send.ts'
import { isLoopback, parseUrl } from './table-options.ts'

type Options = {
  readonly url?: string
  readonly id?: string
  readonly key?: string
  readonly secret?: boolean
  readonly json?: boolean
}

/** `lookup`: asks the deployed endpoint as a consumer would. */
export const addLookup: AddCommand = (program, terminal) =>
  program
    .command('lookup')
    .summary('ask the deployed endpoint for an app')
    .description(
      'Asks the endpoint for an app, by id or by key, and shows where the time went. The token comes from LOOKUP_TOKEN, a prompt or stdin. Needs no AWS credentials.',
    )
    .addOption(
      new Option('--url <url>', "the stack's output ApiUrl")
        .env('SOKETI_APP_MANAGER_HTTP_URL')
        .argParser(parseUrl),
    )
    .option('--id <id>', 'the id of the app')
    .option('--key <key>', 'the key of the app')
    .option('--secret', 'show what is hidden: the secret, headers of webhooks')
    .addHelpText(
      'after',
      '\nExit code: 0 only if the app was found.\n\nExample:\n  npm run apps -- lookup --url https://abc123.execute-api.eu-west-1.amazonaws.com --key 7c9d',
    )
    .action(async (options: Options) => {
      const { url, id, key } = options
      if (url === undefined)
        throw new Failure('Give the endpoint with --url, or in SOKETI_APP_MANAGER_HTTP_URL.', EXIT.usage)
      if ((id === undefined) === (key === undefined))
        throw new Failure('Give either --id or --key.', EXIT.usage)
      if (url.startsWith('http:') && !isLoopback(url))
        throw new Failure(
          'A token is sent over https only, except to this machine; correct --url.',
          EXIT.usage,
        )
      const token = process.env.LOOKUP_TOKEN || (await askForSecret('The token', terminal))
      const answer = await send(url, requestFor(id, key), token, terminal.stopped).catch((error: unknown) => {
        throw terminal.stopped.aborted ? error : noAnswer(url, error)
      })
      const { app, failure } = judge(answer)
      const view = app && viewApp(app, options.secret ? 'full' : 'public')
      const { status, times, dynamodbMs, cache, ageSeconds } = answer
      createOutput(terminal, options).result(
        { status, app: view, times, dynamodbMs, cache, ageSeconds },
        () =>
          formatFacts([
            ...Object.entries(view ?? {}).map(
              ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value] as const,
            ),
            ['status', status],
            ['finding the host', ms(times.dns)],
            ['connecting', ms(times.tcp)],
            ['TLS', ms(times.tls)],
            ['waiting for the answer', ms(times.firstByte)],
            ['  of that DynamoDB', cache === 'hit' ? 'not asked, the function knew the app' : ms(dynamodbMs)],
            ['reading it', ms(times.download)],
            ['all of it', ms(times.total)],
            ['read from DynamoDB', ageSeconds === undefined ? undefined : `${ageSeconds} s ago`],
          ]),
      )
      if (failure) throw new Failure(failure)
    })

/** GET where the id or key fits into a path, as the adapter does; its answer carries times. */
function requestFor(id: string | undefined, key: string | undefined) {
  const value = id ?? key ?? ''
  try {
    parsePathParameter(value)
    return { method: 'GET', path: id === undefined ? `/apps/by-key/${value}` : `/apps/${value}` }
  } catch {
    return { method: 'POST', path: '/apps/lookup', body: JSON.stringify(id === undefined ? { key } : { id }) }
  }
}

function noAnswer(url: string, error: unknown): Failure {
  const { code, name } = error as NodeJS.ErrnoException
  return new Failure(
    `There is no answer from ${new URL(url).host} (${code ?? name}); is the --url right and the network up?`,
  )
}

function judge({ status, json }: Answer): { app?: Parameters<typeof viewApp>[0]; failure?: string } {
  if (status === 200 && json?.app) return { app: json.app }
  if (status === 404 && json?.code === 'app-not-found')
    return { failure: 'The endpoint asked DynamoDB, and there is no such app.' }
  if (status === 401 || status === 403)
    return {
      failure: `The endpoint does not accept the token (${status}); its entry must be in the stack's parameter Consumers, 300 s after the deploy at most.`,
    }
  if (json?.code)
    return {
      failure: `The endpoint could not answer (${status} ${printable(json.code)}): ${printable(json.detail ?? '')}`,
    }
  return { failure: `This is not what the endpoint answers (${status}); is the --url right?` }
}

function ms(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
