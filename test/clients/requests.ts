import { TOKENS } from '../support/canary.ts'

/** A request, as the programs in this folder read it, and its outcome in their words. */
export type Request = {
  /** The path of a server of {@link startServers}. */
  readonly server: string
  readonly operation: 'findAppById' | 'findAppByKey' | 'lookupApps' | 'findChanges'
  /** An empty token sends no header. */
  readonly token?: string
  readonly appId?: string
  readonly appKey?: string
  readonly ifNoneMatch?: string
  readonly body?: object
  readonly since?: string
  /**
   * The status, then the app or the code of the problem document. A response of the gateway itself has only the status. A
   * batch has the outcome of each result in brackets.
   */
  readonly outcome: string
}

type Case = Omit<Request, 'server'>

const APP = 'webhooks webhooks-key 200 channel_occupied'
const ALL = [
  { id: 'webhooks' },
  { id: 'webhooks', etag: '*' },
  { id: 'nope' },
  { id: 'webhooks', key: 'webhooks-key' },
  { id: 'no-secret' },
]

/** The requests to a lookup that works. `cursor` is older than the creation of the app `added`. */
const casesOf = (cursor: string): readonly Case[] => [
  { operation: 'findAppById', appId: 'webhooks', outcome: `200 ${APP}` },
  { operation: 'findAppById', appId: 'webhooks', ifNoneMatch: '*', outcome: '304' },
  { operation: 'findAppById', appId: 'rotated', outcome: '200 rotated rotated-key 200 ' },
  { operation: 'findAppById', appId: 'nope', outcome: '404 app-not-found' },
  { operation: 'findAppById', appId: 'no-secret', outcome: '500 app-malformed' },
  { operation: 'findAppByKey', appKey: 'webhooks-key', outcome: `200 ${APP}` },
  { operation: 'findAppByKey', appKey: 'webhooks-key', ifNoneMatch: '*', outcome: '304' },
  { operation: 'findAppByKey', appKey: 'nope', outcome: '404 app-not-found' },
  { operation: 'lookupApps', body: { id: 'webhooks' }, outcome: `200 ${APP}` },
  { operation: 'lookupApps', body: { key: 'webhooks-key' }, outcome: `200 ${APP}` },
  { operation: 'lookupApps', body: { id: 'nope' }, outcome: '404 app-not-found' },
  { operation: 'lookupApps', body: { id: 'webhooks', consistent: true }, outcome: `200 ${APP} consistent` },
  { operation: 'lookupApps', body: {}, outcome: '400 invalid-request' },
  {
    operation: 'lookupApps',
    body: { apps: ALL },
    outcome: `200 [200 ${APP}; 304; 404 app-not-found; 400 invalid-request; 500 app-malformed]`,
  },
  {
    operation: 'lookupApps',
    body: { apps: ALL, consistent: true },
    outcome: `200 [200 ${APP} consistent; 304 consistent; 404 app-not-found consistent; 400 invalid-request; 500 app-malformed]`,
  },
  { operation: 'findChanges', outcome: '200 []' },
  { operation: 'findChanges', since: cursor, outcome: '200 [added 1]' },
  { operation: 'findChanges', since: 'AAAAAAAAAAA.1', outcome: '410 cursor-expired' },
  { operation: 'findChanges', token: TOKENS.public, outcome: '403 scope-too-narrow' },
  { operation: 'findAppById', appId: 'webhooks', token: '', outcome: '401' },
  { operation: 'findChanges', token: '', outcome: '401' },
  { operation: 'findAppById', appId: 'webhooks', token: 'sal_nobody', outcome: '403' },
  { operation: 'findChanges', token: 'sal_nobody', outcome: '403' },
]

const WITHOUT_DYNAMODB: readonly Case[] = [
  { operation: 'findAppById', appId: 'webhooks', outcome: '503 store-unavailable' },
  { operation: 'lookupApps', body: { id: 'webhooks' }, outcome: '503 store-unavailable' },
  { operation: 'lookupApps', body: { apps: [{ id: 'webhooks' }] }, outcome: '200 [503 store-unavailable]' },
  { operation: 'findChanges', outcome: '503 feed-unavailable' },
]

const byGateway = (status: number): readonly Case[] => [
  { operation: 'findAppById', appId: 'webhooks', outcome: `${status}` },
  { operation: 'findAppByKey', appKey: 'webhooks-key', outcome: `${status}` },
  { operation: 'lookupApps', body: { apps: ALL }, outcome: `${status}` },
  { operation: 'findChanges', outcome: `${status}` },
]

/** Every request, by the path of its server. */
export const requestsSince = (cursor: string): readonly Request[] =>
  Object.entries({
    '/lookup': casesOf(cursor),
    '/with-more-fields': casesOf(cursor),
    '/without-dynamodb': WITHOUT_DYNAMODB,
    ...Object.fromEntries([401, 403, 404, 429, 500, 503].map((status) => [`/${status}`, byGateway(status)])),
  }).flatMap(([server, cases]) => cases.map((each) => ({ server, ...each })))
