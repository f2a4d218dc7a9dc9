"""Follows the change feed: prints {"changed": ID} for each app that changed, and {"reset": WHY} whenever changes may have
been missed, so that all cached apps must be looked up again. From {"stale": true} until {"stale": false}, changes may
not arrive."""

import json
import os
import random
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

HEARTBEAT_MAX_S = 210
SILENCE_MAX_S = float(os.environ.get("SILENCE_SECONDS", "30"))
POLL_S = float(os.environ.get("POLL_SECONDS", "5"))
URL = urlsplit(os.environ["LOOKUP_URL"])
if URL.scheme != "https" and URL.hostname not in ("localhost", "127.0.0.1"):
    raise ValueError("LOOKUP_URL: https only")
cursor: str | None = None
stale = False
answered_at = time.monotonic()


def poll() -> float:
    """Polls once, and returns how many seconds to wait before the next poll."""
    global cursor, answered_at
    sent_at = time.monotonic()
    connection = (HTTPSConnection if URL.scheme == "https" else HTTPConnection)(URL.hostname, URL.port, timeout=5)
    try:
        path = URL.path.rstrip("/") + "/changes" + (f"?since={quote(cursor)}" if cursor else "")
        connection.request("GET", path, headers={"Authorization": f"Bearer {token()}"})
        response = connection.getresponse()
        body = json.loads(response.read())
    finally:
        connection.close()
    if not isinstance(body, dict):  # not from a lookup endpoint
        raise ValueError
    if response.status == 200:
        if cursor is None:
            say(reset="the feed is followed from here on")
        cursor = body["cursor"]
        for hint in body["changes"]:
            say(changed=hint["id"])
        answered_at = sent_at
        say_if_stale(body["heartbeatAge"] >= HEARTBEAT_MAX_S)
        return 0 if body["more"] else POLL_S
    if response.status in (400, 410):  # the cursor can't be followed any more: start again
        cursor = None
    else:
        print(f"status {response.status} {body.get('code', '')}", file=sys.stderr)
    return 0 if response.status == 410 else float(response.headers.get("Retry-After", POLL_S))


def token() -> str:
    """The token. The file is read for each poll, because its token can be rotated."""
    file = os.environ.get("LOOKUP_TOKEN_FILE")
    return Path(file).read_text().strip() if file else os.environ["LOOKUP_TOKEN"]


def say_if_stale(now_stale: bool) -> None:
    global stale
    if stale != now_stale:
        say(stale=(stale := now_stale))


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


while True:
    try:
        seconds = poll()
    except (OSError, HTTPException, ValueError, KeyError) as error:
        print(type(error).__name__, file=sys.stderr)
        seconds = POLL_S
    if time.monotonic() - answered_at >= SILENCE_MAX_S:
        say_if_stale(True)
    time.sleep(seconds * random.uniform(0.9, 1.1))
