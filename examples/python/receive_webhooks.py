"""Receives the webhooks of all apps, and accepts those that are signed with a secret of the app.

Use the web framework of your choice in place of http.server.
"""

import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app_lookup import App, AppLookup, LookupFailed

MAX_BODY_BYTES = 1024 * 1024

apps = AppLookup.from_environment()


class WebhookHandler(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return self.respond(411)
        if int(length) > MAX_BODY_BYTES:
            return self.respond(413)
        body = self.rfile.read(int(length))
        try:
            self.respond(self.receive(body))
        except LookupFailed as error:
            self.log_error("the lookup failed: %s", error)
            self.respond(503, error.retry_after_s)

    def receive(self, body: bytes) -> int:
        app = apps.find_by_key(self.headers.get("X-Pusher-Key", ""))
        if app and "secret" not in app:
            raise LookupFailed('a token of scope "public" gets no secrets')
        signature = self.headers.get("X-Pusher-Signature", "")
        if app and not is_signed_by(app, body, signature):
            app = apps.reread(app)  # soketi may have a new secret before this process does
        if not app or not is_signed_by(app, body, signature):
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

    def respond(self, status: int, retry_after_s: int | None = None) -> None:
        self.send_response(status)
        if retry_after_s is not None:
            self.send_header("Retry-After", str(retry_after_s))
        self.send_header("Content-Length", "0")
        self.end_headers()


def is_signed_by(app: App, body: bytes, signature: str) -> bool:
    """Whether a secret of the app made the signature. While a secret is rotated, there are two."""
    if is_signed(body, signature, app["secret"]):
        return True
    is_rotated = "previousSecret" in app and time.time() < app["previousSecretUntil"]
    return is_rotated and is_signed(body, signature, app["previousSecret"])


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """The signature is of the unparsed body: https://pusher.com/docs/channels/server_api/webhooks/#authentication"""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # As bytes, because compare_digest raises for text that is not ASCII.
    return hmac.compare_digest(signature.encode(errors="replace"), expected.encode())


if __name__ == "__main__":
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
    server = ThreadingHTTPServer(address, WebhookHandler)
    print("listening on http://%s:%d" % server.server_address, flush=True)
    server.serve_forever()
