import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveParent } from '../child-process.ts'

// An endpoint that has every app, without a table and without a change feed, in a child process.

let requests = 0
const server = createServer({ keepAliveTimeout: 60_000 }, ({ url = '' }, response) => {
  if (url.startsWith('/changes')) {
    response.writeHead(404).end('{"message":"Not Found"}')
    return
  }
  requests += 1
  const id = url.slice(url.lastIndexOf('/') + 1).replace(/-key$/, '')
  const app = { id, key: `${id}-key`, secret: `${id}-secret`, enabled: true, maxConnections: -1 }
  response
    .writeHead(200, { 'content-type': 'application/json', age: '0', etag: '"stub"' })
    .end(JSON.stringify({ app }))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
serveParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => requests)
