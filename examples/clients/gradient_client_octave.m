% The service from Octave 7 or newer: curl sends, jsondecode reads, because webwrite of Octave
% posts forms only. Run: octave-cli gradient_client_octave.m
1;  % a script, not a file of functions

function answers = post(lines, kind)  % a stream, to read line by line
  url = getenv("GRADIENT_URL");
  if isempty(url), url = "http://127.0.0.1:8000"; end
  answers = popen(sprintf("curl -sSN %s/gradient -H 'Content-Type: %s' --data-binary '%s'", ...
                          url, kind, lines), "r");
end

function answer = ask(message)
  stream = post(jsonencode(message), "application/json");
  answer = jsondecode(fgetl(stream));
  pclose(stream);
end

% One request: d = a*b + c, its value and its gradient.
message = struct("expression", "a*b + c", "bindings", struct("a", 2, "b", -3, "c", 10));
answer = ask(message);
printf("value %.1f\n", answer.value);
for [gradient, name] = answer.gradients
  printf("%s %.1f\n", name, gradient);
end

% A mistake: the answer is a problem document.
message.expression = "a*b +";
answer = ask(message);
if isfield(answer, "status")
  printf("%d %s: %s\n", answer.status, answer.title, answer.detail);
  for fault = answer.errors'
    printf("%s: %s\n", fault.pointer, fault.detail);
  end
end

% Many at once: a message a line, an answer a line, each as soon as it is there.
lines = ["{\"id\": \"one\", \"expression\": \"x**2\", \"bindings\": {\"x\": 1}}\n" ...
         "{\"id\": \"two\", \"expression\": \"x**\", \"bindings\": {\"x\": 2}}\n" ...
         "{\"id\": \"three\", \"expression\": \"x**2\", \"bindings\": {\"x\": 3}}\n"];
stream = post(lines, "application/x-ndjson");
while ischar(line = fgetl(stream))
  each = jsondecode(line);
  if each.status == 200
    printf("%s %.1f\n", each.id, each.result.gradients.x);
  else
    printf("%s %s\n", each.id, each.problem.detail);
  end
end
pclose(stream);
