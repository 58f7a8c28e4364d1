# The service from Julia: HTTP.jl sends, JSON3.jl reads. Run: julia gradient_client.jl
using HTTP, JSON3

const url = get(ENV, "GRADIENT_URL", "http://127.0.0.1:8000") * "/gradient"
const json = ["Content-Type" => "application/json"]

# One request: d = a*b + c, its value and its gradient.
message = Dict("expression" => "a*b + c", "bindings" => Dict("a" => 2, "b" => -3, "c" => 10))
answer = JSON3.read(HTTP.post(url, json, JSON3.write(message)).body)
println("value ", Float64(answer.value))
for name in ("a", "b", "c")
    println(name, " ", Float64(answer.gradients[name]))
end

# A mistake: the answer is a problem document.
response = HTTP.post(url, json, JSON3.write(merge(message, Dict("expression" => "a*b +")));
                     status_exception = false)
if response.status != 200
    problem = JSON3.read(response.body)
    println(problem.status, " ", problem.title, ": ", problem.detail)
    for fault in problem.errors
        println(fault.pointer, ": ", fault.detail)
    end
end

# Many at once: a message a line, an answer a line, each as soon as it is there.
lines = """
{"id": "one", "expression": "x**2", "bindings": {"x": 1}}
{"id": "two", "expression": "x**", "bindings": {"x": 2}}
{"id": "three", "expression": "x**2", "bindings": {"x": 3}}
"""
HTTP.open("POST", url, ["Content-Type" => "application/x-ndjson"]) do stream
    write(stream, lines)
    HTTP.closewrite(stream)
    HTTP.startread(stream)
    while !eof(stream)
        each = JSON3.read(readline(stream))
        good = each.status == 200
        println(each.id, " ", good ? Float64(each.result.gradients.x) : each.problem.detail)
    end
end
