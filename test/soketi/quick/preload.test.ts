import { afterAll, expect, it } from 'vitest'
import { connect } from '../harness/clients.ts'
import { httpDriver, startEndpoint } from '../harness/endpoint.ts'
import { ANY_NODE } from '../harness/nodes.ts'
import { killAll, startSoketi } from '../harness/soketi.ts'

afterAll(killAll)

it('smoke', async () => {
  const endpoint = await startEndpoint()
  const soketi = await startSoketi({ node: ANY_NODE, env: httpDriver(endpoint.url) })
  const client = connect(soketi.port, 'demo-key')
  await client.connected()
  client.pusher.disconnect()
  console.log(soketi.output())
  expect(client.errors).toEqual([])
  await endpoint.close()
})
