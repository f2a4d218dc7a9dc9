import { describe, expect, it } from 'vitest'
import { readApiLog } from './watched-metrics.ts'

/** What CloudWatch Logs counts for each event beside its text. https://aws.amazon.com/cloudwatch/pricing/ */
const OVERHEAD = 26

/** A poll's values, each as long as API Gateway writes it. */
const VALUES: Readonly<Record<string, string>> = {
  '$context.requestId': 'JKJaXmPLvHcESHA=',
  '$context.requestTime': '22/Nov/2026:12:00:00 +0000',
  '$context.authorizer.consumer': 'soketi',
  '$context.authorizer.scope': 'full',
  '$context.routeKey': 'GET /changes',
  '$context.status': '200',
  '$context.responseLatency': '9',
  '$context.integrationLatency': '7',
  '$context.responseLength': '92',
  '$context.identity.sourceIp': '192.0.2.123',
  '$context.identity.userAgent': 'node',
}

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
const ID = '8f507cfc-xmpl-4697-b07a-ac58fc914c95'
const LAMBDA_LINES = [
  `START RequestId: ${ID} Version: 12\n`,
  `END RequestId: ${ID}\n`,
  `REPORT RequestId: ${ID}\tDuration: 3.12 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 87 MB\t\n`,
]

const sizeOf = (line: string) => Buffer.byteLength(line) + OVERHEAD

describe('the logs of a poll', () => {
  const line = Object.fromEntries(
    Object.entries(readApiLog()).map(([name, value]) => [name, VALUES[value] ?? value.replace(/^\$.*/, '-')]),
  )
  const api = sizeOf(JSON.stringify({ ...line, service: 'soketi-app-lookup' }))

  it("are one line of the API's, of at most 450 bytes: Lambda's lines would be as much again", () => {
    const lambda = LAMBDA_LINES.map(sizeOf).reduce((sum, size) => sum + size)
    expect(api).toBeLessThanOrEqual(450)
    expect(lambda).toBeGreaterThan(250)
  })
})
