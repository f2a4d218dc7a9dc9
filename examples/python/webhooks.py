"""Receives the webhooks of every app, and believes those that are signed with the app's own secret.

http.server stands in for the framework of your choice.
"""

import hashlib
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app_lookup import AppLookup, CouldNotKnow

BODY_BYTES_MAX = 1024 * 1024

apps = AppLookup.from_environment()


class WebhookHandler(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return self.answer(411)
        if int(length) > BODY_BYTES_MAX:
            return self.answer(413)
        body = self.rfile.read(int(length))
        try:
            self.answer(self.receive(body))
        except CouldNotKnow as error:
            self.log_error("could not know the app: %s", error)
            self.answer(503, error.retry_after_s)

    def receive(self, body: bytes) -> int:
        app = apps.find_by_key(self.headers.get("X-Pusher-Key", ""))
        if app and "secret" not in app:
            raise CouldNotKnow('the token has scope "public", and is told no secrets')
        if not app or not is_signed(body, self.headers.get("X-Pusher-Signature", ""), app["secret"]):
            return 401
        if not app["enabled"]:
            return 403
        try:
            events = [(event["name"], event["channel"]) for event in json.loads(body)["events"]]
        except (ValueError, KeyError, TypeError):
            return 400
        for name, channel in events:
            print(json.dumps({"app": app["id"], "name": name, "channel": channel}), flush=True)
        return 200

    def answer(self, status: int, retry_after_s: int | None = None) -> None:
        self.send_response(status)
        if retry_after_s is not None:
            self.send_header("Retry-After", str(retry_after_s))
        self.send_header("Content-Length", "0")
        self.end_headers()


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Signed are the bytes as they came: https://pusher.com/docs/channels/server_api/webhooks/#authentication"""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # As bytes: compare_digest refuses text that is not ASCII, which a stranger may send.
    return hmac.compare_digest(signature.encode(errors="replace"), expected.encode())


if __name__ == "__main__":
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
    server = ThreadingHTTPServer(address, WebhookHandler)
    print("listening on http://%s:%d" % server.server_address, flush=True)
    server.serve_forever()
