import { appendFileSync, copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectResponse, found } from '../contract/expected.ts'
import { DEMO } from '../contract/row.ts'
import { send } from '../support/http.ts'
import { ANY_PORTS, outputWith, ROOT, type Started, useStarts } from './start-process.ts'

const { start, copyProject } = useStarts(afterAll)
let copy: string
let started: Started
let origin: string
beforeAll(async () => {
  copy = copyProject()
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  // The cache is in the packages, which the copy shares, and would keep the code of every copy.
  const env = { LOOKUP_TOKEN: 'sal_given', NODE_DISABLE_COMPILE_CACHE: '1' }
  started = start(ANY_PORTS, { cwd: copy, env })
  origin = (await outputWith(started, /lookup +(http\S+)/))[1] ?? ''
  expectResponse(await get('/apps/demo'), found(DEMO))
})

const get = (path: string) =>
  send(origin, { method: 'GET', path, headers: { authorization: 'Bearer sal_given' } })

describe('npm start', () => {
  it('reloads a function when its source changes, and keeps the last version that worked', async () => {
    const file = 'functions/find-app-by-key.ts'
    appendFileSync(join(copy, file), 'this is no TypeScript')
    await outputWith(
      started,
      /find-app-by-key\.ts can't be loaded, so the previous version still runs\. FindAppByKey does not load: .*find-app-by-key\.ts:\d+/,
    )
    expectResponse(await get('/apps/demo'), found(DEMO))

    copyFileSync(join(ROOT, file), join(copy, file))
    await outputWith(started, /Reloaded after a change of functions\/find-app-by-key\.ts/)
    expectResponse(await get('/apps/by-key/demo-key'), found(DEMO))
  })

  it('reloads template.yaml when it changes, and keeps the last version that worked', async () => {
    const template = readFileSync(join(ROOT, 'template.yaml'), 'utf8')
    writeFileSync(join(copy, 'template.yaml'), `${template}\n  broken: [`)
    await outputWith(started, /template\.yaml can't be loaded, so the previous version still runs/)
    expectResponse(await get('/apps/demo'), found(DEMO))

    const changed = template.replaceAll('Path: /changes,', 'Path: /renamed,')
    expect(changed).not.toBe(template)
    writeFileSync(join(copy, 'template.yaml'), changed)
    await outputWith(started, /Reloaded after a change of template\.yaml/)
    expect((await get('/renamed')).status).toBe(200)
    expect((await get('/changes')).status).toBe(404)
  })
})
