import { createClient } from './generated/hey-api/client/index.ts'
import * as api from './generated/hey-api/index.ts'
import { batchOutcome, changesOutcome, foundOutcome, printOutcomes, withConsistent } from './outcomes.ts'

await printOutcomes(async ({ operation, url, token, appId, appKey, ifNoneMatch, body, since }) => {
  const client = createClient({ baseUrl: url, auth: token })
  const headers = { 'If-None-Match': ifNoneMatch }
  if (operation === 'findAppById') {
    const { data, error, response } = await api.findAppById({ client, path: { appId }, headers })
    return data ? foundOutcome(data.app) : failureOutcome(response, error)
  }
  if (operation === 'findAppByKey') {
    const { data, error, response } = await api.findAppByKey({ client, path: { appKey }, headers })
    return data ? foundOutcome(data.app) : failureOutcome(response, error)
  }
  if (operation === 'lookupApps') {
    const { data, error, response } = await api.lookupApps({ client, body })
    if (data?.app) return foundOutcome(data.app, data.consistent)
    return data?.results ? batchOutcome(data.results.map(resultOutcome)) : failureOutcome(response, error)
  }
  const { data, error, response } = await api.findChanges({ client, query: { since } })
  return data ? changesOutcome(data.changes) : failureOutcome(response, error)
})

function resultOutcome(result: api.Result): string {
  if (result.status === 200) return foundOutcome(result.app, result.consistent)
  if (result.status === 304) return withConsistent('304', result.consistent)
  if (result.status === 404) return withConsistent(`404 ${result.code}`, result.consistent)
  return `${result.status} ${result.code}`
}

type Failure = api.NotFoundOrMessage | api.ProblemOrMessage

function failureOutcome(response: Response | undefined, error: Failure | undefined): string {
  return error && 'code' in error ? `${response?.status} ${error.code}` : `${response?.status}`
}
