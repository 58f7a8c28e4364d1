# The service from Ruby's standard library. Run: ruby gradient_client.rb
require "json"
require "net/http"

URL = URI("#{ENV.fetch("GRADIENT_URL", "http://127.0.0.1:8000")}/gradient")

# One request: d = a*b + c, its value and its gradient.
message = { expression: "a*b + c", bindings: { a: 2, b: -3, c: 10 } }
response = Net::HTTP.post(URL, message.to_json, "Content-Type" => "application/json")
answer = JSON.parse(response.body)
puts "value #{answer["value"]}"
answer["gradients"].each { |name, gradient| puts "#{name} #{gradient}" }

# A mistake: the answer is a problem document.
message[:expression] = "a*b +"
response = Net::HTTP.post(URL, message.to_json, "Content-Type" => "application/json")
unless response.is_a?(Net::HTTPSuccess)
  problem = JSON.parse(response.body)
  puts "#{problem["status"]} #{problem["title"]}: #{problem["detail"]}"
  problem.fetch("errors", []).each { |fault| puts "#{fault["pointer"]}: #{fault["detail"]}" }
end

# Many at once: a message a line, an answer a line, each as soon as it is there.
points = [["one", "x**2", 1], ["two", "x**", 2], ["three", "x**2", 3]]
request = Net::HTTP::Post.new(URL, "Content-Type" => "application/x-ndjson")
request.body = points.map { |id, text, x| "#{{ id:, expression: text, bindings: { x: } }.to_json}\n" }.join
Net::HTTP.start(URL.host, URL.port) do |http|
  http.request(request) do |stream|
    text = +""
    stream.read_body do |piece|
      text << piece
      while (line = text.slice!(/\A.*\n/))
        each = JSON.parse(line)
        good = each["status"] == 200
        puts "#{each["id"]} #{good ? each["result"]["gradients"]["x"] : each["problem"]["detail"]}"
      end
    end
  end
end
