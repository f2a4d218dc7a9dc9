#!/usr/bin/env bash
# A Go client of openapi-generator 7.25.0 (Maven Central) fails at the first field that a response gains.
#
# By JSON Schema, an object may have fields that its schema does not name, and encoding/json ignores them. The generated
# decoder disallows them, unless the schema says `additionalProperties: true`. A server that adds a field to a response
# breaks every such client. Needs Java, Maven and Go.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact=org.openapitools:openapi-generator-cli:7.25.0 -DoutputDirectory=.

cat >openapi.yaml <<'EOF'
openapi: 3.1.0
info: { title: Things, version: "1" }
paths: {}
components:
  schemas:
    Thing: { type: object, required: [id], properties: { id: { type: string } } }
    OpenThing: { type: object, required: [id], properties: { id: { type: string } }, additionalProperties: true }
EOF
java -jar openapi-generator-cli-7.25.0.jar generate --input-spec openapi.yaml --generator-name go --output things \
  --additional-properties packageName=things,withGoMod=false --global-property models,supportingFiles=utils.go:response.go,modelTests=false,modelDocs=false >output 2>&1

cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"fmt"

	"finding/things"
)

func main() {
	response := []byte(`{"id": "1", "addedLater": true}`)
	var thing things.Thing
	fmt.Println("Thing:", json.Unmarshal(response, &thing))
	var open things.OpenThing
	fmt.Println("OpenThing:", json.Unmarshal(response, &open))
}
EOF
printf 'module finding\n\ngo 1.25\n' >go.mod

go run . | tee seen
diff - seen <<'EOF'
Thing: json: unknown field "addedLater"
OpenThing: <nil>
EOF
