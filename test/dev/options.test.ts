import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../dev/options.ts'

describe('the options of npm start', () => {
  it('are the embedded DynamoDB and the ports of the README by default', () => {
    const defaults = { host: '127.0.0.1', port: 4000, dynamodbPort: 8000, own: undefined }
    expect(parseOptions([], {})).toEqual(defaults)
  })

  it("take precedence over soketi's variables for one's own table", () => {
    const variables = {
      SOKETI_APP_MANAGER_DYNAMODB_ENDPOINT: 'http://127.0.0.1:1',
      SOKETI_APP_MANAGER_DYNAMODB_TABLE: 'other',
    }
    expect(parseOptions(['--table', 'apps', '--feed'], variables)).toMatchObject({
      own: { table: 'apps', endpoint: 'http://127.0.0.1:1', feed: true },
    })
  })

  it.each([
    [['--port', 'http'], /^--port must be a port from 0 to 65535, not "http"\./],
    [['--dynamodb-port', '65536'], /^--dynamodb-port must be a port from 0 to 65535, not "65536"\./],
    [['--prot', '1'], /^Unknown option '--prot'/],
    [['--table', 'apps', '--feed'], /^--feed needs --endpoint: it writes into the table/],
    [['--table', 'ab'], /^The table must be a name of 3 to 255 letters, .* not "ab"\.$/],
    [['--endpoint', 'localhost:8000'], /^--endpoint must be an http or https URL/],
  ])('are rejected with a sentence: %j', (args, sentence) => {
    expect(() => parseOptions(args, {})).toThrow(sentence)
  })
})
