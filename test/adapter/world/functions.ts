import type { Request } from '../../../adapter/lookup/endpoint/request.ts'
import { createFinder, type Find } from '../../../functions/apps/cached-finder.ts'
import type { Table } from '../../../functions/apps/table.ts'
import { readConfig } from '../../../functions/config.ts'
import type { ChangeLogReader } from '../../../functions/feed/change-log.ts'
import { createFeed, type Poll } from '../../../functions/feed/poll.ts'
import { findBatch } from '../../../functions/http/batch.ts'
import { parseLookup, parsePathParameter } from '../../../functions/http/parse-request.ts'
import {
  type ProxyResponse,
  respondToBatch,
  respondToGet,
  respondToPoll,
  respondToPost,
  respondWithError,
} from '../../../functions/http/response.ts'
import { LookupError } from '../../../functions/lookup-error.ts'

/** One Lambda environment of each function, with its caches. */
export type Environment = {
  readonly findById: Find
  readonly findByKey: Find
  /** `POST /apps/lookup` is a function of its own. */
  readonly lookup: Readonly<Record<'id' | 'key', Find>>
  readonly poll: Poll
}

export const config = readConfig({ CHANGE_LOG_TABLE: 'changes' })
const nowhere = {
  count: () => {},
  time: () => {},
  endInit: () => {},
  countColdStart: () => {},
  writeHeartbeatAge: () => {},
  endRequest: () => {},
}

export function startEnvironment(
  { findById, findByKey }: Table,
  log: ChangeLogReader | undefined,
): Environment {
  return {
    findById: createFinder(findById, config, nowhere),
    findByKey: createFinder(findByKey, config, nowhere),
    lookup: {
      id: createFinder(findById, config, nowhere),
      key: createFinder(findByKey, config, nowhere),
    },
    poll: createFeed(log),
  }
}

/** The response of the functions to a request that has passed the gateway. */
export async function answerRequest(environment: Environment, request: Request): Promise<ProxyResponse> {
  try {
    return await route(environment, request)
  } catch (error) {
    if (error instanceof LookupError) return respondWithError(error, 'request-id')
    throw error
  }
}

const CONSUMER = 'simulation'

async function route(
  environment: Environment,
  { method, path, headers, body }: Request,
): Promise<ProxyResponse> {
  const caller = {
    consumer: CONSUMER,
    scope: 'full' as const,
    requestId: 'request-id',
    ifNoneMatch: headers['if-none-match'],
  }
  const deadline = Date.now() + config.deadlineMs
  if (method === 'POST') {
    const { one, batch } = parseLookup(JSON.parse(body ?? ''))
    if (one)
      return respondToPost(
        await environment.lookup[one.by](one.value, CONSUMER, { ...one, deadline }),
        caller,
      )
    return respondToBatch(await findBatch(batch, environment.lookup, caller, deadline, asLookupError))
  }
  const { pathname, searchParams } = new URL(path, 'https://endpoint.example')
  if (pathname === '/changes')
    return respondToPoll(await environment.poll(searchParams.get('since') ?? undefined, deadline))
  const name = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1))
  const find = pathname.startsWith('/apps/by-key/') ? environment.findByKey : environment.findById
  return respondToGet(await find(parsePathParameter(name), CONSUMER, { deadline }), caller, config)
}

function asLookupError(error: unknown): LookupError {
  if (error instanceof LookupError) return error
  throw error
}
