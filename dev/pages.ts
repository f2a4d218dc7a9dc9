import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { type HomePageOptions, homePage } from './home-page.ts'

const ROOT = new URL('../', import.meta.url)
const VIEWER = fileURLToPath(new URL('node_modules/swagger-ui-dist', ROOT))

// Everything comes from here; the page may talk to nobody else.
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

/**
 * Adds what only the local server has beside the API: a page that says what is running, the API's page, openapi.yaml
 * and the adapter. No page holds the token: whoever may use it has it from the terminal.
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
  // In place of the viewer's own, which shows a pet shop.
  server.get('/docs/swagger-initializer.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(VIEWER_START),
  )
  await server.register(fastifyStatic, { root: VIEWER, prefix: '/docs/' })
}

const VIEWER_START = `window.onload = () => {
  document.title = 'soketi-app-lookup: the API'
  SwaggerUIBundle({
    url: '/openapi.yaml',
    dom_id: '#swagger-ui',
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    validatorUrl: null,
  })
}
`

/** The adapter as its own build makes it from its source of this moment. */
async function buildAdapter(): Promise<Buffer> {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('adapter/build.ts', ROOT))])
  return readFile(new URL('adapter/register.cjs', ROOT))
}
