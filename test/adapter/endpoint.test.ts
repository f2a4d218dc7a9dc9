import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEndpoint, type Endpoint } from '../../adapter/lookup/endpoint/endpoint.ts'
import { batchRequestFor, requestFor } from '../../adapter/lookup/endpoint/request.ts'
import { appWith, type EndpointDouble, type Mode, startEndpointDouble } from './endpoint-double.ts'

const request = requestFor('id', 'app-1')
const TOKEN = 'made-up-token'

let double: EndpointDouble
let endpoint: Endpoint
beforeEach(async () => {
  double = await startEndpointDouble()
  double.apps.set('app-1', appWith())
  endpoint = createEndpoint(new URL(double.url))
})
afterEach(async () => {
  endpoint.close()
  await double.close()
})
const exchange = (deadlineMs = 2_000) => endpoint.exchange(request, TOKEN, deadlineMs)

describe('an exchange', () => {
  it('sends the token, and accepts only uncompressed JSON', async () => {
    expect(await exchange()).toMatchObject({ status: 200, body: JSON.stringify({ app: appWith() }) })
    expect(double.seen[0]).toMatchObject({
      method: 'GET',
      path: '/apps/app-1',
      headers: { authorization: `Bearer ${TOKEN}`, 'accept-encoding': 'identity' },
    })
  })

  it('sends a complete body', async () => {
    await endpoint.exchange(batchRequestFor([{ id: 'é' }], false), TOKEN, 2_000)
    expect(double.seen[0]).toMatchObject({
      method: 'POST',
      body: '{"apps":[{"id":"é"}]}',
      headers: { 'content-type': 'application/json', 'content-length': '22' },
    })
  })

  it('appends to the path of the URL', async () => {
    const staged = createEndpoint(new URL(`${double.url}/stage/`))
    expect(await staged.exchange(request, TOKEN, 2_000)).toMatchObject({ status: 200 })
    expect(double.seen[0]?.path).toBe('/stage/apps/app-1')
    staged.close()
  })

  it('reuses a connection', async () => {
    for (let i = 0; i < 5; i += 1) await exchange()
    expect(double.seen.map(({ connection }) => connection)).toEqual([1, 1, 1, 1, 1])
  })

  it('is retried on a new connection when the idle one was closed in the meantime', async () => {
    const server = http.createServer((incoming, response) => {
      response.end('{}')
      // Closes a connection that the client believes to be alive, at its next request.
      incoming.socket.once('data', () => incoming.socket.resetAndDestroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const flaky = createEndpoint(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    for (let i = 0; i < 4; i += 1)
      expect(await flaky.exchange(request, TOKEN, 2_000)).toMatchObject({ status: 200 })
    flaky.close()
    server.close()
  })

  it('follows no redirect', async () => {
    double.mode = 'redirect'
    expect(await exchange()).toMatchObject({ status: 302 })
    expect(double.seen).toHaveLength(1)
  })

  it.each<[Mode, string]>([
    ['reset', 'ECONNRESET'],
    ['cut-off', 'cut-off'],
    ['oversized', 'too-large'],
    ['oversized-chunked', 'too-large'],
  ])('that is %s is the fault %s', async (mode, fault) => {
    double.mode = mode
    expect(await exchange()).toEqual({ fault })
  })

  it('that is refused reports that', async () => {
    await double.refuse()
    expect(await exchange()).toEqual({ fault: 'ECONNREFUSED' })
  })

  it('ends at its deadline, with no response or only a part of one', async () => {
    double.mode = 'hanging'
    const startedAt = performance.now()
    expect(await exchange(60)).toEqual({ fault: 'deadline' })
    expect(performance.now() - startedAt).toBeLessThan(1_500)

    const drip = http.createServer((_, response) => void response.writeHead(200).write('{'))
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve))
    const slow = createEndpoint(new URL(`http://127.0.0.1:${(drip.address() as AddressInfo).port}`))
    expect(await slow.exchange(request, TOKEN, 60)).toEqual({ fault: 'deadline' })
    slow.close()
    drip.closeAllConnections()
    drip.close()
  })

  it('never throws, not even for a header that cannot be sent', async () => {
    expect(await endpoint.exchange(request, 'a\nb', 2_000)).toEqual({ fault: 'unsendable' })
  })

  it('ends when the endpoint is closed, and no other one starts', async () => {
    double.mode = 'hanging'
    const pending = exchange(10_000)
    await expect.poll(() => double.seen.length).toBe(1)
    endpoint.close()
    expect(await pending).toHaveProperty('fault')
    expect(await exchange()).toEqual({ fault: 'closed' })
    expect(double.seen).toHaveLength(1)
  })
})

describe('an exchange over TLS', () => {
  const names = [{ type: 7 as const, ip: '127.0.0.1' }]
  const certify = (altNames: typeof names) =>
    generate([{ name: 'commonName', value: '127.0.0.1' }], {
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames }],
    })

  it('works only with a trusted certificate', async () => {
    const { private: key, cert } = await certify(names)
    const secure = await startEndpointDouble({ key, cert })
    secure.apps.set('app-1', appWith())
    const trusting = createEndpoint(new URL(secure.url), cert)
    const wary = createEndpoint(new URL(secure.url))
    expect(await trusting.exchange(request, TOKEN, 2_000)).toMatchObject({ status: 200 })
    expect(await wary.exchange(request, TOKEN, 2_000)).toEqual({ fault: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(secure.seen).toHaveLength(1)
    trusting.close()
    wary.close()
    await secure.close()
  })

  it('fails with the certificate of another host', async () => {
    const { private: key, cert } = await certify([{ type: 7, ip: '127.0.0.9' }])
    const secure = await startEndpointDouble({ key, cert })
    const trusting = createEndpoint(new URL(secure.url), cert)
    expect(await trusting.exchange(request, TOKEN, 2_000)).toEqual({ fault: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    trusting.close()
    await secure.close()
  })

  it('fails when the server uses plain HTTP', async () => {
    const confused = createEndpoint(new URL(double.url.replace('http:', 'https:')))
    expect(await confused.exchange(request, TOKEN, 2_000)).toHaveProperty('fault')
    expect(double.seen).toEqual([])
    confused.close()
  })
})
