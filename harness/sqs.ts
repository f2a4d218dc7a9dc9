import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

type Message = { readonly id: string; readonly body: string; visibleAt: number; receives: number }

/** An SQS queue on this machine, with the part of AWS's JSON protocol that soketi uses. */
export type SqsQueue = {
  readonly url: string
  /** Its messages, whether they were received or not. */
  readonly messages: ReadonlyMap<string, Message>
  close(): void
}

/**
 * The visibility timeout. It is longer than a lookup in the tests takes, with its wait for a batch: a message that becomes
 * visible while it is processed is delivered twice.
 */
const VISIBILITY_MS = 2_500

/**
 * Starts an empty queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
export async function startSqsQueue(): Promise<SqsQueue> {
  const messages = new Map<string, Message>()
  const actions: Record<string, (input: Record<string, unknown>) => unknown> = {
    SendMessage({ MessageBody }) {
      const id = randomUUID()
      const body = String(MessageBody)
      messages.set(id, { id, body, visibleAt: 0, receives: 0 })
      return { MessageId: id, MD5OfMessageBody: md5(body) }
    },
    async ReceiveMessage({ MaxNumberOfMessages }) {
      await sleep(20) // so that short polling does not use all processor time
      const visible = [...messages.values()].filter(({ visibleAt }) => visibleAt <= Date.now())
      const Messages = visible.slice(0, Number(MaxNumberOfMessages)).map((message) => {
        message.visibleAt = Date.now() + VISIBILITY_MS
        message.receives += 1
        return {
          MessageId: message.id,
          ReceiptHandle: message.id,
          Body: message.body,
          MD5OfBody: md5(message.body),
        }
      })
      return { Messages }
    },
    DeleteMessage({ ReceiptHandle }) {
      messages.delete(String(ReceiptHandle))
      return {}
    },
    DeleteMessageBatch({ Entries }) {
      const entries = Entries as { Id: string; ReceiptHandle: string }[]
      for (const { ReceiptHandle } of entries) messages.delete(ReceiptHandle)
      return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] }
    },
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const action = actions[String(request.headers['x-amz-target']).replace('AmazonSQS.', '')]
    const answer = await action?.(JSON.parse(body))
    response.writeHead(action ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify(answer ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/000000000000/webhooks`,
    messages,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The environment of a soketi that queues its webhooks there. */
export function sqsEnv({ url }: SqsQueue, inBatches: boolean): Record<string, string> {
  return {
    SOKETI_QUEUE_DRIVER: 'sqs',
    SOKETI_QUEUE_SQS_URL: url,
    SOKETI_QUEUE_SQS_ENDPOINT: new URL(url).origin,
    SOKETI_QUEUE_SQS_PROCESS_BATCH: String(inBatches),
    SOKETI_QUEUE_SQS_BATCH_SIZE: '10',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
