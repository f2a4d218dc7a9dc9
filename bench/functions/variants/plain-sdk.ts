import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

const endpoint = process.env.APP_MANAGER_DYNAMODB_ENDPOINT
const client = new DynamoDBClient(endpoint ? { endpoint } : {})

/** A typical lookup: the SDK and middy, nothing else. */
export const handler = middy<APIGatewayProxyEventV2>().handler(async ({ pathParameters }) => {
  const Key = { AppId: { S: String(pathParameters?.appId) } }
  const { Item } = await client.send(new GetItemCommand({ TableName: 'apps', Key }))
  return Item ? { statusCode: 200, body: JSON.stringify({ app: Item }) } : { statusCode: 404 }
})
