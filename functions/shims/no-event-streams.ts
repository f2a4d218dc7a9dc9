/**
 * Replaces `@smithy/core/event-streams`, which the SDK's protocol loads when an operation streams events.
 * DynamoDB has no such operation.
 */
export {}
