% The service from MATLAB R2019b or newer. Run: matlab -batch gradient_client_matlab
import matlab.net.http.*
url = getenv("GRADIENT_URL");
if strlength(url) == 0, url = "http://127.0.0.1:8000"; end
json = field.ContentTypeField("application/json");
post = @(text, kind) RequestMessage("POST", kind, MessageBody(text)).send(url + "/gradient");

% One request: d = a*b + c, its value and its gradient.
message = struct(expression="a*b + c", bindings=struct(a=2, b=-3, c=10));
response = post(message, json);
answer = response.Body.Data;
fprintf("value %.1f\n", answer.value);
for name = string(fieldnames(answer.gradients))'
    fprintf("%s %.1f\n", name, answer.gradients.(name));
end

% A mistake: the answer is a problem document.
message.expression = "a*b +";
response = post(message, json);
if response.StatusCode ~= StatusCode.OK
    problem = jsondecode(char(response.Body));
    fprintf("%d %s: %s\n", problem.status, problem.title, problem.detail);
    for fault = problem.errors'
        fprintf("%s: %s\n", fault.pointer, fault.detail);
    end
end

% Many at once: a message a line, an answer a line. MATLAB hands them over when all are there.
lines = join([
    "{""id"": ""one"", ""expression"": ""x**2"", ""bindings"": {""x"": 1}}"
    "{""id"": ""two"", ""expression"": ""x**"", ""bindings"": {""x"": 2}}"
    "{""id"": ""three"", ""expression"": ""x**2"", ""bindings"": {""x"": 3}}"], newline);
response = post(unicode2native(lines, "UTF-8"), field.ContentTypeField("application/x-ndjson"));
for line = splitlines(strip(string(char(response.Body))))'
    each = jsondecode(line);
    if each.status == 200
        fprintf("%s %.1f\n", each.id, each.result.gradients.x);
    else
        fprintf("%s %s\n", each.id, each.problem.detail);
    end
end
