// The service from Java 17 or newer: java.net.http sends, Gson reads.
// Run: java -cp gson.jar GradientClient.java
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Objects;

public class GradientClient {
    static final URI ADDRESS = URI.create(
            Objects.requireNonNullElse(System.getenv("GRADIENT_URL"), "http://127.0.0.1:8000") + "/gradient");
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static HttpRequest post(String body, String type) {
        return HttpRequest.newBuilder(ADDRESS).header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    static void print(String name, double number) {
        System.out.printf(Locale.ROOT, "%s %.1f%n", name, number);
    }

    public static void main(String[] arguments) throws Exception {
        // One request: d = a*b + c, its value and its gradient.
        var message = """
                {"expression": "%s", "bindings": {"a": 2, "b": -3, "c": 10}}""";
        var good = CLIENT.send(post(message.formatted("a*b + c"), "application/json"), BodyHandlers.ofString());
        var answer = JsonParser.parseString(good.body()).getAsJsonObject();
        print("value", answer.get("value").getAsDouble());
        for (var each : answer.getAsJsonObject("gradients").entrySet()) {
            print(each.getKey(), each.getValue().getAsDouble());
        }

        // A mistake: the answer is a problem document.
        var bad = CLIENT.send(post(message.formatted("a*b +"), "application/json"), BodyHandlers.ofString());
        if (bad.statusCode() != 200) {
            var problem = JsonParser.parseString(bad.body()).getAsJsonObject();
            System.out.printf("%d %s: %s%n", bad.statusCode(),
                    problem.get("title").getAsString(), problem.get("detail").getAsString());
            for (var each : problem.getAsJsonArray("errors")) {
                var fault = each.getAsJsonObject();
                System.out.printf("%s: %s%n", fault.get("pointer").getAsString(), fault.get("detail").getAsString());
            }
        }

        // Many at once: a message a line, an answer a line, each as soon as it is there.
        var lines = """
                {"id": "one", "expression": "x**2", "bindings": {"x": 1}}
                {"id": "two", "expression": "x**", "bindings": {"x": 2}}
                {"id": "three", "expression": "x**2", "bindings": {"x": 3}}
                """;
        CLIENT.send(post(lines, "application/x-ndjson"), BodyHandlers.ofLines()).body().forEach(line -> {
            JsonObject each = JsonParser.parseString(line).getAsJsonObject();
            var id = each.get("id").getAsString();
            if (each.get("status").getAsInt() == 200) {
                print(id, each.getAsJsonObject("result").getAsJsonObject("gradients").get("x").getAsDouble());
            } else {
                System.out.println(id + " " + each.getAsJsonObject("problem").get("detail").getAsString());
            }
        });
    }
}
