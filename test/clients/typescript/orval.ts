import * as api from './generated/orval.ts'
import { server } from './orval-fetch.ts'
import { batchOutcome, changesOutcome, foundOutcome, printOutcomes, withConsistent } from './outcomes.ts'

await printOutcomes(async ({ operation, url, token, appId, appKey, ifNoneMatch, body, since }) => {
  Object.assign(server, { url, token })
  const init = ifNoneMatch === undefined ? {} : { headers: { 'If-None-Match': ifNoneMatch } }
  if (operation === 'findAppById') return findOutcome(await api.findAppById(appId, init))
  if (operation === 'findAppByKey') return findOutcome(await api.findAppByKey(appKey, init))
  if (operation === 'lookupApps') {
    const answer = await api.lookupApps(body)
    if (answer.status !== 200) return failureOutcome(answer.status, answer.data)
    const { app, consistent, results = [] } = answer.data
    return app ? foundOutcome(app, consistent) : batchOutcome(results.map(resultOutcome))
  }
  const answer = await api.findChanges({ since })
  return answer.status === 200
    ? changesOutcome(answer.data.changes)
    : failureOutcome(answer.status, answer.data)
})

function findOutcome(answer: api.findAppByIdResponse): string {
  if (answer.status === 200) return foundOutcome(answer.data.app)
  return answer.status === 304 ? '304' : failureOutcome(answer.status, answer.data)
}

function resultOutcome(result: api.Result): string {
  if (result.status === 200) return foundOutcome(result.app, result.consistent)
  if (result.status === 304) return withConsistent('304', result.consistent)
  if (result.status === 404) return withConsistent(`404 ${result.code}`, result.consistent)
  return `${result.status} ${result.code}`
}

function failureOutcome(status: number, data: api.NotFoundOrMessage | api.ProblemOrMessage): string {
  return 'code' in data ? `${status} ${data.code}` : `${status}`
}
