#!/usr/bin/env bash
# pusher 5.3.4 (npm), the library for backends in Node, takes a webhook for invalid if its Content-Type has a charset.
#
# `application/json` and `application/json; charset=utf-8` are the same type, and proxies and HTTP clients add the charset.
# The library compares the header as text: key and signature are right, and isValid() is false without a reason.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund pusher@5.3.4

cat >finding.cjs <<'EOF'
const { createHmac } = require('node:crypto')
const Pusher = require('pusher')

const [key, secret] = ['sample-key', 'sample-secret']
const pusher = new Pusher({ appId: '1', key, secret, host: '127.0.0.1' })
const rawBody = JSON.stringify({ time_ms: 1700000000000, events: [{ name: 'channel_occupied', channel: 'news' }] })
const signature = createHmac('sha256', secret).update(rawBody).digest('hex')
for (const type of ['application/json', 'application/json; charset=utf-8']) {
  const headers = { 'content-type': type, 'x-pusher-key': key, 'x-pusher-signature': signature }
  console.log(type, pusher.webhook({ headers, rawBody }).isValid())
}
EOF

node finding.cjs 2>/dev/null | tee seen
diff - seen <<'EOF'
application/json true
application/json; charset=utf-8 false
EOF
