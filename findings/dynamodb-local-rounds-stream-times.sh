#!/usr/bin/env bash
# DynamoDB Local 3.1.0 (Maven Central) gives the records of a stream times of whole minutes.
#
# ApproximateCreationDateTime has the start of the minute in which the item was written, so a record looks up to 60 s old
# when it arrives. The API documents whole seconds. A test that measures the age of records, or an alarm on it, is
# wrong by up to a minute there. Needs Java, Maven and Node.
set -euo pipefail
cd "$(mktemp -d)" && trap 'kill "$server" 2>/dev/null || true; rm -rf "$PWD"' EXIT
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1141.0 @aws-sdk/client-dynamodb-streams@3.1141.0
cat >pom.xml <<'EOF'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>3.1.0</version></dependency>
  </dependencies>
</project>
EOF
mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >finding.mjs <<'EOF'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'

const options = {
  endpoint: process.argv[2],
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 50,
}
const dynamodb = new DynamoDBClient(options)
const streams = new DynamoDBStreamsClient(options)
const { TableDescription } = await dynamodb.send(
  new CreateTableCommand({
    TableName: 'things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
  }),
)
const StreamArn = TableDescription.LatestStreamArn

// Not at the start of a minute, where rounding would not show.
while (new Date().getUTCSeconds() < 5 || new Date().getUTCSeconds() > 50) await sleep(500)
const written = new Date()
await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: '1' } } }))

const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }))
const { ShardIterator } = await streams.send(
  new GetShardIteratorCommand({
    StreamArn,
    ShardId: StreamDescription.Shards[0].ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  }),
)
const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }))
const created = Records[0].dynamodb.ApproximateCreationDateTime
console.log('start of the minute:', created.getTime() === written.setUTCSeconds(0, 0))
EOF

port=$(node --print 'const s = require("net").createServer().listen(0, "127.0.0.1"); s.on("listening", () => { console.log(s.address().port); s.close() }); ""' | grep .)
java -Djava.library.path=lib -cp 'lib/*' software.amazon.dynamodb.services.local.main.ServerRunner \
  -inMemory -sharedDb -disableTelemetry -port "$port" >output 2>&1 &
server=$!
timeout 60 bash -c "until curl --silent --output /dev/null http://127.0.0.1:$port; do sleep 0.5; done"

node finding.mjs "http://127.0.0.1:$port" | tee seen
diff - seen <<<'start of the minute: true'
