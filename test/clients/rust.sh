#!/usr/bin/env bash
# Generates openapi-generator's client for Rust and compiles it, after npm run test:clients has installed the generator.
# The gate does not run it: its dependencies take minutes to compile.
set -euo pipefail
cd "$(dirname "$0")"

java -cp 'openapi-generator/generated/lib/*' org.openapitools.codegen.OpenAPIGenerator generate \
  --input-spec ../../openapi.yaml --generator-name rust --output generated/rust \
  --additional-properties packageName=lookup_client
cargo check --manifest-path generated/rust/Cargo.toml
