# The functions of .ci/run for its steps. Each step is timed and logged. After a failed step, the others still run.
#   step NAME COMMAND...   runs the command for at most $step_limit; prints its log if it fails
#   finish                 prints the totals as the last line; its status is 1 if a step failed or none ran

work=$PWD/.ci/.work
logs=$work/logs
results=$work/results
step_limit=${step_limit:-15m}

mkdir -p "$logs"
rm -f "$logs"/*
: >"$results"

step() {
  local name=$1 log began=$SECONDS status=0
  shift
  log=$logs/${name//[^a-zA-Z0-9]/-}.log
  echo "..     $name"
  timeout --kill-after=10s "$step_limit" "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" = 0 ]; then
    echo "ok     $name ($((SECONDS - began)) s)"
    echo passed >>"$results"
    return
  fi
  [ "$status" = 124 ] && echo "Still running after $step_limit: ended." >>"$log"
  # One printf, so that the output of parallel steps is not mixed.
  printf 'FAILED %s (%s s, status %s), the end of %s:\n%s\n' "$name" $((SECONDS - began)) "$status" \
    "${log#"$PWD/"}" "$(tail -n 200 "$log" | sed 's/^/    /')"
  echo failed >>"$results"
  return 1
}

finish() {
  local passed failed
  passed=$(grep -c passed "$results") || true
  failed=$(grep -c failed "$results") || true
  echo "$((SECONDS / 60)) min $((SECONDS % 60)) s"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}
