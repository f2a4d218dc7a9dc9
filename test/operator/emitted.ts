import { readFileSync } from 'node:fs'
import { vi } from 'vitest'
import { readStack } from '../../dev/stack.ts'
import { eventOf, routeOf } from '../contract/event.ts'
import { ROWS } from '../contract/rows.ts'
import { RECORD_EVENTS } from '../feed/record-events.ts'
import { startLog } from '../feed/test-log.ts'
import { CONSUMERS } from '../support/canary.ts'
import { CONTEXT, loadHandler } from '../support/load-handler.ts'
import { MISBEHAVIOURS, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { startDynamoDB } from '../support/test-dynamodb.ts'

/** A line that a function wrote: a log or metrics. */
export type LogLine = Readonly<Record<string, unknown>>

/** What Lambda sets beside the template's variables. */
const LAMBDA = { AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', AWS_REGION: 'us-east-1' }

const ROUTES = ['FindAppById', 'FindAppByKey', 'LookupApps', 'FindChanges'] as const

/** Every kind of line that the deployed functions write: the whole contract, each fault of DynamoDB's, and a defect. */
export async function collectLines(): Promise<readonly LogLine[]> {
  let written = ''
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk)
    return true
  })
  try {
    await runContract()
    await runFaults()
    await runAuthorizer()
    await runFeed()
  } finally {
    stdout.mockRestore()
  }
  return written
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

async function start(name: string, environment: Readonly<Record<string, string>>) {
  const deployed = readStack({}).functions.find((candidate) => candidate.name === name)?.environment
  const handler = await loadHandler(name, { ...deployed, ...LAMBDA, ...environment })
  return (event: unknown) => handler(event, { ...CONTEXT, functionName: name })
}

async function runContract() {
  const dynamodb = await startDynamoDB()
  for (const name of ROUTES) {
    const invoke = await start(name, dynamodb.environment)
    const rows = ROWS.filter((row) => 'answer' in row && routeOf(row).functionName === name)
    for (const row of rows) await invoke(eventOf(row))
  }
  await dynamodb.close()
}

const FAULTS = ['resets', 'throttles a table', 'refuses the role'] as const

async function runFaults() {
  const [row] = ROWS
  const event = row && eventOf(row)
  for (const fault of FAULTS) {
    const { endpoint, close } = await startMisbehavingDynamoDB(MISBEHAVIOURS[fault])
    const environment = { APP_MANAGER_DYNAMODB_ENDPOINT: endpoint, PRIME: 'off' }
    await (await start('FindAppById', environment))(event)
    await close()
  }
  // An event that no gateway makes stands for a defect of ours.
  const defect = {
    ...event,
    get pathParameters() {
      throw new TypeError('a defect')
    },
  }
  await (await start('FindAppById', { PRIME: 'off' }))(defect)
}

async function runAuthorizer() {
  const [, list = ''] = /Consumers=([^\s"]+)/.exec(readFileSync('samconfig.toml', 'utf8')) ?? []
  for (const [consumers, file] of [
    [list, 'authorize-allowed'],
    [CONSUMERS, 'authorize-denied'],
    ['not a list', 'authorize-allowed'],
  ] as const)
    await (await start('Authorize', { CONSUMERS: consumers }))(eventIn(file))
}

/** The change feed: what RecordChanges makes of each of its events, and a poll of a stack without a feed. */
async function runFeed() {
  const log = await startLog()
  const record = await start('RecordChanges', { ...log.environment, APP_MANAGER_DYNAMODB_TABLE: 'apps' })
  for (const { event } of RECORD_EVENTS) await record(eventIn(event))
  await log.close()
  const [row] = ROWS.filter(({ event }) => event === 'changes-start')
  await (await start('FindChanges', { CHANGE_LOG_TABLE: '' }))(row && eventOf(row))
}

const eventIn = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../events/${file}.json`, import.meta.url), 'utf8'))
