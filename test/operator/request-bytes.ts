import { vi } from 'vitest'
import { itemOf } from '../../dev/sample-apps.ts'
import { readStack } from '../../dev/stack.ts'
import { eventOf, routeOf } from '../contract/event.ts'
import { post, type Row } from '../contract/row.ts'
import { rowOf } from '../contract/rows.ts'
import { CONTEXT, loadHandler } from '../support/load-handler.ts'
import { startDynamoDB } from '../support/test-dynamodb.ts'
import { readApiLog } from './watched-metrics.ts'

/** The overhead that CloudWatch Logs adds to each event. https://aws.amazon.com/cloudwatch/pricing/ */
const OVERHEAD = 26

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
const ID = '8f507cfc-xmpl-4697-b07a-ac58fc914c95'
const LAMBDA_LINES = [
  `START RequestId: ${ID} Version: 12\n`,
  `END RequestId: ${ID}\n`,
  `REPORT RequestId: ${ID}\tDuration: 3.12 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 87 MB\t\n`,
]

/** Values of API Gateway's variables, with their usual length. */
const VALUES: Readonly<Record<string, string>> = {
  '$context.requestId': 'JKJaXmPLvHcESHA=',
  '$context.authorizer.consumer': 'backend',
  '$context.status': '200',
  '$context.responseLatency': '9',
  '$context.integrationLatency': '7',
  '$context.identity.sourceIp': '192.0.2.123',
}

const ids = ['demo', ...Array.from({ length: 99 }, (_, index) => `app-${index}`)]
const REQUESTS = {
  lookup: rowOf('find-by-key'),
  batch: { ...rowOf('lookup-batch'), ...post({ apps: ids.map((id) => ({ id })) }) },
  poll: rowOf('changes-start'),
} satisfies Record<string, Row>

/** The bytes that CloudWatch Logs ingests for one request. */
export type RequestBytes = { readonly api: number; readonly ofFunction: number; readonly lambda: number }

/**
 * The bytes of each kind of request: the line of the API, the lines of the function, and those that Lambda would add in the
 * text format. A lookup and a batch of 100 read the table. The line of a cold start is left out.
 */
export async function measureRequestBytes(): Promise<Readonly<Record<keyof typeof REQUESTS, RequestBytes>>> {
  const { environment, close } = await startDynamoDB(ids.map((id) => itemOf(id)))
  const bytesOf = async (kind: keyof typeof REQUESTS): Promise<RequestBytes> => {
    const row = REQUESTS[kind]
    const { functionName, method, path } = routeOf(row)
    const deployed = readStack({}).functions.find(({ name }) => name === functionName)?.environment
    const variables = { ...deployed, ...environment, POWERTOOLS_SERVICE_NAME: 'soketi-app-lookup' }
    const handler = await loadHandler(functionName, variables)
    const written = await outputOf(() => handler(eventOf(row), CONTEXT))
    return {
      api: sizeOf(apiLine(`${method} ${path}`)),
      ofFunction: sum(written.split('\n').filter(Boolean).map(typical)),
      lambda: sum(LAMBDA_LINES),
    }
  }
  const [lookup, batch, poll] = [await bytesOf('lookup'), await bytesOf('batch'), await bytesOf('poll')]
  await close()
  return { lookup, batch, poll }
}

async function outputOf(act: () => Promise<unknown>): Promise<string> {
  let written = ''
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk)
    return true
  })
  await act()
  stdout.mockRestore()
  return written
}

function apiLine(route: string): string {
  const values = { ...VALUES, '$context.routeKey': route }
  const fields = Object.entries(readApiLog()).map(([name, value]) => [
    name,
    values[value as keyof typeof values] ?? value.replace(/^\$.*/, '-'),
  ])
  return JSON.stringify({ ...Object.fromEntries(fields), service: 'soketi-app-lookup' })
}

/** A line with times and memory as on Lambda, instead of those of this machine. */
function typical(line: string): string {
  const metrics = JSON.parse(line)
  const DynamoDBTime = metrics.DynamoDBTime?.map(() => 4.2)
  return JSON.stringify({ ...metrics, DynamoDBTime, memoryMB: 100 })
}

const sizeOf = (line: string) => Buffer.byteLength(line) + OVERHEAD
const sum = (lines: readonly string[]) => lines.map(sizeOf).reduce((total, size) => total + size, 0)
