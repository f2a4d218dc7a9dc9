#!/usr/bin/env bash
# Prints the app with this id or key as JSON. A token of scope full gets its secret too.
#
#   LOOKUP_URL=https://… LOOKUP_TOKEN=sal_… lookup.sh id|key NAME      (or LOOKUP_TOKEN_FILE=/run/secrets/…)
#
# Exit status: 0 the app exists (it may be disabled: "enabled": false)    1 the app does not exist
#              2 wrong usage, or not a valid id or key                    3 the lookup failed: try again
#              4 the token was rejected
set -euo pipefail

fail() { echo "lookup.sh: $2" >&2; exit "$1"; }

[[ $# = 2 && $1 =~ ^(id|key)$ ]] || fail 2 'usage: lookup.sh id|key NAME'
[[ ${LOOKUP_URL:-} =~ ^(https://|http://(localhost|127\.0\.0\.1)(:|/|$)) ]] || fail 2 'LOOKUP_URL must be an https URL.'
token=${LOOKUP_TOKEN:-}
[ -n "$token" ] || token=$(cat "${LOOKUP_TOKEN_FILE:?or LOOKUP_TOKEN must be set}") || exit 2
[[ $token =~ ^[A-Za-z0-9._~+/=-]+$ ]] || fail 2 'the token is not valid.'

body=$(mktemp)
trap 'rm -f "$body"' EXIT
name=${2//\\/\\\\}
name=${name//\"/\\\"}

# POST accepts any id or key, and keeps it out of logs of URLs. The token is in a file, because `ps` shows arguments.
# --retry covers timeouts, 408, 429 and 5xx, waits for Retry-After, and empties the output file before each attempt.
status=$(printf '{"%s":"%s"}' "$1" "$name" | curl --silent --show-error \
  --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") \
  --header 'Content-Type: application/json' --data-binary @- \
  --connect-timeout 2 --max-time 5 --retry 2 --retry-max-time 10 \
  --output "$body" --write-out '%{http_code}' "${LOOKUP_URL%/}/apps/lookup") || fail 3 'the endpoint does not respond.'

case $status in
  200) cat "$body"; echo ;;
  # Any proxy can return 404. Only a body with "app": null means that the app does not exist.
  404) grep -Eq '"app" *: *null' "$body" && fail 1 'the app does not exist.'
       fail 3 'status 404, but not from a lookup endpoint. Check LOOKUP_URL.' ;;
  400|413) fail 2 'an id or key must be 1 to 2,048 bytes of UTF-8.' ;;
  401|403) fail 4 'the endpoint rejected the token.' ;;
  *) fail 3 "the lookup failed (status $status)." ;;
esac
