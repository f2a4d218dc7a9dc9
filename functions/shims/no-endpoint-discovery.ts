/**
 * Replaces `@aws-sdk/middleware-endpoint-discovery`, which is for operations whose endpoint the SDK must first request
 * from the service. A new client reads its settings, but no DynamoDB operation has used them since 2022.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
}

export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config
