import type { Soketi } from './soketi-process.ts'

/** The sum of a metric of soketi over all samples, or over those with this label. */
export async function readMetric(soketi: Soketi, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${soketi.metricsPort}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(`soketi_${name}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
