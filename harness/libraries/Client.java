import com.google.gson.Gson;
import com.pusher.client.Pusher;
import com.pusher.client.PusherOptions;
import com.pusher.client.channel.PresenceChannelEventListener;
import com.pusher.client.channel.PusherEvent;
import com.pusher.client.channel.User;
import com.pusher.client.connection.ConnectionEventListener;
import com.pusher.client.connection.ConnectionState;
import com.pusher.client.connection.ConnectionStateChange;
import com.pusher.rest.data.PresenceUser;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;

/**
 * Clients of pusher-java-client, one for each line of stdin: NUMBER PORT ID KEY SECRET. Says what each is told, one line
 * each: NUMBER WHAT.
 */
public class Client implements PresenceChannelEventListener, ConnectionEventListener {
  final String number;

  public static void main(String[] args) {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      String[] words = lines.nextLine().split(" ");
      new Client(words[0]).start(Integer.parseInt(words[1]), words[2], words[3], words[4]);
    }
    System.exit(0);
  }

  Client(String number) {
    this.number = number;
  }

  void start(int port, String id, String key, String secret) {
    com.pusher.rest.Pusher backend = new com.pusher.rest.Pusher(id, key, secret);
    PusherOptions options =
        new PusherOptions()
            .setHost("127.0.0.1")
            .setWsPort(port)
            .setUseTLS(false)
            .setChannelAuthorizer(
                (channel, socketId) ->
                    channel.startsWith("presence-")
                        ? backend.authenticate(socketId, channel, new PresenceUser("pusher-java-client"))
                        : backend.authenticate(socketId, channel));
    Pusher pusher = new Pusher(key, options);
    pusher.subscribePrivate("private-room", this, "news");
    pusher.subscribePresence("presence-room", this, "news");
    pusher.connect(this, ConnectionState.ALL);
  }

  void say(String... words) {
    System.out.println(number + " " + String.join(" ", words));
  }

  public void onConnectionStateChange(ConnectionStateChange change) {
    if (change.getCurrentState() == ConnectionState.CONNECTED) say("connected");
  }

  public void onError(String message, String code, Exception error) {
    if (code != null) say("error", code);
  }

  public void onSubscriptionSucceeded(String channel) {
    say("subscribed", channel);
  }

  public void onEvent(PusherEvent event) {
    say("event", event.getChannelName(), (String) new Gson().fromJson(event.getData(), Map.class).get("from"));
  }

  public void onAuthenticationFailure(String message, Exception error) {}

  public void onUsersInformationReceived(String channel, Set<User> users) {}

  public void userSubscribed(String channel, User user) {}

  public void userUnsubscribed(String channel, User user) {}
}
