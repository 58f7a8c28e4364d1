/**
 * The service from Google Sheets: paste this into Extensions > Apps Script, and set the script
 * property GRADIENT_URL to an address of the service that Google's servers can reach. Then
 * =GRADIENT("a*b + c", A1:A3, B1:B3) is the value and, below it, the gradient at the names in A1:A3.
 */
function post_(body, type) {
  const base = PropertiesService.getScriptProperties().getProperty("GRADIENT_URL");
  return UrlFetchApp.fetch(`${base || "http://127.0.0.1:8000"}/gradient`, {
    method: "post", contentType: type, payload: body, muteHttpExceptions: true,
  });
}

/** @customfunction */
function GRADIENT(expression, names, values) {
  const column = (range) => [range].flat(2);
  const bindings = Object.fromEntries(column(names).map((name, i) => [name, column(values)[i]]));
  const response = post_(JSON.stringify({ expression, bindings }), "application/json");
  const answer = JSON.parse(response.getContentText());
  if (response.getResponseCode() !== 200) { // a problem document; Sheets shows what is thrown
    const faults = (answer.errors || []).map((fault) => `\n${fault.pointer}: ${fault.detail}`);
    throw new Error(`${answer.status} ${answer.title}: ${answer.detail}${faults.join("")}`);
  }
  return [answer.value, ...column(names).map((name) => answer.gradients[name])].map((cell) => [cell]);
}

/**
 * The slope of a function of x at each cell of a range, in one request: a message a line.
 * @customfunction
 */
function SLOPES(expression, points) {
  const lines = [points].flat(2).map((x) => JSON.stringify({ expression, bindings: { x } }) + "\n");
  const answers = post_(lines.join(""), "application/x-ndjson").getContentText().trim().split("\n");
  return answers.map((line) => JSON.parse(line))
    .map(({ result, problem }) => [problem ? `#${problem.detail}` : result.gradients.x]);
}

/** What the other clients print, in the log. */
function demo() {
  const [names, values] = [[["a"], ["b"], ["c"]], [[2], [-3], [10]]];
  const cells = GRADIENT("a*b + c", names, values);
  ["value", "a", "b", "c"].forEach((name, i) => console.log(`${name} ${cells[i][0].toFixed(1)}`));
  try {
    GRADIENT("a*b +", names, values);
  } catch (error) {
    console.log(error.message);
  }
  const shown = [["one", "x**2", 1], ["two", "x**", 2], ["three", "x**2", 3]];
  for (const [id, expression, x] of shown) {
    const [[slope]] = SLOPES(expression, x);
    console.log(`${id} ${typeof slope === "number" ? slope.toFixed(1) : slope.slice(1)}`);
  }
}
