#!/usr/bin/env bash
# A Java client of openapi-generator 7.25.0 (Maven Central) sends `[]` for an optional list that was not set.
#
# Other optional members that are not set are left out. A request of which just one member may be present is then not
# valid, and a response whose list is absent looks like one whose list is empty. The option `containerDefaultToNull`, off
# by default, leaves the list out. Needs Java and Maven.
set -euo pipefail
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT
cat >pom.xml <<'EOF'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.openapitools</groupId><artifactId>openapi-generator-cli</artifactId><version>7.25.0</version></dependency>
    <dependency><groupId>org.openapitools</groupId><artifactId>jackson-databind-nullable</artifactId><version>0.2.11</version></dependency>
    <dependency><groupId>jakarta.annotation</groupId><artifactId>jakarta.annotation-api</artifactId><version>1.3.5</version></dependency>
  </dependencies>
</project>
EOF
mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib

cat >openapi.yaml <<'EOF'
openapi: 3.1.0
info: { title: Things, version: "1" }
paths: {}
components:
  schemas:
    Search: { type: object, properties: { id: { type: string }, name: { type: string }, tags: { type: array, items: { type: string } } } }
EOF
cat >Finding.java <<'EOF'
import org.openapitools.client.ApiClient;
import org.openapitools.client.model.Search;

public class Finding {
  public static void main(String[] args) throws Exception {
    System.out.println(ApiClient.createDefaultObjectMapper().writeValueAsString(new Search().id("1")));
  }
}
EOF

for containerDefaultToNull in false true; do
  java -jar lib/openapi-generator-cli-7.25.0.jar generate --input-spec openapi.yaml --generator-name java --library native \
    --output client --additional-properties containerDefaultToNull=$containerDefaultToNull >output 2>&1
  find client/src/main -name '*.java' >sources
  javac -nowarn -d classes -cp 'lib/*' @sources Finding.java 2>>output
  java -cp 'classes:lib/*' Finding
done | tee seen
diff - seen <<'EOF'
{"id":"1","tags":[]}
{"id":"1"}
EOF
