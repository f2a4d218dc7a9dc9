"""
Clients of pysher or asyncpusher, one for each line of stdin: NUMBER PORT ID KEY SECRET.
Says what each is told, one line each: NUMBER WHAT.
"""

import asyncio
import json
import sys

import asyncpusher
import pusher
import pysher

LIBRARY = sys.argv[1]
CHANNELS = ["private-room", "presence-room"]
SUBSCRIBED = "pusher_internal:subscription_succeeded"


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def start_pysher(number, port, _app_id, key, secret):
    client = pysher.Pusher(
        key, custom_host="127.0.0.1", port=int(port), secure=False, secret=secret, user_data={"user_id": LIBRARY}
    )

    def connected(_data):
        say(number, "connected")
        for name in CHANNELS:
            channel = client.subscribe(name)
            channel.bind(SUBSCRIBED, lambda _data, name=name: say(number, "subscribed", name))
            channel.bind("news", lambda data, name=name: say(number, "event", name, json.loads(data)["from"]))

    client.connection.bind("pusher:connection_established", connected)
    client.connection.bind("pusher:error", lambda data: say(number, "error", data["code"]))
    client.connect()


async def start_asyncpusher(number, port, app_id, key, secret):
    backend = pusher.Pusher(app_id=app_id, key=key, secret=secret, host="127.0.0.1", port=int(port), ssl=False)

    async def authenticate(data):
        member = {"user_id": LIBRARY} if data["channel_name"].startswith("presence-") else None
        return backend.authenticate(data["channel_name"], data["socket_id"], member)

    async def tell(data, *words):
        say(number, *words)

    async def tell_error(data):
        say(number, "error", data["code"])

    async def tell_event(data, name):
        say(number, "event", name, data["from"])

    client = asyncpusher.Pusher(
        key, secure=False, custom_host="127.0.0.1", custom_port=int(port), channel_authenticator=authenticate
    )
    client.connection.bind("pusher:connection_established", tell, "connected")
    client.connection.bind("pusher:error", tell_error)
    await client.connect()
    for name in CHANNELS:
        channel = await client.subscribe(name)
        channel.bind(SUBSCRIBED, tell, "subscribed", name)
        channel.bind("news", tell_event, name)


async def run_asyncpusher():
    tasks = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        tasks.append(asyncio.create_task(start_asyncpusher(*line.split())))


if LIBRARY == "pysher":
    for line in sys.stdin:
        start_pysher(*line.split())
else:
    asyncio.run(run_asyncpusher())
