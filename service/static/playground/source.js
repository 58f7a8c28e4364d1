/** What was typed, as the members of a request: an expression, or a graph in JSON. */

const CONSTANTS = new Set(["pi", "e", "inf", "nan", "true", "false"]);
const WORD = /"[^"]*"|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|([\p{L}_][\p{L}\p{M}\p{N}_]*)/gu;
const MEMBERS = ["graph", "expression", "mathjson", "output"];

/**
 * @typedef {Object} Source
 * @property {Object} message the function's members of a request
 * @property {string[]} names inputs, in the order of their first use
 * @property {Object} bindings those that a pasted message brings along
 * @property {string} pointer what the text is in the request: errors about `/expression` lie in it
 * @property {?string} fault why it is no function
 */

/** @returns {Source} */
export function read(text) {
  if (/^\s*[[{]/.test(text)) return readJson(text);
  return { message: { expression: text }, names: namesOf(text), bindings: {}, pointer: "/expression", fault: null };
}

/** Names that an expression uses and does not define: not called, not given a meaning by `=`. */
export function namesOf(expression) {
  const used = new Set();
  const defined = new Set();
  for (const match of expression.matchAll(WORD)) {
    const name = match[1];
    if (name === undefined) continue;
    const after = expression.slice(match.index + name.length).match(/^[ \t]*(.?.?)/su)[1];
    if (after.startsWith("(")) continue;
    if (after.startsWith("=") && after !== "==") defined.add(name);
    else used.add(name);
  }
  return [...used].filter((name) => !defined.has(name) && !CONSTANTS.has(name));
}

function readJson(text) {
  const source = { message: {}, names: [], bindings: {}, pointer: "", fault: null };
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return { ...source, fault: `This is not JSON yet: ${error.message}` };
  }
  if (Array.isArray(found)) return { ...source, fault: "A graph is an object: {\"nodes\": […]}." };
  // A bare graph is as welcome as a whole request.
  const bare = "nodes" in found || "columns" in found;
  const message = bare ? { graph: found } : found;
  const kept = MEMBERS.filter((name) => name in message);
  source.message = Object.fromEntries(kept.map((name) => [name, message[name]]));
  source.pointer = bare ? "/graph" : "";
  if (kept.length === 0) return { ...source, fault: "There is no \"graph\" and no \"expression\" in it." };
  if (typeof message.bindings === "object" && message.bindings !== null) source.bindings = message.bindings;
  const names = typeof message.expression === "string"
    ? namesOf(message.expression) : inputsOf(message.graph);
  source.names = [...new Set([...names, ...Object.keys(source.bindings)])];
  return source;
}

/** Operands that no node defines. Nodes written in place are walked with a list, not by recursion. */
function inputsOf(graph) {
  if (Array.isArray(graph?.columns?.inputs)) return graph.columns.inputs.filter(isText);
  const waiting = Array.isArray(graph?.nodes) ? [...graph.nodes].reverse() : [];
  const defined = new Set();
  const used = new Set();
  while (waiting.length) {
    const node = waiting.pop();
    if (isText(node)) used.add(node);
    if (typeof node !== "object" || node === null || Array.isArray(node)) continue;
    if (isText(node.id)) defined.add(node.id);
    if (Array.isArray(node.args)) waiting.push(...[...node.args].reverse());
  }
  return [...used].filter((name) => !defined.has(name));
}

function isText(value) {
  return typeof value === "string";
}
