#!/usr/bin/env bash
# soketi 1.6.1 (npm) sends a webhook the events that its filter excludes, if webhooks are batched.
#
# Without batches, the filter `channel_name_starts_with` works. In a batch it only decides whether the webhook is sent: one
# event that matches brings all others of the batch with it, of every type and channel, so receivers must filter again.
set -euo pipefail
cd "$(mktemp -d)" && trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$PWD"' EXIT

cat >package.json <<'EOF'
{
  "dependencies": { "@soketi/soketi": "1.6.1", "node-20": "npm:node@20.20.2", "pusher-js": "8.6.0" },
  "overrides": {
    "msgpackr-extract": "3.0.3",
    "uWebSockets.js": "npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0"
  }
}
EOF
npm install --silent --no-audit --no-fund
node=node_modules/node-20/bin/node

cat >finding.cjs <<'EOF'
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { createServer } = require('node:http')
const Pusher = require('pusher-js')

async function observe(batches, port) {
  const channels = []
  const receiver = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    for (const event of JSON.parse(body).events) channels.push(event.channel)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${receiver.address().port}`
  const webhooks = [{ url, event_types: ['channel_occupied'], filter: { channel_name_starts_with: 'news' } }]
  const soketi = spawn(process.execPath, ['node_modules/@soketi/soketi/bin/server.js', 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      HOME: process.cwd(),
      SOKETI_HOST: '127.0.0.1',
      SOKETI_PORT: String(port),
      SOKETI_METRICS_SERVER_PORT: String(port + 1),
      SOKETI_WEBHOOKS_BATCHING: String(batches),
      SOKETI_DEFAULT_APP_WEBHOOKS: JSON.stringify(webhooks),
    },
  })
  await new Promise((resolve) => soketi.stdout.on('data', (text) => /up and running/.test(text) && resolve()))
  const client = new Pusher('app-key', { cluster: '', wsHost: '127.0.0.1', wsPort: port, forceTLS: false, enabledTransports: ['ws'] })
  for (const name of ['news', 'weather'])
    await new Promise((resolve) => client.subscribe(name).bind('pusher:subscription_succeeded', resolve))
  // Longer than the 50 ms that a batch waits.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  client.disconnect()
  soketi.kill('SIGKILL')
  receiver.close()
  console.log(batches ? 'in batches:' : 'without batches:', channels.sort().join(', '))
}

observe(false, 21001).then(() => observe(true, 21003)).then(() => process.exit())
EOF

$node finding.cjs | tee seen
diff - seen <<'EOF'
without batches: news
in batches: news, weather
EOF
