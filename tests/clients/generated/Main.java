// openapi-generator's java, with the HTTP client of Java itself (the library "native").

import generated.ApiClient;
import generated.ApiException;
import generated.api.DifferentiateApi;
import generated.model.Fault;
import generated.model.GradientAnswer;
import generated.model.GradientMessage;
import generated.model.Graph;
import generated.model.GraphNode;
import generated.model.Problem;
import java.util.List;
import java.util.Map;

public class Main {
    public static void main(String[] arguments) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(arguments[0]);
        DifferentiateApi api = new DifferentiateApi(client);

        List<GraphNode> nodes = List.of(
            new GraphNode().id("e").op("mul").args(List.of("a", "b")),
            new GraphNode().id("d").op("add").args(List.of("e", "c")));
        GradientMessage message = new GradientMessage()
            .graph(new Graph().nodes(nodes))
            .bindings(Map.of("a", 2, "b", -3, "c", 10))
            .output("d");
        GradientAnswer answer = api.gradient(message, null);
        Map<String, Object> gradients = answer.getGradients();
        System.out.printf("%s %s %s %s%n",
            answer.getValue(), gradients.get("a"), gradients.get("b"), gradients.get("c"));

        GradientMessage unbound = new GradientMessage()
            .expression("a*b + d")
            .bindings(Map.of("a", 2, "b", -3));
        try {
            api.gradient(unbound, null);
        } catch (ApiException error) {
            Problem problem =
                ApiClient.createDefaultObjectMapper().readValue(error.getResponseBody(), Problem.class);
            Fault fault = problem.getErrors().get(0);
            System.out.printf("%s %s %s %s%n",
                problem.getStatus(), problem.getType(), fault.getCode(), fault.getPointer());
        }
    }
}
