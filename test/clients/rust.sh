#!/usr/bin/env bash
# Generates openapi-generator's client for Rust and compiles it, after npm run test:clients has installed the generator.
# The gate does not run it: its dependencies take minutes to compile.
#
# Seen with Rust 1.95: it compiles, and every response has its status and code, in a batch and with new fields too, with one
# exception. A 304 of a GET is a Serde error without a status, so If-None-Match is of no use; an etag in a batch is.
set -euo pipefail
cd "$(dirname "$0")"

java -cp 'openapi-generator/generated/lib/*' org.openapitools.codegen.OpenAPIGenerator generate \
  --input-spec ../../openapi.yaml --generator-name rust --output generated/rust \
  --additional-properties packageName=lookup_client
cargo check --manifest-path generated/rust/Cargo.toml
