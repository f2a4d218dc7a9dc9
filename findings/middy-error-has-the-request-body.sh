#!/usr/bin/env bash
# middy's JSON parser (@middy/http-json-body-parser 6.4.5, npm) puts the request body into its error.
#
# For a body that is not JSON, `error.cause.data` is the whole body. A function that logs its errors, as loggers do with
# their causes, writes what the caller sent into the log: a password with a missing quote, for example. The status of this
# error is 415, although the content type is right.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund @middy/core@6.4.5 @middy/http-json-body-parser@6.4.5

cat >finding.mjs <<'EOF'
import middy from '@middy/core'
import parseJson from '@middy/http-json-body-parser'

const handler = middy()
  .use(parseJson())
  .handler(async () => ({}))
const event = { headers: { 'content-type': 'application/json' }, body: '{"password": "sample' }
await handler(event, { getRemainingTimeInMillis: () => 1_000 }).catch((error) =>
  console.log(error.statusCode, error.cause.data),
)
EOF

node finding.mjs | tee seen
diff - seen <<<'415 {"password": "sample'
