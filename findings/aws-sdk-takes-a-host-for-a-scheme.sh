#!/usr/bin/env bash
# @aws-sdk/client-dynamodb 3.1164.0 (npm) sends requests for the endpoint `localhost:8000` to a host named 8000.
#
# One expects an error about the URL, or that host and port. The text is a valid URL of the scheme `localhost:` with the path
# `8000`, and the client does not check the scheme: it connects to port 80 of a host with the path's name.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0

cat >finding.cjs <<'EOF'
const { Agent } = require('node:http')
const { DynamoDBClient, ListTablesCommand } = require('@aws-sdk/client-dynamodb')

// Prints where a connection would go, in place of opening it.
class Printing extends Agent {
  createConnection({ host, port }) {
    console.log('connects to', host, port)
    throw new Error('not opened')
  }
}
const client = new DynamoDBClient({
  endpoint: 'localhost:8000',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'sample', secretAccessKey: 'sample' },
  maxAttempts: 1,
  requestHandler: { httpAgent: new Printing() },
})
client.config.endpoint().then(({ protocol, path }) => {
  console.log('scheme', protocol, 'path', path)
  return client.send(new ListTablesCommand({})).catch(() => {})
})
EOF

node finding.cjs | tee seen
diff - seen <<'EOF'
scheme localhost: path 8000
connects to 8000 80
EOF
