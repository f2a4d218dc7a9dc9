import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { eventOf } from '../contract/event.ts'
import { get, type Row } from '../contract/row.ts'
import { answer, startMisbehavingDynamoDB } from '../support/misbehaving-dynamodb.ts'
import { environmentOf } from './function-on.ts'

// As large as an item can be, with parts that take several times their JSON in memory.
const WEBHOOKS = JSON.stringify(Array(15_000).fill({ event_types: ['a'] }))

it('a function stays within its memory when many large apps are looked up', async () => {
  const dynamodb = await startMisbehavingDynamoDB((_request, response, _attempt, body) => {
    const { AppId } = JSON.parse(body).Key
    const Item = { AppId, AppKey: AppId, AppSecret: { S: 'made-up' }, Webhooks: { S: WEBHOOKS } }
    answer(response, 200, { Item })
  })
  const lambda = fork(new URL('./function-process.ts', import.meta.url), {
    env: environmentOf(dynamodb.endpoint, {
      FUNCTION_ENTRY: new URL('../../functions/find-app-by-id.ts', import.meta.url).href,
      APP_CACHE_TTL_SECONDS: '3600',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      // A busy machine is slow with such a large response.
      DYNAMODB_ATTEMPT_TIMEOUT_MS: '4000',
      DYNAMODB_DEADLINE_MS: '4500',
    }),
    execArgv: ['--max-old-space-size=64'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  try {
    await once(lambda, 'message')
    const ended = once(lambda, 'exit').then(() =>
      Promise.reject(new Error('The function ran out of memory.')),
    )
    for (let n = 0; n < 50; n++) {
      lambda.send(eventOf(get(`/apps/app-${n}`) as Row))
      const [{ answer }] = await Promise.race([once(lambda, 'message'), ended])
      expect(answer.statusCode).toBe(200)
    }
    ended.catch(() => undefined)
  } finally {
    lambda.kill()
    await dynamodb.close()
  }
})
