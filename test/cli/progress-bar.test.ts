import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { writeApps } from '../../cli/import/write-apps.ts'
import { createAdminTable } from '../../cli/table/admin-table.ts'
import { createClient } from '../../cli/table/table-options.ts'
import { startFaultyDynamoDB } from './faulty-dynamodb.ts'
import { startTable } from './test-table.ts'

const CLEAR_LINE = '\u001b[2K'

it('Ctrl-C removes the progress bar before anything else is written, and it is not drawn again', async () => {
  const table = await startTable()
  const interrupt = new AbortController()
  let puts = 0
  const faulty = await startFaultyDynamoDB(table.endpoint, () => {
    puts += 1
    if (puts === 10) interrupt.abort()
    return 'pass'
  })
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const written = text(stderr)
  const writes = Array.from({ length: 50 }, (_, index) => ({
    place: `app ${index}`,
    app: { id: `app-${index}`, key: `key-${index}`, secret: 's'.repeat(32), enabled: true },
    replaces: false,
  }))
  const client = createClient({ table: '', endpoint: faulty.endpoint })
  const adminTable = createAdminTable(client, String(table.options[3]), interrupt.signal)
  await writeApps(writes, adminTable, {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    stopped: interrupt.signal,
  })
  stderr.end()
  await faulty.close()
  await table.close()

  const [before = '', after = ''] = (await written).split('Stopping after the writes in flight.\n')
  expect(before).toContain('of 50 apps')
  expect(before.lastIndexOf(CLEAR_LINE)).toBeGreaterThan(before.lastIndexOf('of 50 apps'))
  expect(after).toBe('')
})
