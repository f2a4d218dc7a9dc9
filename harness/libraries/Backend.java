import com.google.gson.Gson;
import com.pusher.rest.Pusher;
import com.pusher.rest.data.Event;
import com.pusher.rest.data.Result;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Collections;
import java.util.Map;

/** A backend with pusher-http-java: reads requests as JSON, one a line, and says `ok` or `error` and why. */
public class Backend {
  static class Request {
    String id, key, secret, call;
    Map<String, String> data;
    int port, count;
  }

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      Request request = new Gson().fromJson(line, Request.class);
      try (Pusher pusher = new Pusher(request.id, request.key, request.secret)) {
        pusher.setHost("127.0.0.1:" + request.port);
        Result result = send(pusher, request);
        boolean isOk = result.getStatus() == Result.Status.SUCCESS;
        System.out.println(isOk ? "ok" : "error " + result.getHttpStatus() + " " + result.getStatus());
      }
    }
  }

  static Result send(Pusher pusher, Request request) {
    switch (request.call) {
      case "trigger":
        return pusher.trigger("private-room", "news", request.data);
      case "batch":
        return pusher.trigger(Collections.nCopies(request.count, new Event("private-room", "news", "x")));
      default:
        return pusher.get("/channels/" + (request.call.equals("users") ? "presence-room" : "public") + "/users");
    }
  }
}
