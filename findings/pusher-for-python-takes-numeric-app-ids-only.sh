#!/usr/bin/env bash
# pusher 3.3.4 (PyPI), the library for backends in Python, rejects app ids that have anything but digits.
#
# An app id is part of a URL and nothing more to the protocol, and soketi's default app has the id `app-id`. With this
# library, no backend can use such an app: the constructor raises a ValueError that does not say what is allowed.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
python3 -m pip install --quiet --root-user-action=ignore --disable-pip-version-check --target . pusher==3.3.4

cat >finding.py <<'EOF'
import pusher

for app_id in ("1", "app-id"):
    try:
        pusher.Pusher(app_id=app_id, key="sample-key", secret="sample-secret", host="127.0.0.1", ssl=False)
        print(app_id, "is accepted")
    except ValueError as error:
        print(app_id, "ValueError:", error)
EOF

python3 finding.py | tee seen
diff - seen <<'EOF'
1 is accepted
app-id ValueError: Invalid app id
EOF
