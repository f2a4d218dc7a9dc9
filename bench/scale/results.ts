import type { Curve } from './cases.ts'
import { DEFAULTS } from './load.ts'
import { breakEvenTable, goalTable, priceTable, sizeTable } from './report.ts'

/** The whole of bench/scale/RESULTS.md. */
export function results(curves: readonly Curve[]): string {
  return `# What the endpoint costs at any size, beside soketi's own driver

Written by \`npm run bench:scale\`; do not edit. A simulation: formulas for caches under random arrivals, not a
measurement of AWS. The adapter's and the functions' real caches, driven by one trace, agree with it within 10 %
(\`test/bench/scale-real-caches.test.ts\`).

## Where the endpoint is cheaper

A request to the endpoint costs at list price about 20 bare reads, 26 with its logs. So it is cheaper only where the
caches spare more than that: many lookups of few apps, or long TTLs, with which a re-check of a hundred apps in one
request takes the place of their lookups. The table has the lookups a second of each node from which on it is, at 100
nodes; below that **soketi's own driver is cheaper**. "Its cache" is soketi's own, which is off by default; it never
learns that an app has changed before its TTL ends, and asks for what does not exist every time.

${breakEvenTable(curves)}

![The break-even](break-even.svg)

## Sizes

Dollars a month with the TTLs as they are (30 / 5 s for apps and misses, functions 10 s), with 60 s, and with long ones
(300 / 60 s, functions 60 s). A partition gives 3,000 read units a second: a share above 100 % is throttled, and what
soketi's own driver is refused it takes for "no such app". The template's \`ThrottleRate\` is 1,000 and has to be above the
number here (long TTLs); a storm is every client coming back to empty caches, which the adapter holds to 50 requests a
second of a node.

${sizeTable()}

## TTLs to choose

| size | adapter | functions | a change is seen | on open sockets |
|---|---|---|---|---|
| up to 10 nodes and 10 apps | as they are | as they are | within 30 s | within 70 s |
| more apps or nodes | \`APP_TTL_MS\` 300000, \`MISS_TTL_MS\` 60000 | \`AppCacheTtlSeconds=60\` | within 300 s | within 130 s |
| 100,000 apps on each node | the same, and nodes that share the apps out among them | the same | within 300 s | when their re-check comes |

With an app TTL above twice the re-check's interval and the functions' TTL together, what has open sockets is never
looked up again: its re-checks keep it fresh. Between 30 s and there, a longer TTL is worth what the table says.

## 100 nodes, 50 lookups a second each, 1,000 apps

Endpoint requests and DynamoDB reads as parts of the own driver's reads. Without re-checks a node's 15,000 lookups in
300 s are only 15 for each app, so no cache of this TTL can get near 0.01.

${goalTable()}

## What is assumed

- Every node has lookups of every app, by Zipf's law (exponent ${DEFAULTS.zipfExponent}); half of them by id.
- One lookup in a hundred is for one of ${DEFAULTS.missingApps} apps that do not exist.
- A node has ${DEFAULTS.socketsPerLookup} open sockets for each lookup a second: half of the lookups are connections that last 400 s.
- A function reads in 4 ms; its processor time is measured (\`bench/functions/RESULTS.md\`); the runtime adds 1.5 ms; 820 bytes of
  logs a request. Its requests are spread evenly over its environments, the worst case for their caches.
- The adapter's \`appsMax\` (10,000) is raised where a node has more apps in use.
- No free tier, no data transfer, no cold starts; the authorizer's few calls are left out.

${priceTable()}
`
}
