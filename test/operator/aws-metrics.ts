/** AWS's own metrics that alarms and widgets use, with the dimensions in each namespace. */
export const AWS_METRICS: Readonly<
  Record<string, { readonly names: readonly string[]; readonly dimensions: readonly string[] }>
> = {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
  'AWS/ApiGateway': { names: ['Count', '4xx', '5xx', 'Latency'], dimensions: ['ApiId'] },
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  'AWS/Lambda': {
    names: ['ConcurrentExecutions', 'Duration', 'Errors', 'IteratorAge', 'Throttles'],
    dimensions: ['FunctionName'],
  },
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
  'AWS/DynamoDB': {
    names: ['ConsumedReadCapacityUnits', 'ReadThrottleEvents'],
    dimensions: ['TableName', 'TableName,GlobalSecondaryIndexName'],
  },
}
