import { createHmac } from 'node:crypto'
import type { HttpAppManager } from './app-manager.ts'
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
 * is signed anew, because soketi sends its signature. A job whose lookup fails stays in the queue: Redis retries with
 * backoff (6 attempts in all), SQS delivers it again after its visibility timeout. The sync queue keeps nothing, so there
 * the job is counted, logged and dropped.
 */
export function guardWebhooks(prototype: Queue): void {
  wrapMethod(prototype, 'processQueue', async ({ self, manager, proceed }, name, processor) => {
    const { driver } = self.server.options.queue
    const result = await proceed(name, async (job, done) => {
      const finish = () => typeof done === 'function' && done()
      try {
        const signed = await signAnew(job.data, manager)
        if (signed)
          manager.withKnown(new Map([signed.known]), () =>
            processor(Object.create(job, { data: { value: signed.data } }), done),
          )
        else finish()
      } catch (error) {
        manager.rejected.webhook += 1
        if (driver === 'redis') throw error // BullMQ then retries
        rareLog.write('warn', 'webhook', DROPPED)
        finish()
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
  const handle = async (messages: SqsMessage[], handleSigned: (signed: SqsMessage[]) => unknown) => {
    const found = await Promise.all(messages.map(({ Body = '' }) => signAnew(JSON.parse(Body), manager)))
    const jobs = found.filter((job) => job !== undefined)
    const signed = jobs.map(({ data }) => ({ Body: JSON.stringify(data) }))
    return manager.withKnown(new Map(jobs.map(({ known }) => known)), () => handleSigned(signed))
  }
  if (handleMessage)
    consumer.handleMessage = (message) => handle([message], ([signed]) => signed && handleMessage(signed))
  if (handleMessageBatch) consumer.handleMessageBatch = (messages) => handle(messages, handleMessageBatch)
  consumer.on('error', () =>
    rareLog.write('warn', 'sqs', 'SQS failed, or a webhook stays in it to be retried.'),
  )
}

/**
 * A job's data with the signature of its app's current secret, and that app by its key; undefined if there is no app, or no
 * secret of it signed the job.
 * https://pusher.com/docs/channels/server_api/webhooks/#authentication
 * @throws AppLookupUnavailableError if the app could not be looked up
 */
async function signAnew(data: Job['data'], manager: HttpAppManager) {
  const { appKey, payload, originalPusherSignature } = data
  const body = JSON.stringify(payload) ?? ''
  const signatureOf = ({ secret }: SoketiApp) => createHmac('sha256', secret).update(body).digest('hex')
  const isSignedBy = (app: SoketiApp) => signatureOf(app) === originalPusherSignature
  const app = await manager.findByKey(appKey, WEBHOOK_HINTS)
  const signer = app && (await manager.signatures.signerOf('webhook', app, WEBHOOK_HINTS, isSignedBy))
  if (!signer) return undefined
  const signed = { ...data, originalPusherSignature: signatureOf(signer) }
  return { data: signed, known: [appKey, signer] as const }
}
