/**
 * The entry of the package, as a preload (`node --require`, `NODE_OPTIONS`) and as a module. If this process loads soketi,
 * it adds the app manager driver `http`. It exports the lookup for other programs.
 */

import { whenSoketiLoads } from './soketi/find-soketi.ts'
import { patchSoketi } from './soketi/patch.ts'

export {
  type App,
  type AppLookup,
  type AppLookupOptions,
  AppLookupUnavailableError,
  createAppLookup,
  type FeedState,
  type Log,
  type LookupHints,
  type LookupOutcome,
  type LookupStats,
  type RegionState,
  type RevalidationOutcome,
  type StartupReport,
  type UnavailableCode,
  type Webhook,
} from './lookup/index.ts'

whenSoketiLoads(patchSoketi)
