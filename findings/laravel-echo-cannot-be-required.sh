#!/usr/bin/env bash
# laravel-echo 2.5.0 (npm) has a CommonJS build, and require() of it fails with a ReferenceError.
#
# Its package.json has `"main": "dist/echo.common.js"` and `"type": "module"`, so Node reads the CommonJS file as an ES
# module, in which `exports` is not defined. import works.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund laravel-echo@2.5.0 pusher-js@8.6.0

cat >finding.cjs <<'EOF'
try {
  require('laravel-echo')
  console.log('require works')
} catch (error) {
  console.log(error.name, error.message.split('\n')[0])
}
import('laravel-echo').then(({ default: Echo }) => console.log('import', typeof Echo))
EOF

node finding.cjs | tee seen
diff - seen <<'EOF'
ReferenceError exports is not defined in ES module scope
import function
EOF
