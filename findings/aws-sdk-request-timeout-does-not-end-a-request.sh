#!/usr/bin/env bash
# The AWS SDK for JavaScript (@aws-sdk/client-dynamodb 3.1164.0, npm) does not end a request after `requestTimeout`.
#
# It logs a warning and waits for the response. The request below has a timeout of 300 ms, and succeeds after 1.5 s.
# Only with `throwOnRequestTimeout: true` does it fail with a TimeoutError.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0

cat >finding.mjs <<'EOF'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'

const slow = createServer((_request, response) =>
  setTimeout(
    () => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"TableNames":[]}'),
    1_500,
  ),
).listen(0, '127.0.0.1')
await once(slow, 'listening')

for (const requestHandler of [{ requestTimeout: 300 }, { requestTimeout: 300, throwOnRequestTimeout: true }]) {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${slow.address().port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler,
  })
  const outcome = await client.send(new ListTablesCommand({})).then(
    ({ $metadata }) => $metadata.httpStatusCode,
    (error) => error.name,
  )
  console.log(JSON.stringify(requestHandler), outcome)
  client.destroy()
}
slow.close()
EOF

node finding.mjs | tee seen
diff - seen <<'EOF'
{"requestTimeout":300} 200
{"requestTimeout":300,"throwOnRequestTimeout":true} TimeoutError
EOF
