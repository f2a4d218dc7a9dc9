import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLES } from '../../dev/sample-apps.ts'
import { run } from '../../harness/run-command.ts'
import { startDynamoDB, type TestDynamoDB } from '../support/test-dynamodb.ts'
import { commandOf, printedBy } from './readme.ts'

// A table as a user of soketi has it, without the settings that template.yaml adds.
const APPS = SAMPLES.slice(0, 2).map(({ item }) => item)

let dynamodb: TestDynamoDB
beforeAll(async () => {
  dynamodb = await startDynamoDB(APPS)
})
afterAll(() => dynamodb?.close())

describe("the README's commands for a table that exists", () => {
  it.each(['npx soketi-apps table compare', 'npx soketi-apps check', 'npm run token'])(
    'print what it shows: %s',
    async (beginning) => {
      const command = commandOf(beginning)
      const { APP_MANAGER_DYNAMODB_ENDPOINT = '', APP_MANAGER_DYNAMODB_TABLE = '' } = dynamodb.environment
      const words = command
        .replace('npm run token --', 'token')
        .replace('npx soketi-apps ', '')
        .replace('--table apps', `--table ${APP_MANAGER_DYNAMODB_TABLE}`)
        .replace('--region eu-west-1', `--region us-east-1 --endpoint ${APP_MANAGER_DYNAMODB_ENDPOINT}`)
      const { code, stdout } = await run(words.split(' '))
      const printed = stdout.split('\n').map(squeeze)
      const shown = printedBy(command).map((line) => squeeze(line).split('…'))
      const missing = shown.filter(
        ([start = '', end = '']) => !printed.some((line) => line.startsWith(start) && line.endsWith(end)),
      )
      expect(missing).toEqual([])
      expect(code).toBe(0)
    },
  )
})

/** Without the spaces that align columns. */
const squeeze = (text: string) => text.trim().replaceAll(/ +/g, ' ')
