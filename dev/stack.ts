import { readFileSync } from 'node:fs'
import type { CreateTableCommandInput, PutItemCommandInput } from '@aws-sdk/client-dynamodb'
import { type Resource, resolveTemplate } from './cloudformation.ts'

/** A function of the stack: its source and its environment variables. */
export type StackFunction = {
  readonly name: string
  /** The source file that exports the handler. */
  readonly entry: URL
  /** How `sam build` bundles it: esbuild's options in the template's spelling. */
  readonly buildProperties: BuildProperties
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** esbuild's options as a template spells them (`MainFields`), and the files to start from. */
export type BuildProperties = Readonly<Record<string, boolean | string | readonly string[]>> & {
  readonly EntryPoints: readonly string[]
}

/** A route of the HTTP API in API Gateway's notation, and the function behind it. */
export type StackRoute = { readonly method: string; readonly path: string; readonly functionName: string }

/** The parts of template.yaml that can run on this machine. */
export type Stack = {
  readonly functions: readonly StackFunction[]
  readonly routes: readonly StackRoute[]
  readonly authorizer: { readonly functionName: string; readonly header: string; readonly ttlMs: number }
  /** The table as input of CreateTable: the same for a global table and for one without replicas. */
  readonly table: CreateTableCommandInput
  /** The parts of the change feed; absent if the stack has none. */
  readonly feed: StackFeed | undefined
}

/** The change feed of the stack. */
export type StackFeed = {
  /** The table of the change log, as input of CreateTable. */
  readonly changeLog: CreateTableCommandInput
  /** The function that the table's stream invokes, and the most records in one invocation. */
  readonly recorder: { readonly functionName: string; readonly batchSize: number }
  /** The item that the schedule writes into the table; EventBridge replaces the placeholders in it. */
  readonly heartbeat: string
}

/**
 * The heartbeat as input of PutItem, for an invocation of the schedule with this id, at this time.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export function heartbeatOf({ heartbeat }: StackFeed, executionId: string, at: Date): PutItemCommandInput {
  return JSON.parse(
    heartbeat
      .replaceAll('<aws.scheduler.execution-id>', executionId)
      .replaceAll('<aws.scheduler.scheduled-time>', at.toISOString().replace(/\.\d+Z$/, 'Z')),
  )
}

const ROOT = new URL('../', import.meta.url)

/** The project's template. */
export const TEMPLATE = new URL('template.yaml', ROOT)

/** Reads the stack that template.yaml describes for these parameters. */
export function readStack(parameters: Readonly<Record<string, string>>): Stack {
  const resources = resolveTemplate(readFileSync(TEMPLATE, 'utf8'), parameters)
  const ofType = (type: string) => [...resources].filter(([, resource]) => resource.Type === type)
  const functions = ofType('AWS::Serverless::Function')
  const [, api] = ofType('AWS::Serverless::HttpApi')[0] ?? []
  const [, table] = ofType('AWS::DynamoDB::GlobalTable')[0] ?? []
  return {
    functions: functions.map(readFunction),
    routes: functions.flatMap(readRoutes),
    authorizer: readAuthorizer(api),
    table: readTable(table),
    feed: readFeed(ofType),
  }
}

function readFunction([name, { Properties, Metadata }]: [string, Resource]): StackFunction {
  const { CodeUri, Handler, Timeout, Environment } = Properties as {
    CodeUri: string
    Handler: string
    Timeout: number
    Environment?: { Variables: Record<string, unknown> }
  }
  const [file] = Handler.split('.')
  return {
    name,
    entry: new URL(`${CodeUri}/${file}.ts`, ROOT),
    buildProperties: Metadata?.BuildProperties as BuildProperties,
    environment: Object.fromEntries(
      Object.entries(Environment?.Variables ?? {}).map(([variable, value]) => [variable, String(value)]),
    ),
    timeoutMs: 1000 * Timeout,
  }
}

function readRoutes([functionName, { Properties }]: [string, Resource]): StackRoute[] {
  const events = (Properties.Events ?? {}) as Record<
    string,
    { Type: string; Properties: Record<string, string> }
  >
  return Object.values(events).flatMap(({ Type, Properties: { Method = '', Path = '' } }) =>
    Type === 'HttpApi' ? [{ method: Method, path: Path, functionName }] : [],
  )
}

type OfType = (type: string) => [string, Resource][]

function readFeed(ofType: OfType): StackFeed | undefined {
  const [, changeLog] = ofType('AWS::DynamoDB::Table')[0] ?? []
  const [, schedule] = ofType('AWS::Scheduler::Schedule')[0] ?? []
  const [recorder] = ofType('AWS::Serverless::Function').flatMap(readStreamEvents)
  if (!changeLog || !schedule || !recorder) return undefined
  const { Input } = schedule.Properties.Target as { Input: string }
  return { changeLog: readTable(changeLog), recorder, heartbeat: Input }
}

function readStreamEvents([functionName, { Properties }]: [string, Resource]): StackFeed['recorder'][] {
  const events = (Properties.Events ?? {}) as Record<
    string,
    { Type: string; Properties: { BatchSize: number } }
  >
  return Object.values(events).flatMap(({ Type, Properties: { BatchSize } }) =>
    Type === 'DynamoDB' ? [{ functionName, batchSize: BatchSize }] : [],
  )
}

function readAuthorizer(api: Resource | undefined): Stack['authorizer'] {
  const auth = api?.Properties.Auth as {
    DefaultAuthorizer: string
    Authorizers: Record<
      string,
      { FunctionArn: string; Identity: { Headers: string[]; ReauthorizeEvery: number } }
    >
  }
  const authorizer = auth.Authorizers[auth.DefaultAuthorizer]
  if (!authorizer) throw new Error(`The template's Api has no authorizer ${auth.DefaultAuthorizer}.`)
  return {
    functionName: authorizer.FunctionArn.replace(/\.Arn$/, ''),
    header: String(authorizer.Identity.Headers[0]).toLowerCase(),
    ttlMs: 1000 * authorizer.Identity.ReauthorizeEvery,
  }
}

function readTable(table: Resource | undefined): CreateTableCommandInput {
  if (!table) throw new Error('The template describes no table for these parameters.')
  const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = table.Properties
  return {
    TableName,
    BillingMode,
    AttributeDefinitions,
    KeySchema,
    ...(GlobalSecondaryIndexes !== undefined && { GlobalSecondaryIndexes }),
  } as CreateTableCommandInput
}
