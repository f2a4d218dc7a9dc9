"""Looks soketi apps up over plain HTTP. Needs nothing but Python 3.11 or later; safe to share between threads."""

import http.client
import json
import math
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 3  # to connect, and for each wait for bytes
STALE_MAX_S = 3600
RETRY_AFTER_MAX_S = 30
APPS_MAX = 10_000
ANSWER_BYTES_MAX = 1024 * 1024
LOOPBACK = ("localhost", "127.0.0.1", "::1")

App = dict[str, Any]


class CouldNotKnow(Exception):
    """Nobody knows whether there is such an app. Never the same as None, which means that there is none."""

    def __init__(self, reason: str, retry_after_s: int = 1) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Reading:
    """An app as the endpoint told it; times are of time.monotonic."""

    app: App
    etag: str | None
    read_at: float
    fresh_until: float


class AppLookup:
    """Keeps an app for as long as the endpoint allows, then asks whether it is still the same.

    While nobody answers, apps that were enabled stay known for an hour.
    """

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self._url = urlsplit(url)
        if self._url.scheme != "https" and self._url.hostname not in LOOPBACK:
            raise ValueError("the token travels over https only")
        self._token = token
        self._kept: dict[tuple[str, str], Reading] = {}
        self._keeping = threading.Lock()
        self._ask_again_at = 0.0

    @classmethod
    def from_environment(cls) -> "AppLookup":
        """At LOOKUP_URL, with LOOKUP_TOKEN or what LOOKUP_TOKEN_FILE holds at the moment: tokens rotate."""
        file = os.environ.get("LOOKUP_TOKEN_FILE")
        return cls(
            os.environ["LOOKUP_URL"],
            (lambda: Path(file).read_text().strip()) if file else lambda: os.environ["LOOKUP_TOKEN"],
        )

    def find_by_id(self, app_id: str) -> App | None:
        """The app, None if there is none. A disabled app is an app. Raises CouldNotKnow."""
        return self._find("id", app_id)

    def find_by_key(self, key: str) -> App | None:
        """As find_by_id. Takes whatever a stranger sent."""
        return self._find("key", key)

    def _find(self, kind: str, name: str) -> App | None:
        if not 1 <= len(name.encode(errors="replace")) <= 2048:
            return None
        kept = self._kept.get((kind, name))
        now = time.monotonic()
        if kept and now < kept.fresh_until:
            return kept.app
        try:
            reading = self._ask(kind, name, kept)
        except CouldNotKnow:
            if kept and kept.app["enabled"] and now - kept.read_at < STALE_MAX_S:
                return kept.app
            raise
        self._keep((kind, name), reading if reading and reading.etag else None)  # a POST's answer is not to be kept
        return reading.app if reading else None

    def _ask(self, kind: str, name: str, kept: Reading | None) -> Reading | None:
        sent_at = time.monotonic()
        if sent_at < self._ask_again_at:
            raise CouldNotKnow("it is too early to ask again", math.ceil(self._ask_again_at - sent_at))
        try:
            status, headers, answer = self._exchange(kind, name, kept.etag if kept else None)
        except (OSError, http.client.HTTPException) as error:
            raise self._wait(f"no answer ({type(error).__name__})", 1) from error

        if status == 404 and "app" in answer and answer["app"] is None:
            return None
        if status == 304 and kept:
            app, etag = kept.app, kept.etag
        elif status == 200 and is_app(app := answer.get("app")) and app[kind] == name:
            etag = headers.get("ETag")
        elif status in (401, 403, 429, 503):
            raise self._wait(f"status {status}", seconds(headers.get("Retry-After"), 1))
        else:
            raise CouldNotKnow(f"status {status}")
        max_age = re.search(r"max-age=(\d+)", headers.get("Cache-Control", ""))
        read_at = sent_at - seconds(headers.get("Age"), 0)
        return Reading(app, etag, read_at, read_at + int(max_age[1]) if max_age else sent_at)

    def _exchange(self, kind: str, name: str, etag: str | None) -> tuple[int, http.client.HTTPMessage, dict[str, Any]]:
        """One request over a connection of its own; http.client follows no redirect, so the token stays here."""
        token = self._token()
        if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token):  # or http.client quotes it in an error
            raise CouldNotKnow("what should be the token is none")
        headers = {"Authorization": f"Bearer {token}"}
        if re.fullmatch(r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}", name):
            method, path, body = "GET", f"/apps/{name}" if kind == "id" else f"/apps/by-key/{name}", None
            if etag:
                headers["If-None-Match"] = etag
        else:  # No URL can carry it.
            method, path, body = "POST", "/apps/lookup", json.dumps({kind: name})
            headers["Content-Type"] = "application/json"
        connect = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = connect(self._url.hostname, self._url.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, self._url.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, parse(response.read(ANSWER_BYTES_MAX))
        finally:
            connection.close()

    def _wait(self, reason: str, retry_after_s: int) -> CouldNotKnow:
        """Asks nothing for a while, so that callers don't wait for an endpoint that is down, nor keep it down."""
        wait_s = min(retry_after_s, RETRY_AFTER_MAX_S)
        self._ask_again_at = time.monotonic() + wait_s
        return CouldNotKnow(reason, wait_s)

    def _keep(self, name: tuple[str, str], reading: Reading | None) -> None:
        with self._keeping:
            self._kept.pop(name, None)
            if reading:
                self._kept[name] = reading
            if len(self._kept) > APPS_MAX:
                del self._kept[next(iter(self._kept))]


def parse(body: bytes) -> dict[str, Any]:
    """A JSON object; an empty one for anything else, such as a proxy's page."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def is_app(app: Any) -> bool:
    """Whether it has what every app has; the secret is for tokens of scope "full" only."""
    return isinstance(app, dict) and app.keys() >= {"id", "key", "enabled"}


def seconds(header: str | None, default: int) -> int:
    """A header's whole seconds."""
    return int(header) if header and re.fullmatch(r"[0-9]{1,9}", header) else default
