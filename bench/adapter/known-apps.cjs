// Starts soketi from a program, as adapter/README.md describes, and lets its node look up many apps. On SIGUSR2, prints the
// delay of the event loop since the last time. Arguments: the adapter, soketi, the options as JSON, and the number of apps.

const { monitorEventLoopDelay } = require('node:perf_hooks')

const [adapter, soketi, options, apps] = process.argv.slice(2)
if (adapter) require(adapter)
const { Server } = require(soketi)

const AT_ONCE = 1_000
const delay = monitorEventLoopDelay({ resolution: 10 })
const server = new Server(JSON.parse(options))

async function start() {
  await new Promise((resolve) => server.start(resolve))
  const keys = Array.from({ length: Number(apps) }, (_, i) => `app-${i}-key`)
  while (keys.length > 0) await server.appManager.lookup.findByKeys(keys.splice(0, AT_ONCE))
  delay.enable()
  console.log('all apps are known')
}

process.on('SIGUSR2', () => {
  console.log(
    `p99.9 ${(delay.percentile(99.9) / 1e6).toFixed(2)} ms, longest ${(delay.max / 1e6).toFixed(2)} ms`,
  )
  delay.reset()
})
start()
