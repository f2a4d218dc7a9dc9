import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { type Lambda, startLambda } from './lambda.ts'
import { addPages, type PagesOptions } from './pages.ts'
import type { Stack } from './stack.ts'

/** The functions and the API of one version of the source and of template.yaml. */
export type Application = {
  handle(request: IncomingMessage, response: ServerResponse): void
  /** @throws {Error} if the template has no function of this name */
  lambda(name: string): Pick<Lambda, 'invoke'>
  /** Waits for the invocations in flight. */
  close(): Promise<void>
}

/** What {@link startApplication} needs. */
export type ApplicationOptions = {
  readonly stack: Stack
  /** Environment variables of the functions in addition to the template's. */
  readonly ambient: Readonly<Record<string, string | undefined>>
  readonly pages: Omit<PagesOptions, 'routes'>
  /** Finds the function for a request; during a reload it can be a newer version. */
  readonly lambda: GatewayOptions['lambda']
  readonly onLog: (functionName: string, line: string) => void
} & Pick<GatewayOptions, 'onResponse' | 'onError'>

/** Starts every function in its own thread, and the gateway for them. */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { stack, pages } = options
  const lambdas = await startLambdas(options)
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
    async close() {
      await closeAll(lambdas.values())
      await gateway.close()
    },
  }
}

/** Starts all functions, or none if one can't start. */
async function startLambdas({ stack, ambient, onLog }: ApplicationOptions): Promise<Map<string, Lambda>> {
  const lambdas = new Map<string, Lambda>()
  const started = await Promise.allSettled(
    stack.functions.map(async (spec) => {
      lambdas.set(spec.name, await startLambda(spec, ambient, (line) => onLog(spec.name, line)))
    }),
  )
  const failed = started.find(({ status }) => status === 'rejected')
  if (failed?.status !== 'rejected') return lambdas
  await closeAll(lambdas.values())
  throw failed.reason
}

async function closeAll(lambdas: Iterable<Lambda>): Promise<void> {
  await Promise.all([...lambdas].map((lambda) => lambda.close()))
}
