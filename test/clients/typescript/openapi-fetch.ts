import createClient from 'openapi-fetch'
import type { components, paths } from './generated/openapi-typescript.ts'
import { batchOutcome, changesOutcome, foundOutcome, printOutcomes, withConsistent } from './outcomes.ts'

type Schemas = components['schemas']

await printOutcomes(async ({ operation, url, token, appId, appKey, ifNoneMatch, body, since }) => {
  const client = createClient<paths>({
    baseUrl: url,
    headers: { authorization: token ? `Bearer ${token}` : undefined },
  })
  const header = { 'If-None-Match': ifNoneMatch }
  if (operation === 'findAppById') {
    const params = { path: { appId }, header }
    const { data, error, response } = await client.GET('/apps/{appId}', { params })
    return data ? foundOutcome(data.app) : failureOutcome(response, error)
  }
  if (operation === 'findAppByKey') {
    const params = { path: { appKey }, header }
    const { data, error, response } = await client.GET('/apps/by-key/{appKey}', { params })
    return data ? foundOutcome(data.app) : failureOutcome(response, error)
  }
  if (operation === 'lookupApps') {
    const { data, error, response } = await client.POST('/apps/lookup', { body })
    if (data?.app) return foundOutcome(data.app, data.consistent)
    return data?.results ? batchOutcome(data.results.map(resultOutcome)) : failureOutcome(response, error)
  }
  const { data, error, response } = await client.GET('/changes', { params: { query: { since } } })
  return data ? changesOutcome(data.changes) : failureOutcome(response, error)
})

function resultOutcome(result: Schemas['Result']): string {
  if (result.status === 200) return foundOutcome(result.app, result.consistent)
  if (result.status === 304) return withConsistent('304', result.consistent)
  if (result.status === 404) return withConsistent(`404 ${result.code}`, result.consistent)
  return `${result.status} ${result.code}`
}

type Failure = Schemas['NotFoundOrMessage'] | Schemas['ProblemOrMessage']

function failureOutcome({ status }: Response, error: Failure | undefined): string {
  return error && 'code' in error ? `${status} ${error.code}` : `${status}`
}
