import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { createLambda, type Lambda } from './lambda.ts'
import { addPages, type PagesOptions } from './pages.ts'
import type { Stack } from './stack.ts'

/** The functions and the API of one version of the source and of template.yaml. */
export type Application = {
  handle(request: IncomingMessage, response: ServerResponse): void
  /** @throws {Error} if the template has no function of this name */
  lambda(name: string): Pick<Lambda, 'invoke'>
  /** Starts the functions before their first invocation. Rejects at the first one that does not load. */
  start(): Promise<void>
  /** Waits for the invocations in flight. */
  close(): Promise<void>
}

/** What {@link createApplication} needs. */
export type ApplicationOptions = {
  readonly stack: Stack
  /** Environment variables of the functions in addition to the template's. */
  readonly ambient: Readonly<Record<string, string | undefined>>
  readonly pages: Omit<PagesOptions, 'routes'>
  /** Finds the function for a request; during a reload it can be a newer version. */
  readonly lambda: GatewayOptions['lambda']
  readonly onLog: (functionName: string, line: string) => void
} & Pick<GatewayOptions, 'onResponse' | 'onError'>

/** Creates the gateway and its functions, which start at their first invocation. */
export async function createApplication(options: ApplicationOptions): Promise<Application> {
  const { stack, ambient, pages, onLog } = options
  const lambdas = new Map(
    stack.functions.map((spec) => [
      spec.name,
      createLambda({ spec, ambient, onLog: (line) => onLog(spec.name, line) }),
    ]),
  )
  const gateway = createGateway(options)
  await addPages(gateway, { routes: stack.routes, ...pages })
  await gateway.ready()
  return {
    handle: (request, response) => gateway.routing(request, response),
    lambda(name) {
      const lambda = lambdas.get(name)
      if (!lambda) throw new Error(`template.yaml has no function ${name}.`)
      return lambda
    },
    async start() {
      // One after the other, so that a request meanwhile does not wait for all of them.
      for (const lambda of lambdas.values()) await lambda.start()
    },
    async close() {
      await Promise.all([...lambdas.values()].map((lambda) => lambda.close()))
      await gateway.close()
    },
  }
}
