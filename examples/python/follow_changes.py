"""Follows the change feed: prints {"changed": ID} for each app that changed, and {"reset": WHY} whenever changes may have
been missed, so that everything kept must be looked up again. With {"stale": true} changes may not arrive at the moment."""

import json
import os
import random
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit

HEARTBEAT_MAX_S = 210
POLL_S = float(os.environ.get("POLL_SECONDS", "5"))
URL = urlsplit(os.environ["LOOKUP_URL"])
if URL.scheme != "https" and URL.hostname not in ("localhost", "127.0.0.1"):
    raise ValueError("LOOKUP_URL: https only")
cursor: str | None = None
stale = False


def poll() -> float:
    """One poll; returns how many seconds to wait before the next."""
    global cursor, stale
    connection = (HTTPSConnection if URL.scheme == "https" else HTTPConnection)(URL.hostname, URL.port, timeout=5)
    try:
        path = "/changes" + (f"?since={quote(cursor)}" if cursor else "")
        connection.request("GET", path, headers={"Authorization": f"Bearer {os.environ['LOOKUP_TOKEN']}"})
        response = connection.getresponse()
        body = json.loads(response.read())
    finally:
        connection.close()
    if response.status == 200:
        if cursor is None:
            say(reset="the feed is followed from here on")
        cursor = body["cursor"]
        for hint in body["changes"]:
            say(changed=hint["id"])
        if stale != (body["heartbeatAge"] >= HEARTBEAT_MAX_S):
            say(stale=(stale := not stale))
        return 0 if body["more"] else POLL_S
    if response.status in (400, 410):  # the cursor can't be followed any more: start again
        cursor = None
    else:
        print(f"status {response.status} {body.get('code', '')}", file=sys.stderr)
    return 0 if response.status == 410 else float(response.headers.get("Retry-After", POLL_S))


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


while True:
    try:
        seconds = poll()
    except (OSError, HTTPException, ValueError) as error:
        print(type(error).__name__, file=sys.stderr)
        seconds = POLL_S
    time.sleep(seconds * random.uniform(0.9, 1.1))
