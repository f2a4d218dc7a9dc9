"""A backend with the pusher package of PyPI: reads requests as JSON, one a line, and says `ok` or `error` and why."""

import json
import sys

import pusher

for line in sys.stdin:
    request = json.loads(line)
    client = pusher.Pusher(
        app_id=request["id"], key=request["key"], secret=request["secret"], host="127.0.0.1", port=request["port"], ssl=False
    )
    try:
        if request["call"] == "trigger":
            client.trigger("private-room", "news", request["data"])
        elif request["call"] == "batch":
            client.trigger_batch([{"channel": "private-room", "name": "news", "data": "x"}] * request["count"])
        else:
            client.users_info("presence-room" if request["call"] == "users" else "public")
        print("ok", flush=True)
    except Exception as error:
        print("error", repr(error).replace("\n", " "), flush=True)
