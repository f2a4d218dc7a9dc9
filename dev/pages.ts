import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { type HomePageOptions, homePage } from './home-page.ts'

const ROOT = new URL('../', import.meta.url)
const SWAGGER_UI = fileURLToPath(new URL('node_modules/swagger-ui-dist', ROOT))

// All resources are served from here; the page can't connect to other hosts.
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

/**
 * Adds a home page, the API's documentation, openapi.yaml and the adapter to the local server. No page contains the
 * token, which is printed in the terminal.
 */
export async function addPages(server: FastifyInstance, options: HomePageOptions): Promise<void> {
  server.addHook('onSend', async (request, reply) => {
    if (request.url === '/' || request.url.startsWith('/docs'))
      reply.header('content-security-policy', POLICY)
  })
  server.get('/', ({ host }, reply) =>
    reply.type('text/html; charset=utf-8').send(homePage(options, `http://${host}`)),
  )
  server.get('/openapi.yaml', async (_request, reply) =>
    reply.type('application/yaml').send(await readFile(new URL('openapi.yaml', ROOT))),
  )
  server.get('/adapter/register.cjs', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(await buildAdapter()),
  )
  server.get('/docs', (_request, reply) => reply.redirect('/docs/'))
  // Swagger UI's own files show a sample API.
  for (const [file, type] of Object.entries(OWN_DOCS_FILES))
    server.get(`/docs/${file}`, async (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .send(await readFile(new URL(`swagger-ui/${file}`, import.meta.url))),
    )
  await server.register(fastifyStatic, { root: SWAGGER_UI, prefix: '/docs/' })
}

const OWN_DOCS_FILES = { 'swagger-initializer.js': 'text/javascript', 'index.css': 'text/css' } as const

/** The adapter, built from its current source. */
async function buildAdapter(): Promise<Buffer> {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('adapter/build.ts', ROOT))])
  return readFile(new URL('adapter/register.cjs', ROOT))
}
