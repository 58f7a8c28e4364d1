// The service from Kotlin: java.net.http sends, Gson reads.
// Run: kotlinc -cp gson.jar gradient_client.kt -include-runtime -d client.jar
//      java -cp client.jar:gson.jar Gradient_clientKt
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.Locale

val address: URI = URI.create((System.getenv("GRADIENT_URL") ?: "http://127.0.0.1:8000") + "/gradient")
val client: HttpClient = HttpClient.newHttpClient()

fun post(body: String, type: String = "application/json"): HttpRequest =
    HttpRequest.newBuilder(address).header("Content-Type", type)
        .POST(HttpRequest.BodyPublishers.ofString(body)).build()

fun read(text: String): JsonObject = JsonParser.parseString(text).asJsonObject

fun show(number: Double): String = "%.1f".format(Locale.ROOT, number)

fun main() {
    // One request: d = a*b + c, its value and its gradient.
    fun message(expression: String) =
        """{"expression": "$expression", "bindings": {"a": 2, "b": -3, "c": 10}}"""
    val answer = read(client.send(post(message("a*b + c")), BodyHandlers.ofString()).body())
    println("value ${show(answer["value"].asDouble)}")
    for ((name, gradient) in answer["gradients"].asJsonObject.entrySet()) {
        println("$name ${show(gradient.asDouble)}")
    }

    // A mistake: the answer is a problem document.
    val response = client.send(post(message("a*b +")), BodyHandlers.ofString())
    if (response.statusCode() != 200) {
        val problem = read(response.body())
        println("${response.statusCode()} ${problem["title"].asString}: ${problem["detail"].asString}")
        for (fault in problem["errors"].asJsonArray.map { it.asJsonObject }) {
            println("${fault["pointer"].asString}: ${fault["detail"].asString}")
        }
    }

    // Many at once: a message a line, an answer a line, each as soon as it is there.
    val lines = listOf(Triple("one", "x**2", 1), Triple("two", "x**", 2), Triple("three", "x**2", 3))
        .joinToString("") { (id, text, x) -> """{"id": "$id", "expression": "$text", "bindings": {"x": $x}}""" + "\n" }
    client.send(post(lines, "application/x-ndjson"), BodyHandlers.ofLines()).body().forEach { line ->
        val each = read(line)
        val shown = if (each["status"].asInt == 200) {
            show(each["result"].asJsonObject["gradients"].asJsonObject["x"].asDouble)
        } else {
            each["problem"].asJsonObject["detail"].asString
        }
        println("${each["id"].asString} $shown")
    }
}
