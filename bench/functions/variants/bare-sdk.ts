import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

const endpoint = process.env.APP_MANAGER_DYNAMODB_ENDPOINT
const client = new DynamoDBClient(endpoint ? { endpoint } : {})

/** The SDK's GetItem alone, without any processing of its response. */
export const handler = ({ pathParameters }: APIGatewayProxyEventV2) =>
  client.send(new GetItemCommand({ TableName: 'apps', Key: { AppId: { S: String(pathParameters?.appId) } } }))
