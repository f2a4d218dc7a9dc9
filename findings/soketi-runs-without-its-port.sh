#!/usr/bin/env bash
# soketi 1.6.1 (npm) says that it is up and running, and stays, when another server has its port.
#
# A server that can't listen usually ends with EADDRINUSE, and its supervisor shows that. soketi ignores the result of
# uWebSockets.js's listen(): a health check of the process passes, and clients reach the other server.
set -euo pipefail
cd "$(mktemp -d)" && trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$PWD"' EXIT

cat >package.json <<'EOF'
{
  "dependencies": { "@soketi/soketi": "1.6.1", "node-20": "npm:node@20.20.2" },
  "overrides": {
    "msgpackr-extract": "3.0.3",
    "uWebSockets.js": "npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0"
  }
}
EOF
npm install --silent --no-audit --no-fund
node=node_modules/node-20/bin/node

cat >other.cjs <<'EOF'
const server = require('node:http').createServer((_, response) => response.end('the other server'))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
EOF
$node other.cjs >port &
until [ -s port ]; do sleep 0.1; done
port=$(cat port)

# The port of its metrics is another one.
HOME=$PWD SOKETI_HOST=127.0.0.1 SOKETI_PORT=$port SOKETI_METRICS_SERVER_PORT=$((port - 20000)) \
  $node node_modules/@soketi/soketi/bin/server.js start >output 2>&1 &
soketi=$!
for _ in $(seq 300); do
  grep -q 'up and running' output && break
  sleep 0.1
done
sleep 1

{
  grep -o 'Server is up and running' output
  kill -0 "$soketi" && echo 'soketi still runs'
  $node -e "fetch('http://127.0.0.1:$port/').then((r) => r.text()).then((text) => console.log('its port has', text))"
} | tee seen
diff - seen <<'EOF'
Server is up and running
soketi still runs
its port has the other server
EOF
