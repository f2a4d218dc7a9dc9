/** Replaces `@smithy/node-http-handler`: functions/dynamodb/exchange.ts sends requests and receives whole responses. */
export const NodeHttpHandler = { create: <T>(handler: T): T => handler }

export const streamCollector = (body: Uint8Array): Promise<Uint8Array> => Promise.resolve(body)
