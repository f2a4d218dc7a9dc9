#!/usr/bin/env bash
# @aws-sdk/client-dynamodb 3.1164.0 (npm) takes the time of the Date header of any response, also of a successful one.
#
# The correction is known from requests that DynamoDB rejects for their time. But one proxy or emulator with a wrong clock is
# enough for every later request of the client to be signed for that time, and to be rejected by everything else.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0

cat >finding.cjs <<'EOF'
const { once } = require('node:events')
const { createServer } = require('node:http')
const { DynamoDBClient, ListTablesCommand } = require('@aws-sdk/client-dynamodb')

async function find() {
  const years = []
  const server = createServer((request, response) => {
    years.push(request.headers['x-amz-date'].slice(0, 4))
    const headers = { 'content-type': 'application/x-amz-json-1.0', date: 'Fri, 01 Jan 2100 00:00:00 GMT' }
    response.writeHead(200, headers).end('{"TableNames":[]}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.address().port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'sample', secretAccessKey: 'sample' },
  })
  for (let i = 0; i < 2; i += 1) await client.send(new ListTablesCommand({}))
  client.destroy()
  server.close()
  console.log('the first request is signed for this year:', years[0] === String(new Date().getUTCFullYear()))
  console.log('the second one is signed for', years[1])
}
find()
EOF

node finding.cjs | tee seen
diff - seen <<'EOF'
the first request is signed for this year: true
the second one is signed for 2100
EOF
