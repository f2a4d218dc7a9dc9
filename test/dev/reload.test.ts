import { appendFileSync, copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectResponse, found } from '../contract/expected.ts'
import { DEMO } from '../contract/row.ts'
import { send } from '../support/http.ts'
import { ANY_PORTS, outputWith, ROOT, useStarts } from './start-process.ts'

const { start, copyProject } = useStarts()

describe('npm start', () => {
  it('reloads a function when its source changes, and keeps the last version that worked', async () => {
    const copy = copyProject()
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const started = start(ANY_PORTS, { cwd: copy, env: { LOOKUP_TOKEN: 'sal_given' } })
    const [, origin = ''] = await outputWith(started, /lookup +(http\S+)/)
    const get = () =>
      send(origin, { method: 'GET', path: '/apps/demo', headers: { authorization: 'Bearer sal_given' } })

    appendFileSync(join(copy, 'functions/http/response.ts'), 'this is no TypeScript')
    await outputWith(started, /response\.ts can't be loaded, so the previous version still runs/)
    expectResponse(await get(), found(DEMO))

    const source = join(ROOT, 'functions/http/response.ts')
    copyFileSync(source, join(copy, 'functions/http/response.ts'))
    appendFileSync(join(copy, 'functions/http/response.ts'), '\n// A change.\n')
    await outputWith(started, /Reloaded after a change of functions\/http\/response\.ts/)
    expectResponse(await get(), found(DEMO))
  })

  it('reloads template.yaml when it changes, and keeps the last version that worked', async () => {
    const copy = copyProject()
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const started = start(ANY_PORTS, { cwd: copy, env: { LOOKUP_TOKEN: 'sal_given' } })
    const [, origin = ''] = await outputWith(started, /lookup +(http\S+)/)
    const get = (path: string) =>
      send(origin, { method: 'GET', path, headers: { authorization: 'Bearer sal_given' } })

    const template = readFileSync(join(ROOT, 'template.yaml'), 'utf8')
    writeFileSync(join(copy, 'template.yaml'), `${template}\n  broken: [`)
    await outputWith(started, /template\.yaml can't be loaded, so the previous version still runs/)
    expectResponse(await get('/apps/demo'), found(DEMO))

    const changed = template.replaceAll('/apps/{appId}', '/renamed/{appId}')
    expect(changed).not.toBe(template)
    writeFileSync(join(copy, 'template.yaml'), changed)
    await outputWith(started, /Reloaded after a change of template\.yaml/)
    expectResponse(await get('/renamed/demo'), found(DEMO))
    expect((await get('/apps/demo')).status).toBe(404)
  })
})
