import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type HomePageOptions, homePage } from './home-page.ts'

const ROOT = new URL('../', import.meta.url)
const SWAGGER_UI = fileURLToPath(new URL('node_modules/swagger-ui-dist', ROOT))

// All resources are served from here; the page can't connect to other hosts.
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

/** The content of the pages. */
export type PagesOptions = HomePageOptions & {
  /** The token that the pages use, if they may have it. */
  readonly token: string | undefined
}

/**
 * Adds a home page, the API's documentation, openapi.yaml and the adapter to the local server. No page contains the token:
 * their scripts get it from `POST /token`.
 */
export async function addPages(server: FastifyInstance, { token, ...options }: PagesOptions): Promise<void> {
  server.addHook('onSend', async (request, reply) => {
    const { url = '' } = request.routeOptions
    if (url === '/' || url.startsWith('/docs')) reply.header('content-security-policy', POLICY)
  })
  const addPage = (path: string, type: string, read: (request: FastifyRequest) => Promise<string | Buffer>) =>
    server.get(path, { exposeHeadRoute: true }, async (request, reply) =>
      reply.type(type).send(await read(request)),
    )
  const addFile = (path: string, type: string, file: string) =>
    addPage(path, type, () => readFile(new URL(file, ROOT)))
  addPage('/', HTML, async ({ host }) => homePage(options, `http://${host}`))
  addFile('/home-page.js', JAVASCRIPT, 'dev/browser/home-page.js')
  addPage('/openapi.yaml', 'application/yaml', readOpenapi)
  addPage('/adapter/register.cjs', JAVASCRIPT, buildAdapter)
  server.get('/docs', { exposeHeadRoute: true }, (_request, reply) => reply.redirect('/docs/'))
  // Instead of Swagger UI's own files, which show a sample API.
  addFile('/docs/swagger-initializer.js', JAVASCRIPT, 'dev/browser/swagger-initializer.js')
  addFile('/docs/index.css', 'text/css; charset=utf-8', 'dev/browser/swagger-ui.css')
  await server.register(fastifyStatic, { root: SWAGGER_UI, prefix: '/docs/' })
  addToken(server, token)
}

const HTML = 'text/html; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/**
 * Adds `POST /token` for the scripts of the pages, in browsers on this machine. Browsers send the origin of the page with
 * every POST, and no script can change it: https://fetch.spec.whatwg.org/#origin-header
 */
function addToken(server: FastifyInstance, token: string | undefined): void {
  server.post('/token', ({ headers, host, ip }, reply) => {
    reply.header('cache-control', 'no-store')
    if (headers.origin === `http://${host}` && LOOPBACK.test(ip)) return reply.send({ token })
    return reply.code(403).send({ message: 'Only pages of this server get the token, on the same machine.' })
  })
}

const LOOPBACK = /^(::1|(::ffff:)?127\.[\d.]+)$/

/** openapi.yaml with this server as the first one, which Swagger UI sends requests to. */
async function readOpenapi(): Promise<string> {
  const openapi = await readFile(new URL('openapi.yaml', ROOT), 'utf8')
  return openapi.replace(/^servers:$/m, '$&\n  - url: /\n    description: This local server')
}

/** The adapter, built from its current source. */
async function buildAdapter(): Promise<Buffer> {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('adapter/build.ts', ROOT))])
  return readFile(new URL('adapter/register.cjs', ROOT))
}
