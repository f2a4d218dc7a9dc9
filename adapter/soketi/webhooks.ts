import { createHmac } from 'node:crypto'
import type { HttpAppManager, KnownAnswers } from './app-manager.ts'
import { rareLog } from './console-log.ts'
import { WEBHOOK_HINTS } from './hints.ts'
import type { Job, Queue, SoketiApp, SqsConsumer, SqsMessage } from './soketi.ts'
import { wrapMethod } from './wrap-method.ts'

const DROPPED =
  'A webhook was dropped, because its app could not be looked up and the sync queue does not retry; use Redis or SQS.'

/**
 * Makes soketi's webhook jobs tolerate a lookup that fails or finds nothing; either would stop the server.
 *
 * The app is looked up before soketi's own processor runs, which then gets exactly that app. A job without an app is
 * dropped, and one that no secret of its app signed, which soketi would never finish. A job that the previous secret signed
 * is signed anew, because soketi sends its signature. A job whose lookup fails stays in the queue: Redis retries with backoff (6 attempts in all), SQS delivers it
 * again after its visibility timeout. The sync queue keeps nothing, so there the job is counted, logged and dropped.
 */
export function guardWebhooks(prototype: Queue): void {
  wrapMethod(prototype, 'processQueue', ownServer, async ({ self, manager, proceed }, name, processor) => {
    const { driver } = self.server.options.queue
    const result = await proceed(name, async (job, done) => {
      try {
        const { appKey } = job.data
        const app = await manager.findByKey(appKey, WEBHOOK_HINTS)
        const signer = app && (await signerOf(job, app, manager))
        if (signer)
          manager.answering(new Map([[appKey, signer]]), () => processor(signedBy(signer, job), done))
        else if (typeof done === 'function') done()
      } catch (error) {
        manager.rejected.webhook += 1
        if (driver === 'redis') throw error // BullMQ then retries
        rareLog.write('warn', 'webhook', DROPPED)
        if (typeof done === 'function') done()
      }
    })
    const consumer = self.driver?.queueWithConsumer?.get(name)
    if (consumer) guardConsumer(consumer, manager)
    return result
  })
}

/**
 * soketi's SQS handlers either succeed or hang, and a failed batch without a listener for its error ends the process.
 * So the apps are looked up before the handlers run, where an error leaves the messages in the queue.
 */
function guardConsumer(consumer: SqsConsumer, manager: HttpAppManager): void {
  const { handleMessage, handleMessageBatch } = consumer
  if (handleMessage) {
    consumer.handleMessage = async (message) => {
      const known = await lookUp(manager, [appKeyOf(message)])
      return manager.answering(known, () => handleMessage(message))
    }
  }
  if (handleMessageBatch) {
    consumer.handleMessageBatch = async (messages) => {
      const known = await lookUp(manager, messages.map(appKeyOf))
      return manager.answering(known, () => handleMessageBatch(messages))
    }
  }
  consumer.on('error', () =>
    rareLog.write('warn', 'sqs', 'SQS failed, or a webhook stays in it to be retried.'),
  )
}

function signerOf(job: Job, app: SoketiApp, { signatures }: HttpAppManager): Promise<SoketiApp | undefined> {
  const { originalPusherSignature } = job.data
  return signatures.signerOf(
    'webhook',
    app,
    WEBHOOK_HINTS,
    (one) => signatureOf(job, one) === originalPusherSignature,
  )
}

function signedBy(app: SoketiApp, job: Job): Job {
  const data = { ...job.data, originalPusherSignature: signatureOf(job, app) }
  return Object.create(job, { data: { value: data } })
}

/** https://pusher.com/docs/channels/server_api/webhooks/#authentication */
function signatureOf({ data }: Job, { secret }: SoketiApp): string {
  return createHmac('sha256', secret).update(JSON.stringify(data.payload)).digest('hex')
}

async function lookUp(manager: HttpAppManager, keys: readonly string[]): Promise<KnownAnswers> {
  const answers = await Promise.all(
    keys.map(async (key) => [key, await manager.findByKey(key, WEBHOOK_HINTS)] as const),
  )
  return new Map(answers)
}

function appKeyOf({ Body = '' }: SqsMessage): string {
  const { appKey }: Job['data'] = JSON.parse(Body)
  return appKey
}

function ownServer({ server }: Queue): Queue['server'] {
  return server
}
