/**
 * Stands in for `@smithy/core/event-streams`, which the SDK's protocol loads when an operation streams events.
 * GetItem and Query do not; DynamoDB has no such operation at all.
 */
export {}
