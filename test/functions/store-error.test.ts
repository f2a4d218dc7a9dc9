import { describe, expect, it } from 'vitest'
import { storeError } from '../../functions/dynamodb/store-error.ts'

const failure = (properties: object) => Object.assign(new Error('about a secret'), properties)

describe('an error of the store', () => {
  it.each([
    [{ code: 'ENOTFOUND' }, 'store-misconfigured'],
    [{ code: 'EAI_AGAIN' }, 'store-unavailable'],
    [{ code: 'ECONNREFUSED' }, 'store-unavailable'],
    [{ name: 'ThrottlingException' }, 'store-throttled'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 429 } }, 'store-throttled'],
    [{ name: 'ValidationException' }, 'store-misconfigured'],
    [{ name: 'SomethingNew' }, 'store-unavailable'],
  ])('%j becomes %s, without its message', (properties, code) => {
    const error = storeError(failure(properties), 2)
    expect(error).toMatchObject({ code, logFields: { attempts: 2 } })
    expect(JSON.stringify([error, error.message])).not.toContain('secret')
  })

  it('may be a value that is not an Error', () => {
    expect(storeError('text', 1)).toMatchObject({
      code: 'store-unavailable',
      logFields: { storeError: 'string' },
    })
  })
})
