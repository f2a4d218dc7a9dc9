/** A client that a generator makes of openapi.yaml. The commands run in its folder. */
export type Client = {
  readonly name: string
  readonly folder: 'python' | 'go' | 'java' | 'typescript'
  /** Generates the client. openapi-generator generates all of its clients at once. */
  readonly generate?: string
  readonly compile?: string
  /** Sends the requests on its stdin, and prints their outcomes. */
  readonly send: string
}

const OPENAPI = '../../../openapi.yaml'
const ESBUILD = '../../../node_modules/.bin/esbuild --bundle --platform=node --format=esm --log-level=error'

const typescript = (name: string, program: string, generate?: string): Client => ({
  name,
  folder: 'typescript',
  ...(generate && { generate }),
  compile: `${ESBUILD} ${program}.ts --outfile=generated/programs/${program}.mjs`,
  send: `node generated/programs/${program}.mjs`,
})

export const CLIENTS: readonly Client[] = [
  { name: 'openapi-generator: python', folder: 'python', send: 'python3 openapi_generator.py' },
  {
    name: 'openapi-python-client',
    folder: 'python',
    generate: `python3 -m openapi_python_client generate --path ${OPENAPI} --output-path generated/lookup --meta none --overwrite`,
    send: 'python3 python_client.py',
  },
  {
    name: 'openapi-generator: go',
    folder: 'go',
    compile: 'go build -o generated/programs/ ./openapi-generator',
    send: 'generated/programs/openapi-generator',
  },
  {
    name: 'oapi-codegen',
    folder: 'go',
    generate: `go tool oapi-codegen --config oapi-codegen.yaml ${OPENAPI}`,
    compile: 'go build -o generated/programs/ ./oapi-codegen',
    send: 'generated/programs/oapi-codegen',
  },
  {
    name: 'openapi-generator: java',
    folder: 'java',
    compile: `javac -nowarn -d generated/programs -cp 'generated/lib/*' $(find generated/client/src/main -name '*.java') Program.java`,
    send: `java -cp 'generated/programs:generated/lib/*' Program`,
  },
  typescript('openapi-generator: typescript-fetch', 'typescript-fetch'),
  typescript(
    '@hey-api/openapi-ts',
    'hey-api',
    `node_modules/.bin/openapi-ts --input ${OPENAPI} --output generated/hey-api`,
  ),
  typescript(
    'openapi-typescript with openapi-fetch',
    'openapi-fetch',
    `node_modules/.bin/openapi-typescript ${OPENAPI} --output generated/openapi-typescript.ts`,
  ),
  typescript('orval', 'orval', 'node_modules/.bin/orval --config orval.config.ts'),
]

const MAVEN =
  'mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** The command that installs the packages of a folder, and the file that pins them. */
export const PACKAGES = {
  'openapi-generator': { pins: 'pom.xml', install: `${MAVEN} -DoutputDirectory=generated/lib` },
  java: { pins: 'pom.xml', install: `${MAVEN} -DoutputDirectory=generated/lib` },
  python: {
    pins: 'requirements.txt',
    install:
      'python3 -m pip install --quiet --root-user-action=ignore --upgrade --target generated/packages --requirement requirements.txt',
  },
  go: { pins: 'go.sum', install: 'go build -o generated/programs/ tool' },
  typescript: { pins: 'package-lock.json', install: 'npm ci --no-audit --no-fund' },
} as const

/** Generates the four clients of openapi-generator, in the folder of this file. */
export const OPENAPI_GENERATOR =
  "java -cp 'openapi-generator/generated/lib/*' org.openapitools.codegen.OpenAPIGenerator batch --fail-fast --root-dir . openapi-generator/*.yaml"

/** The variables of the commands. */
export const ENVIRONMENT = {
  ...process.env,
  NO_COLOR: '1',
  PYTHONPATH: 'generated:generated/openapi-generator:generated/packages',
}
