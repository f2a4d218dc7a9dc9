#!/usr/bin/env bash
# urllib3 2.8.0 (PyPI) repeats a GET after a 503 that has Retry-After, although no retries of a status were asked for.
#
# With all defaults it sends the request four times, and waits for Retry-After each time, before the caller gets the 503.
# Without Retry-After, the caller gets the first 503 at once. `status_forcelist`, which says what statuses to retry, is
# empty by default; Retry-After has a rule of its own, for 413, 429 and 503 (`respect_retry_after_header`).
# openapi-generator's clients for Python use these defaults: with `Retry-After: 60`, one call takes three minutes.
# Their Configuration(retries=0) turns it off.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
python3 -m pip install --quiet --root-user-action=ignore --disable-pip-version-check --target . urllib3==2.8.0

cat >finding.py <<'EOF'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

paths = []


class Unavailable(BaseHTTPRequestHandler):
    def do_GET(self):
        paths.append(self.path)
        self.send_response(503)
        if self.path == "/with-retry-after":
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Unavailable)
threading.Thread(target=server.serve_forever, daemon=True).start()
for path in ("/without-retry-after", "/with-retry-after"):
    status = urllib3.PoolManager().request("GET", f"http://127.0.0.1:{server.server_port}{path}").status
    print(path, status, "requests:", paths.count(path))
EOF

python3 finding.py | tee seen
diff - seen <<'EOF'
/without-retry-after 503 requests: 1
/with-retry-after 503 requests: 4
EOF
