import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AppsApi;
import org.openapitools.client.api.ChangesApi;
import org.openapitools.client.model.*;

/** Sends the requests of ../requests.ts with the client of openapi-generator, and prints their outcomes. */
public class Program {
  private static final ObjectMapper JSON = ApiClient.createDefaultObjectMapper();

  public static void main(String[] args) throws Exception {
    List<String> outcomes = new ArrayList<>();
    for (JsonNode request : JSON.readTree(System.in)) outcomes.add(outcomeOf(request));
    System.out.println(JSON.writeValueAsString(outcomes));
  }

  private static String outcomeOf(JsonNode request) throws Exception {
    String token = request.get("token").asText();
    ApiClient client = new ApiClient();
    client.updateBaseUri(request.get("url").asText());
    if (!token.isEmpty())
      client.setRequestInterceptor(builder -> builder.header("Authorization", "Bearer " + token));
    AppsApi apps = new AppsApi(client);
    String ifNoneMatch = request.path("ifNoneMatch").textValue();
    try {
      switch (request.get("operation").asText()) {
        case "findAppById":
          return foundOutcome(apps.findAppById(request.get("appId").asText(), ifNoneMatch).getApp(), false);
        case "findAppByKey":
          return foundOutcome(apps.findAppByKey(request.get("appKey").asText(), ifNoneMatch).getApp(), false);
        case "lookupApps":
          LookupResponse answer = apps.lookupApps(JSON.treeToValue(request.get("body"), Lookup.class));
          return answer.getApp() != null
              ? foundOutcome(answer.getApp(), answer.getConsistent())
              : list(answer.getResults().stream().map(Program::resultOutcome).toList());
        default:
          return list(new ChangesApi(client).findChanges(request.path("since").textValue()).getChanges().stream()
              .map(hint -> hint.getId() + " " + hint.getKeys().size()).toList());
      }
    } catch (ApiException failure) {
      return failureOutcome(failure);
    }
  }

  private static String list(List<String> outcomes) {
    return "200 [" + String.join("; ", outcomes) + "]";
  }

  private static String foundOutcome(App app, Boolean consistent) {
    String eventTypes = app.getWebhooks().stream()
        .flatMap(webhook -> webhook.getEventTypes().stream()).collect(Collectors.joining(","));
    String found = String.join(" ", "200", app.getId(), app.getKey(), "" + app.getMaxConnections(), eventTypes);
    return consistent(found, consistent);
  }

  private static String consistent(String outcome, Boolean consistent) {
    return Boolean.TRUE.equals(consistent) ? outcome + " consistent" : outcome;
  }

  private static String resultOutcome(Result result) {
    Object actual = result.getActualInstance();
    if (actual instanceof ResultFound found) return foundOutcome(found.getApp(), found.getConsistent());
    if (actual instanceof ResultNotModified unchanged) return consistent("304", unchanged.getConsistent());
    if (actual instanceof ResultNotFound missing)
      return consistent("404 " + missing.getCode(), missing.getConsistent());
    ResultFailed failed = (ResultFailed) actual;
    return failed.getStatus().getValue() + " " + failed.getCode();
  }

  /** The client does not decode a response with an error. A response of the gateway itself has no code. */
  private static String failureOutcome(ApiException failure) throws Exception {
    String body = failure.getResponseBody();
    String code = body == null || body.isEmpty() ? null : JSON.readValue(body, Problem.class).getCode();
    return code == null ? "" + failure.getCode() : failure.getCode() + " " + code;
  }
}
