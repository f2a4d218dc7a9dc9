import awsLite from '@aws-lite/client'
import dynamodb from '@aws-lite/dynamodb'

const endpoint = process.env.APP_MANAGER_DYNAMODB_ENDPOINT
const client = awsLite({ endpoint, plugins: [dynamodb], region: process.env.AWS_REGION })

/** A lookup by the smallest maintained client that knows DynamoDB. */
export const handler = async ({ pathParameters: { appId } }) => {
  const aws = await client
  const { Item } = await aws.DynamoDB.GetItem({ TableName: 'apps', Key: { AppId: appId } })
  return Item ? { statusCode: 200, body: JSON.stringify({ app: Item }) } : { statusCode: 404 }
}
