"""Looks up soketi apps over HTTP. Needs Python 3.11 and no packages. Can be shared between threads."""

import http.client
import json
import math
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 3  # to connect, and for each read
STALE_IF_ERROR_S = 3600
MAX_RETRY_AFTER_S = 30
MIN_REREAD_INTERVAL_S = 1
REREAD_FRESH_S = 10  # as long as a function of the endpoint can have the app from before
MAX_APPS = 10_000
MAX_RESPONSE_BYTES = 1024 * 1024
LOOPBACK = ("localhost", "127.0.0.1", "::1")

App = dict[str, Any]


class LookupFailed(Exception):
    """The lookup failed, so it is unknown whether the app exists. None means that it does not exist."""

    def __init__(self, reason: str, retry_after_s: int = 1) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Entry:
    """A cached app; times are of time.monotonic."""

    app: App
    etag: str | None
    read_at: float
    fresh_until: float


class AppLookup:
    """Caches an app as long as the endpoint allows, then revalidates it with its ETag.

    While lookups fail, an enabled app is served from the cache for up to an hour.
    """

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self._url = urlsplit(url)
        if self._url.scheme != "https" and self._url.hostname not in LOOPBACK:
            raise ValueError("the URL must be https, except for this machine")
        self._token = token
        self._cache: dict[tuple[str, str], Entry] = {}
        self._cache_lock = threading.Lock()
        self._retry_at = 0.0

    @classmethod
    def from_environment(cls) -> "AppLookup":
        """Reads LOOKUP_URL, and LOOKUP_TOKEN or LOOKUP_TOKEN_FILE. The file is read for each request, for rotation."""
        file = os.environ.get("LOOKUP_TOKEN_FILE")
        return cls(
            os.environ["LOOKUP_URL"],
            (lambda: Path(file).read_text().strip()) if file else lambda: os.environ["LOOKUP_TOKEN"],
        )

    def find_by_id(self, app_id: str) -> App | None:
        """The app, or None if it does not exist. A disabled app exists. Raises LookupFailed."""
        return self._find("id", app_id)

    def find_by_key(self, key: str) -> App | None:
        """Like find_by_id. Accepts any text, so that input of a client can be passed on."""
        return self._find("key", key)

    def reread(self, app: App) -> App | None:
        """The app as it is in the table, past every cache: for a signature that no known secret made.

        At most once a second for each app, because anyone can cause it; the cached app in between.
        """
        names = ("id", app["id"]), ("key", app["key"])
        cached = self._cache.get(names[0])
        if cached and time.monotonic() - cached.read_at < MIN_REREAD_INTERVAL_S:
            return cached.app
        entry = self._request(*names[0], None, consistent=True)
        for name in names:
            self._store(name, replace(entry, fresh_until=entry.read_at + REREAD_FRESH_S) if entry else None)
        return entry.app if entry else None

    def _find(self, kind: str, name: str) -> App | None:
        if not 1 <= len(name.encode(errors="replace")) <= 2048:
            return None
        cached = self._cache.get((kind, name))
        now = time.monotonic()
        if cached and now < cached.fresh_until:
            return cached.app
        try:
            entry = self._request(kind, name, cached)
        except LookupFailed:
            if cached and cached.app["enabled"] and now - cached.read_at < STALE_IF_ERROR_S:
                return cached.app
            raise
        self._store((kind, name), entry if entry and entry.etag else None)  # a POST's response must not be cached
        return entry.app if entry else None

    def _request(self, kind: str, name: str, cached: Entry | None, consistent: bool = False) -> Entry | None:
        sent_at = time.monotonic()
        if sent_at < self._retry_at:
            raise LookupFailed("waiting before the next request", math.ceil(self._retry_at - sent_at))
        try:
            status, headers, body = self._send(kind, name, cached.etag if cached else None, consistent)
        except (OSError, http.client.HTTPException) as error:
            raise self._back_off(f"no response ({type(error).__name__})", 1) from error

        if status == 404 and "app" in body and body["app"] is None:
            return None
        if status == 304 and cached:
            app, etag = cached.app, cached.etag
        elif status == 200 and is_app(app := body.get("app")) and app[kind] == name:
            etag = headers.get("ETag")
        elif status in (401, 403, 429, 503):
            raise self._back_off(f"status {status}", seconds(headers.get("Retry-After"), 1))
        else:
            raise LookupFailed(f"status {status}")
        max_age = re.search(r"max-age=(\d+)", headers.get("Cache-Control", ""))
        read_at = sent_at - seconds(headers.get("Age"), 0)
        return Entry(app, etag, read_at, read_at + int(max_age[1]) if max_age else sent_at)

    def _send(
        self, kind: str, name: str, etag: str | None, consistent: bool
    ) -> tuple[int, http.client.HTTPMessage, dict[str, Any]]:
        """Sends a request over a new connection. http.client follows no redirects, so no other host gets the token."""
        token = self._token()
        if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token):  # http.client would quote it in an error
            raise LookupFailed("the token is not valid")
        headers = {"Authorization": f"Bearer {token}"}
        if not consistent and re.fullmatch(r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}", name):
            method, path, body = "GET", f"/apps/{name}" if kind == "id" else f"/apps/by-key/{name}", None
            if etag:
                headers["If-None-Match"] = etag
        else:  # A consistent read, or a name that can't be part of a URL.
            method, path, body = "POST", "/apps/lookup", json.dumps({kind: name, "consistent": consistent})
            headers["Content-Type"] = "application/json"
        connect = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = connect(self._url.hostname, self._url.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, self._url.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, parse(response.read(MAX_RESPONSE_BYTES))
        finally:
            connection.close()

    def _back_off(self, reason: str, retry_after_s: int) -> LookupFailed:
        """Sends nothing for a while, so that an endpoint that is down is not overloaded, and callers don't wait for it."""
        wait_s = min(retry_after_s, MAX_RETRY_AFTER_S)
        self._retry_at = time.monotonic() + wait_s
        return LookupFailed(reason, wait_s)

    def _store(self, name: tuple[str, str], entry: Entry | None) -> None:
        with self._cache_lock:
            self._cache.pop(name, None)
            if entry:
                self._cache[name] = entry
            if len(self._cache) > MAX_APPS:
                del self._cache[next(iter(self._cache))]


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; empty for anything else, such as a proxy's error page."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def is_app(app: Any) -> bool:
    """Whether a value has the fields of every app. Only a token of scope "full" gets the secret."""
    return isinstance(app, dict) and app.keys() >= {"id", "key", "enabled"}


def seconds(header: str | None, default: int) -> int:
    """The seconds in a header."""
    return int(header) if header and re.fullmatch(r"[0-9]{1,9}", header) else default
