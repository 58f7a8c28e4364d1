// The service from C#: HttpClient sends, Newtonsoft.Json reads.
// Run: mcs -r:System.Net.Http -pkg:newtonsoft-json gradient_client.cs && mono gradient_client.exe
using System;
using System.Globalization;
using System.IO;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

static class GradientClient
{
    static readonly HttpClient client = new HttpClient();
    static readonly string url =
        (Environment.GetEnvironmentVariable("GRADIENT_URL") ?? "http://127.0.0.1:8000") + "/gradient";

    static Task<HttpResponseMessage> Post(string body, string type = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new StringContent(body, Encoding.UTF8, type)
        };
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    static string Shown(JToken number) => ((double)number).ToString("F1", CultureInfo.InvariantCulture);

    static async Task Run()
    {
        // One request: d = a*b + c, its value and its gradient.
        var message = JObject.FromObject(new { expression = "a*b + c", bindings = new { a = 2, b = -3, c = 10 } });
        var answer = JObject.Parse(await (await Post(message.ToString())).Content.ReadAsStringAsync());
        Console.WriteLine($"value {Shown(answer["value"])}");
        foreach (var gradient in (JObject)answer["gradients"])
            Console.WriteLine($"{gradient.Key} {Shown(gradient.Value)}");

        // A mistake: the answer is a problem document.
        message["expression"] = "a*b +";
        var response = await Post(message.ToString());
        if (!response.IsSuccessStatusCode)
        {
            var problem = JObject.Parse(await response.Content.ReadAsStringAsync());
            Console.WriteLine($"{problem["status"]} {problem["title"]}: {problem["detail"]}");
            foreach (var fault in problem["errors"])
                Console.WriteLine($"{fault["pointer"]}: {fault["detail"]}");
        }

        // Many at once: a message a line, an answer a line, each as soon as it is there.
        var lines = @"{""id"": ""one"", ""expression"": ""x**2"", ""bindings"": {""x"": 1}}
{""id"": ""two"", ""expression"": ""x**"", ""bindings"": {""x"": 2}}
{""id"": ""three"", ""expression"": ""x**2"", ""bindings"": {""x"": 3}}
";
        var stream = await Post(lines, "application/x-ndjson");
        using (var reader = new StreamReader(await stream.Content.ReadAsStreamAsync()))
        {
            for (string line; (line = await reader.ReadLineAsync()) != null;)
            {
                var each = JObject.Parse(line);
                var good = (int)each["status"] == 200;
                var shown = good ? Shown(each["result"]["gradients"]["x"]) : (string)each["problem"]["detail"];
                Console.WriteLine($"{each["id"]} {shown}");
            }
        }
    }

    static void Main() => Run().GetAwaiter().GetResult();
}
