#!/usr/bin/env bash
# openapi-python-client 0.29.1 (PyPI) leaves out a response that it can't parse, and exits with 0.
#
# The schema of the 404 narrows a string of another schema to a constant with allOf, which JSON Schema allows. The client
# is generated without it, so that a 404 and a 304 both parse as None: a caller who looks at the parsed response can't
# tell "does not exist" from "not modified". Only a warning among the output says so; --fail-on-warning makes it an error.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
python3 -m pip install --quiet --root-user-action=ignore --disable-pip-version-check --target . openapi-python-client==0.29.1

cat >openapi.yaml <<'EOF'
openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things/{id}:
    get:
      operationId: findThing
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200": { description: Found, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } }
        "304": { description: Not modified }
        "404": { description: Missing, content: { application/json: { schema: { $ref: "#/components/schemas/Missing" } } } }
components:
  schemas:
    Thing: { type: object, required: [id], properties: { id: { type: string } } }
    Problem: { type: object, required: [code], properties: { code: { type: string } } }
    Missing:
      allOf:
        - $ref: "#/components/schemas/Problem"
        - { type: object, properties: { code: { const: not-found } } }
EOF
cat >finding.py <<'EOF'
import httpx
from things import Client
from things.api.default import find_thing

statuses = {"/things/missing": (404, '{"code": "not-found"}'), "/things/old": (304, "")}
transport = httpx.MockTransport(lambda request: httpx.Response(statuses[request.url.path][0], text=statuses[request.url.path][1]))
client = Client("http://127.0.0.1", httpx_args={"transport": transport})
for name in ("missing", "old"):
    print(name, find_thing.sync(name, client=client))
EOF

python3 -m openapi_python_client generate --path openapi.yaml --meta none --output-path things >output 2>&1
echo "exit status $?" | tee seen
python3 finding.py | tee --append seen
diff - seen <<'EOF'
exit status 0
missing None
old None
EOF
