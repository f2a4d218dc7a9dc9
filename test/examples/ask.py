"""Calls examples/python/app_lookup.py as each line of the input says, and moves its clock.

    ["find_by_id", "demo"]      prints {"app": …}, or {"lookup_failed": …, "retry_after_s": …}
    ["pass", 9.5]               moves the clock by that many seconds, and prints {}
    ["wait_for", 0.2]           sets the timeout in seconds, and prints {}
    ["forget", 0]               replaces the client with a new one, and prints {}
"""

import json
import sys

sys.path.insert(0, "examples/python")
import app_lookup

now = 1000.0
app_lookup.time.monotonic = lambda: now
lookup = app_lookup.AppLookup.from_environment()

for line in sys.stdin:
    what, value = json.loads(line)
    answer = {}
    if what == "pass":
        now += value
    elif what == "wait_for":
        app_lookup.TIMEOUT_S = value
    elif what == "forget":
        lookup = app_lookup.AppLookup.from_environment()
    else:
        try:
            answer = {"app": getattr(lookup, what)(value)}
        except app_lookup.LookupFailed as error:
            answer = {"lookup_failed": str(error), "retry_after_s": error.retry_after_s}
    print(json.dumps(answer), flush=True)
