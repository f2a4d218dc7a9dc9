#!/usr/bin/env bash
# Prints the app with this id or key as JSON, with its secret if the token's scope is full.
#
#   LOOKUP_URL=https://… LOOKUP_TOKEN=sal_… lookup.sh id|key NAME      (or LOOKUP_TOKEN_FILE=/run/secrets/…)
#
# Status: 0 there it is (it may be disabled: "enabled": false)    1 there is no such app
#         2 the command or the name is wrong                      3 could not know: ask again
#         4 the token is refused
set -euo pipefail

fail() { echo "lookup.sh: $2" >&2; exit "$1"; }

[[ $# = 2 && $1 =~ ^(id|key)$ ]] || fail 2 'usage: lookup.sh id|key NAME'
[[ ${LOOKUP_URL:-} =~ ^(https://|http://(localhost|127\.0\.0\.1)(:|/|$)) ]] || fail 2 'set LOOKUP_URL to an https URL.'
token=${LOOKUP_TOKEN:-}
[ -n "$token" ] || token=$(cat "${LOOKUP_TOKEN_FILE:?or LOOKUP_TOKEN must be set}") || exit 2
[[ $token =~ ^[A-Za-z0-9._~+/=-]+$ ]] || fail 2 'that is no token.'

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
name=${2//\\/\\\\}
name=${name//\"/\\\"}

# POST takes any name, and keeps it out of every URL. The token comes from a file: arguments are for all to see in `ps`.
# --retry is for timeouts, 408, 429 and 5xx, waits as long as Retry-After says, and empties the file before it asks again.
status=$(printf '{"%s":"%s"}' "$1" "$name" | curl --silent --show-error \
  --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") \
  --header 'Content-Type: application/json' --data-binary @- \
  --connect-timeout 2 --max-time 5 --retry 2 --retry-max-time 10 \
  --output "$answer" --write-out '%{http_code}' "${LOOKUP_URL%/}/apps/lookup") || fail 3 'the endpoint does not answer.'

case $status in
  200) cat "$answer"; echo ;;
  # Any proxy can say 404. Only the endpoint says "app": null, and only that means that there is none.
  404) grep -Eq '"app" *: *null' "$answer" && fail 1 'there is no such app.'
       fail 3 'status 404, but not from the lookup: is LOOKUP_URL right?' ;;
  400|413) fail 2 'the name is none: an id or key has 1 to 2,048 bytes of UTF-8.' ;;
  401|403) fail 4 'the token is refused.' ;;
  *) fail 3 "could not know (status $status)." ;;
esac
