import * as api from './generated/openapi-generator/index.ts'
import { batchOutcome, changesOutcome, foundOutcome, printOutcomes, withConsistent } from './outcomes.ts'

await printOutcomes(async ({ operation, url, token, appId, appKey, ifNoneMatch, body, since }) => {
  const configuration = new api.Configuration({ basePath: url, accessToken: token })
  const apps = new api.AppsApi(configuration)
  try {
    if (operation === 'findAppById') return appOutcome((await apps.findAppById({ appId, ifNoneMatch })).app)
    if (operation === 'findAppByKey')
      return appOutcome((await apps.findAppByKey({ appKey, ifNoneMatch })).app)
    if (operation === 'lookupApps') {
      const { app, consistent, results = [] } = await apps.lookupApps({ lookup: body })
      return app ? appOutcome(app, consistent) : batchOutcome(results.map(resultOutcome))
    }
    return changesOutcome((await new api.ChangesApi(configuration).findChanges({ since })).changes)
  } catch (error) {
    if (error instanceof api.ResponseError) return failureOutcome(error.response)
    throw error
  }
})

/** Its members are in camel case. */
function appOutcome({ webhooks = [], ...app }: api.App, consistent?: boolean): string {
  const renamed = webhooks.map(({ eventTypes }) => ({ event_types: eventTypes }))
  return foundOutcome({ ...app, webhooks: renamed }, consistent)
}

function resultOutcome(result: api.Result): string {
  if (result.status === 200) return appOutcome(result.app, result.consistent)
  if (result.status === 304) return withConsistent('304', result.consistent)
  if (result.status === 404) return withConsistent(`404 ${result.code}`, result.consistent)
  return `${result.status} ${result.code}`
}

/** It does not decode a response with an error. */
async function failureOutcome(response: Response): Promise<string> {
  if (response.status === 304) return '304'
  const decode = response.status === 404 ? api.NotFoundOrMessageFromJSON : api.ProblemOrMessageFromJSON
  const failure = decode(await response.json())
  return 'code' in failure ? `${response.status} ${failure.code}` : `${response.status}`
}
