// The service from Scala: java.net.http sends, Gson reads.
// Run: scalac -cp gson.jar -d . gradient_client.scala
//      java -cp .:gson.jar:scala-library.jar GradientClient
import com.google.gson.{JsonObject, JsonParser}
import java.net.URI
import java.net.http.{HttpClient, HttpRequest}
import java.net.http.HttpResponse.BodyHandlers
import scala.collection.JavaConverters._

object GradientClient extends App {
  val address = URI.create(sys.env.getOrElse("GRADIENT_URL", "http://127.0.0.1:8000") + "/gradient")
  val client = HttpClient.newHttpClient()

  def post(body: String, kind: String = "application/json"): HttpRequest =
    HttpRequest.newBuilder(address).header("Content-Type", kind)
      .POST(HttpRequest.BodyPublishers.ofString(body)).build()

  def read(text: String): JsonObject = JsonParser.parseString(text).getAsJsonObject

  // One request: d = a*b + c, its value and its gradient.
  def message(expression: String) =
    s"""{"expression": "$expression", "bindings": {"a": 2, "b": -3, "c": 10}}"""
  val answer = read(client.send(post(message("a*b + c")), BodyHandlers.ofString()).body)
  println(s"value ${answer.get("value").getAsDouble}")
  for (entry <- answer.getAsJsonObject("gradients").entrySet.asScala)
    println(s"${entry.getKey} ${entry.getValue.getAsDouble}")

  // A mistake: the answer is a problem document.
  val response = client.send(post(message("a*b +")), BodyHandlers.ofString())
  if (response.statusCode != 200) {
    val problem = read(response.body)
    println(s"${response.statusCode} ${problem.get("title").getAsString}: ${problem.get("detail").getAsString}")
    for (fault <- problem.getAsJsonArray("errors").asScala.map(_.getAsJsonObject))
      println(s"${fault.get("pointer").getAsString}: ${fault.get("detail").getAsString}")
  }

  // Many at once: a message a line, an answer a line, each as soon as it is there.
  val points = Seq(("one", "x**2", 1), ("two", "x**", 2), ("three", "x**2", 3))
  val lines = points.map { case (id, text, x) =>
    s"""{"id": "$id", "expression": "$text", "bindings": {"x": $x}}""" + "\n"
  }.mkString
  val answers = client.send(post(lines, "application/x-ndjson"), BodyHandlers.ofLines()).body
  for (each <- answers.iterator.asScala.map(read)) {
    val shown =
      if (each.get("status").getAsInt != 200) each.getAsJsonObject("problem").get("detail").getAsString
      else each.getAsJsonObject("result").getAsJsonObject("gradients").get("x").getAsDouble
    println(s"${each.get("id").getAsString} $shown")
  }
}
