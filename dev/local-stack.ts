import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Application, type ApplicationOptions, createApplication } from './application.ts'
import { deliverTableStream } from './dynamodb-stream.ts'
import { type EmbeddedDynamoDB, ensureTable, startEmbeddedDynamoDB } from './embedded-dynamodb.ts'
import { deliverWrites } from './embedded-stream.ts'
import { type LocalFeed, startLocalFeed } from './local-feed.ts'
import { LOCAL_ENVIRONMENT, type OwnDynamoDB } from './own-dynamodb.ts'
import { SAMPLE_APPS } from './sample-apps.ts'
import { readStack } from './stack.ts'

/** What {@link startLocalStack} needs. */
export type LocalStackOptions = {
  readonly host: string
  /** Port of the gateway; 0 for any. */
  readonly port: number
  /** Port of the embedded DynamoDB; 0 for any. */
  readonly dynamodbPort: number
  /** The DynamoDB to read instead of the embedded one. */
  readonly own: OwnDynamoDB | undefined
  /** The authorizer's list, see parseConsumers. */
  readonly consumers: string
  /** A token for the local pages, which get it only with the embedded DynamoDB. */
  readonly token?: string
} & Pick<ApplicationOptions, 'onLog' | 'onResponse' | 'onError'>

/** A running stack on this machine. */
export type LocalStack = {
  readonly url: string
  /** The embedded DynamoDB, if it is in use. */
  readonly dynamodb: EmbeddedDynamoDB | undefined
  /** The change feed, if there is one. */
  readonly feed: LocalFeed | undefined
  /** Starts the functions before their first invocation. Rejects at the first one that does not load. */
  startFunctions(): Promise<void>
  /**
   * Starts the API and every function again from their source and template.yaml. The old ones stay if a function does not
   * load.
   */
  reload(): Promise<void>
  close(): Promise<void>
  readonly server: Server
}

/**
 * Starts everything that template.yaml describes on this machine: table, functions and API. As on Lambda, a function starts
 * at its first invocation.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { host, port, own } = options
  const { table } = readStack({})
  const dynamodb = own
    ? undefined
    : await startEmbeddedDynamoDB(table, SAMPLE_APPS, { host, port: options.dynamodbPort })

  const readOwnStack = () =>
    readStack({
      Consumers: options.consumers,
      DynamoDbEndpoint: own?.endpoint ?? dynamodb?.endpoint ?? '',
      ...(own && ownParameters(own)),
    })
  const stackFeed = readOwnStack().feed
  const client = own?.client ?? dynamodb?.client
  if (client && stackFeed) await ensureTable(client, stackFeed.changeLog)

  const create = () =>
    createApplication({
      ...options,
      stack: readOwnStack(),
      ambient: own?.environment ?? LOCAL_ENVIRONMENT,
      pages: {
        description:
          own?.description ??
          `Embedded, in memory, at ${dynamodb?.endpoint}: table ${table.TableName}, with these apps.`,
        embedded: dynamodb?.endpoint,
        token: dynamodb && options.token,
      },
      lambda: (name) => application.lambda(name),
    })
  let application: Application = await create()
  const feed =
    client && stackFeed
      ? await startLocalFeed({
          dynamodb: client,
          feed: stackFeed,
          deliver: (mapping) =>
            dynamodb
              ? deliverWrites(dynamodb, table, mapping)
              : deliverTableStream(client, String(own?.streamArn), mapping),
          record: (event) => application.lambda(stackFeed.recorder.functionName).invoke(event),
          onError: (error) => options.onError?.(error),
        })
      : undefined

  // Clients reuse connections for as long as API Gateway and load balancers allow, which is longer than Node's 5 s.
  const server = createServer({ keepAliveTimeout: 72_000 }, (request, response) =>
    application.handle(request, response),
  )
  server.listen(port, host)
  await once(server, 'listening')

  return {
    url: urlOf(server),
    dynamodb,
    feed,
    server,
    startFunctions: () => application.start(),
    async reload() {
      const previous = application
      const next = await create()
      try {
        await next.start()
      } catch (error) {
        await next.close()
        throw error
      }
      application = next
      await previous.close()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await feed?.close()
      await application.close()
      await dynamodb?.close()
    },
  }
}

/** The template's parameters. The feed writes a heartbeat item, so a user's own table has a feed only on request. */
function ownParameters({ table, region, streamArn }: OwnDynamoDB): Readonly<Record<string, string>> {
  return streamArn === undefined
    ? { TableName: table, TableRegion: region, ChangeFeed: 'off' }
    : { TableName: table, 'AWS::Region': region, 'AWS::StackName': `local-${table}` }
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
