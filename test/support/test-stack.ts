import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../dev/local-stack.ts'
import { CONSUMERS } from './canary.ts'

/** The local stack with the sample apps and the tokens of the tests, on free ports, without output by default. */
export function startTestStack(options: Partial<LocalStackOptions> = {}): Promise<LocalStack> {
  return startLocalStack({
    host: '127.0.0.1',
    port: 0,
    dynamodbPort: 0,
    own: undefined,
    consumers: CONSUMERS,
    onLog: () => {},
    ...options,
  })
}
