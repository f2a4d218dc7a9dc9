/**
 * Stands in for `@aws-sdk/middleware-endpoint-discovery`, which is for operations that must ask a service where to
 * send them. The client reads its settings when it is made; no DynamoDB operation has used them since 2022.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
}

export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config
