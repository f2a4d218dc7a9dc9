import { type LocalStack, startLocalStack } from '../dev/local-stack.ts'
import { CONSUMERS } from './canary.ts'

/** The local stack with the sample apps and the tokens of the tests, on ports of its own; `onLog` gets its functions' lines. */
export function startTestStack(
  onLog: (line: string) => void = () => {},
  consumers: string = CONSUMERS,
): Promise<LocalStack> {
  return startLocalStack({
    host: '127.0.0.1',
    port: 0,
    dynamodbPort: 0,
    own: undefined,
    consumers,
    onLog: (_name, line) => onLog(line),
  })
}
