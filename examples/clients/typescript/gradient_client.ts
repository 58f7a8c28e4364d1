// The service from TypeScript, with types written by hand. Run: npm install && npm start
interface Answer {
  value: number;
  gradients: Record<string, number>;
}
interface Problem {
  status: number;
  title: string;
  detail: string;
  errors?: { pointer: string; code: string; detail: string }[];
}
type Line = { id: string } & (
  | { status: 200; result: Answer }
  | { status: 400 | 422 | 503; problem: Problem }
);

const url = (process.env.GRADIENT_URL ?? "http://127.0.0.1:8000") + "/gradient";
const post = (body: string, type = "application/json"): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "Content-Type": type }, body });

// One request: d = a*b + c, its value and its gradient.
const message = { expression: "a*b + c", bindings: { a: 2, b: -3, c: 10 } };
const answer = (await (await post(JSON.stringify(message))).json()) as Answer;
console.log(`value ${answer.value.toFixed(1)}`);
for (const [name, gradient] of Object.entries(answer.gradients)) {
  console.log(`${name} ${gradient.toFixed(1)}`);
}

// A mistake: the answer is a problem document.
const response = await post(JSON.stringify({ ...message, expression: "a*b +" }));
if (!response.ok) {
  const { status, title, detail, errors = [] } = (await response.json()) as Problem;
  console.log(`${status} ${title}: ${detail}`);
  for (const fault of errors) console.log(`${fault.pointer}: ${fault.detail}`);
}

// Many at once: a message a line, an answer a line, each as soon as it is there.
const points = [["one", "x**2", 1], ["two", "x**", 2], ["three", "x**2", 3]] as const;
const lines = points.map(([id, expression, x]) => JSON.stringify({ id, expression, bindings: { x } }));
const { body } = await post(lines.join("\n") + "\n", "application/x-ndjson");
const decoder = new TextDecoder();
let text = "";
for await (const piece of body!) {
  const whole = (text + decoder.decode(piece, { stream: true })).split("\n");
  text = whole.pop()!; // what has come of the next line
  for (const line of whole.map((each) => JSON.parse(each) as Line)) {
    // The status says which of the two a line is.
    console.log(line.id, line.status === 200 ? line.result.gradients.x.toFixed(1) : line.problem.detail);
  }
}
