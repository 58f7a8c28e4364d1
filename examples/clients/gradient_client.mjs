// The service from JavaScript: fetch, in Node 18 or newer, Deno or Bun. Run: node gradient_client.mjs
const url = (process.env.GRADIENT_URL ?? "http://127.0.0.1:8000") + "/gradient";
const post = (body, type = "application/json") =>
  fetch(url, { method: "POST", headers: { "Content-Type": type }, body });

// One request: d = a*b + c, its value and its gradient.
const message = { expression: "a*b + c", bindings: { a: 2, b: -3, c: 10 } };
const { value, gradients } = await (await post(JSON.stringify(message))).json();
console.log(`value ${value.toFixed(1)}`);
for (const [name, gradient] of Object.entries(gradients)) {
  console.log(`${name} ${gradient.toFixed(1)}`);
}

// A mistake: the answer is a problem document.
const response = await post(JSON.stringify({ ...message, expression: "a*b +" }));
if (!response.ok) {
  const { status, title, detail, errors = [] } = await response.json();
  console.log(`${status} ${title}: ${detail}`);
  for (const fault of errors) console.log(`${fault.pointer}: ${fault.detail}`);
}

// Many at once: a message a line, an answer a line, each as soon as it is there.
const points = [["one", "x**2", 1], ["two", "x**", 2], ["three", "x**2", 3]];
const lines = points.map(([id, expression, x]) => JSON.stringify({ id, expression, bindings: { x } }));
const { body } = await post(lines.join("\n") + "\n", "application/x-ndjson");
let text = "";
for await (const piece of body.pipeThrough(new TextDecoderStream())) {
  const whole = (text + piece).split("\n");
  text = whole.pop(); // what has come of the next line
  for (const line of whole) {
    const { id, result, problem } = JSON.parse(line);
    console.log(id, problem ? problem.detail : result.gradients.x.toFixed(1));
  }
}
