import type { Figure } from '../figure.ts'
import { type Read as ReadOf, ratio } from '../rounds.ts'
import { type Summary, summarize } from '../statistics.ts'
import type { Sample } from './measure-functions.ts'
import type { Variant } from './variants.ts'

/** A number of a sample, if the sample has it. */
export type Read = ReadOf<Sample>

export const coldCpuMs: Read = ({ cold }) => cold?.cpuMs
export const firstMs: Read = ({ cold }) => cold?.firstMs
export const initMs: Read = ({ cold }) => cold?.initMs
export const throttledMs: Read = ({ throttled }) => throttled && throttled.initMs + throttled.firstMs
export const missCpuUs: Read = ({ miss }) => miss?.cpuUs
export const hitCpuUs: Read = ({ hit }) => hit?.cpuUs

/** The figures that the functions are to reach, as found in these samples. */
export function figures(variants: readonly Variant[], samples: readonly Sample[]): readonly Figure[] {
  const bytesOf = (name: string) => variants.find((variant) => variant.name === name)?.bytes
  const bytes = (name: string): Summary | undefined => {
    const [own, plain] = [bytesOf(name), bytesOf('plain-sdk')]
    return own && plain ? summarize([own / plain]) : undefined
  }
  return [
    { title: 'bytes of find by id', goal: 0.52, found: bytes('by-id') },
    { title: 'bytes of find by key', goal: 0.52, found: bytes('by-key') },
    { title: 'bytes of lookup', goal: 0.52, found: bytes('lookup') },
    {
      title: 'cold CPU, not primed',
      goal: 0.7,
      found: ratio(samples, ['by-id-unprimed', coldCpuMs], ['plain-sdk', coldCpuMs]),
    },
    {
      title: 'first invocation, primed',
      goal: 0.12,
      found: ratio(samples, ['by-id', firstMs], ['plain-sdk', firstMs]),
    },
    {
      title: 'init + first invocation at 0.29 vCPU, primed',
      goal: 0.45,
      found: ratio(samples, ['by-id', throttledMs], ['plain-sdk', throttledMs]),
    },
    {
      title: 'the same, against aws-lite',
      goal: 1,
      found: ratio(samples, ['by-id', throttledMs], ['aws-lite', throttledMs]),
    },
    {
      title: "warm miss, CPU, against the SDK's GetItem alone",
      goal: 0.95,
      found: ratio(samples, ['by-id', missCpuUs], ['bare-sdk', missCpuUs]),
    },
    {
      title: "cache hit, CPU, against the SDK's GetItem alone",
      goal: 0.02,
      found: ratio(samples, ['by-id', hitCpuUs], ['bare-sdk', missCpuUs]),
    },
    {
      title: 'authorizer, cold CPU, against an empty handler',
      goal: 1.15,
      found: ratio(samples, ['authorizer', coldCpuMs], ['empty', coldCpuMs]),
    },
  ]
}
