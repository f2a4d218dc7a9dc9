import type { Server } from 'node:http'
import { type EmbeddedDynamoDB, LOCAL_CREDENTIALS, startEmbeddedDynamoDB } from './embedded-dynamodb.ts'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { startLambda } from './lambda.ts'
import { addPages } from './pages.ts'
import { SAMPLE_APPS } from './sample-apps.ts'
import { readStack } from './stack.ts'

/** A DynamoDB of the user's own; what is absent is found as the AWS CLI would find it. */
export type OwnDynamoDB = { readonly endpoint?: string; readonly table?: string; readonly region?: string }

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
  readonly onLog: (functionName: string, line: string) => void
} & Pick<GatewayOptions, 'onAnswer' | 'onError'>

export type LocalStack = {
  readonly url: string
  /** The embedded DynamoDB, if that is what is read. */
  readonly dynamodb: EmbeddedDynamoDB | undefined
  /** Starts every function again from its source. */
  reload(): Promise<void>
  close(): Promise<void>
  readonly server: Server
}

/** Starts everything that template.yaml describes on this machine: table, functions and gateway. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { host, own } = options
  const { table } = readStack({})
  const dynamodb = own
    ? undefined
    : await startEmbeddedDynamoDB(table, SAMPLE_APPS, { host, port: options.dynamodbPort })

  const stack = readStack({
    Consumers: options.consumers,
    DynamoDbEndpoint: own?.endpoint ?? dynamodb?.endpoint ?? '',
    TableRegion: own?.region ?? process.env.AWS_REGION ?? '',
    TableName: own?.table ?? String(table.TableName),
  })
  // The user's own DynamoDB is read with the user's own credentials, wherever the SDK finds them.
  const ambient = own
    ? process.env
    : {
        AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      }
  const started = await Promise.all(
    stack.functions.map((spec) => startLambda(spec, ambient, (line) => options.onLog(spec.name, line))),
  )
  const lambdas = new Map(stack.functions.map(({ name }, index) => [name, started[index]]))

  const gateway = createGateway({
    ...options,
    stack,
    lambda: (name) => {
      const lambda = lambdas.get(name)
      if (!lambda) throw new Error(`The template names a function ${name} that it does not have.`)
      return lambda
    },
  })
  await addPages(gateway, {
    routes: stack.routes,
    dynamodb: own
      ? `${own.table ?? 'apps'} at ${own.endpoint ?? 'AWS'}, read with the credentials of who started this.`
      : `Embedded, in memory, at ${dynamodb?.endpoint}: table ${table.TableName}, with these apps.`,
    samples: dynamodb !== undefined,
  })
  const url = await gateway.listen({ host, port: options.port })

  return {
    url,
    dynamodb,
    server: gateway.server,
    reload: async () => {
      await Promise.all(started.map((lambda) => lambda.reload()))
    },
    close: async () => {
      await gateway.close()
      await Promise.all(started.map((lambda) => lambda.close()))
      await dynamodb?.close()
    },
  }
}
