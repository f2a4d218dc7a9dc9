import type { APIGatewayProxyEventV2 } from 'aws-lambda'

// Not imported, because the facade of node:https and node:crypto costs more than this whole function.
const https = process.getBuiltinModule('node:https')
const { createHash, createHmac } = process.getBuiltinModule('node:crypto')

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, APP_MANAGER_DYNAMODB_ENDPOINT } = process.env
const url = new URL(APP_MANAGER_DYNAMODB_ENDPOINT ?? `https://dynamodb.${AWS_REGION}.amazonaws.com`)
const agent = new https.Agent({ keepAlive: true })
const TARGET = 'DynamoDB_20120810.GetItem'
const TYPE = 'application/x-amz-json-1.0'

/** The bound: one signed request and nothing else. No retries, no timeouts, no errors told apart. */
export const handler = async ({ pathParameters }: APIGatewayProxyEventV2) => {
  const { Item } = await getItem(String(pathParameters?.appId))
  return Item ? { statusCode: 200, body: JSON.stringify({ app: Item }) } : { statusCode: 404 }
}

function getItem(appId: string): Promise<{ Item?: unknown }> {
  const body = JSON.stringify({ TableName: 'apps', Key: { AppId: { S: appId } } })
  const { promise, resolve, reject } = Promise.withResolvers<{ Item?: unknown }>()
  const request = https.request(url, { agent, method: 'POST', headers: sign(body) }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
  })
  request.on('error', reject)
  request.end(body)
  return promise
}

/** Signature version 4. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function sign(body: string): Record<string, string> {
  const time = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '')
  const date = time.slice(0, 8)
  const scope = `${date}/${AWS_REGION}/dynamodb/aws4_request`
  const signed = 'content-type;host;x-amz-date;x-amz-target'
  const headers = `content-type:${TYPE}\nhost:${url.host}\nx-amz-date:${time}\nx-amz-target:${TARGET}\n`
  const canonical = `POST\n/\n\n${headers}\n${signed}\n${sha256(body)}`
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
  const key = hmac(
    hmac(hmac(hmac(`AWS4${AWS_SECRET_ACCESS_KEY}`, date), String(AWS_REGION)), 'dynamodb'),
    'aws4_request',
  )
  const signature = hmac(key, text).toString('hex')
  return {
    'content-type': TYPE,
    host: url.host,
    'x-amz-date': time,
    'x-amz-target': TARGET,
    authorization: `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
