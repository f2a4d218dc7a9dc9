import DynamoDB from 'aws-sdk/clients/dynamodb.js'

const client = new DynamoDB({
  endpoint: process.env.APP_MANAGER_DYNAMODB_ENDPOINT,
  region: process.env.AWS_REGION,
})

/** A lookup as soketi's own driver does it: aws-sdk v2, out of support since 2025. */
export const handler = async ({ pathParameters: { appId } }) => {
  const { Item } = await client.getItem({ TableName: 'apps', Key: { AppId: { S: appId } } }).promise()
  return Item ? { statusCode: 200, body: JSON.stringify({ app: Item }) } : { statusCode: 404 }
}
