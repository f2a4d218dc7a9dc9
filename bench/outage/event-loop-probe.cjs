// Loaded into soketi: on SIGUSR2, prints the longest delay of the event loop since the last time.

const { monitorEventLoopDelay } = require('node:perf_hooks')

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
process.on('SIGUSR2', () => {
  console.log(`longest delay ${Math.round(delay.max / 1e6)} ms`)
  delay.reset()
})
