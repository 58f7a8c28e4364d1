/** The traced answer of POST /gradient as a graph that can be drawn, stepped through and explained. */

import { numbers, product } from "./numbers.js";

const KNOWN = { pi: Math.PI, e: Math.E, inf: Infinity, nan: NaN };

/**
 * @typedef {Object} Operand
 * @property {?string} id of a node; null for a constant
 * @property {any} constant
 *
 * @typedef {Object} GraphNode
 * @property {string} id
 * @property {string} op "input", or an operation's name
 * @property {Operand[]} operands
 * @property {any} value
 * @property {any} gradient
 * @property {?number[]} partials local partials, of scalar operations only
 *
 * @typedef {Object} Use one use of a node: `user`'s operand number `place`
 * @property {GraphNode} user
 * @property {number} place
 */

export class Model {
  /** @param {GraphNode[]} nodes in the order they were evaluated, inputs first */
  constructor(nodes) {
    this.all = nodes;
    this.byId = new Map(nodes.map((node) => [node.id, node]));
    /** @type {Map<string, Use[]>} */
    this.uses = new Map(nodes.map((node) => [node.id, []]));
    for (const user of nodes) {
      user.operands.forEach((operand, place) => {
        if (operand.id !== null) this.uses.get(operand.id).push({ user, place });
      });
    }
    const last = nodes.at(-1);
    this.output = last && last.op === "input"
      ? nodes.find((node) => node.gradient === 1)?.id ?? last.id
      : last?.id ?? null;
    /** Inputs that nothing uses are not drawn. */
    this.nodes = nodes.filter((node) => node.id === this.output || this.uses.get(node.id).length > 0
      || node.op !== "input");
    this.operations = this.nodes.filter((node) => node.op !== "input");
    /** What a layout depends on: names and links, not numbers. */
    this.structure = JSON.stringify(this.nodes.map((node) => [node.id, node.op, node.operands]));
  }

  /** What node `user` sends back to its operand `place`: adjoint times local partial. */
  contribution(user, place) {
    if (user.partials === null || Array.isArray(user.gradient)) return undefined;
    const partial = user.partials[place];
    return typeof partial === "number" ? product(user.gradient, partial) : undefined;
  }

  isScalar(id) {
    return !Array.isArray(this.byId.get(id)?.value);
  }
}

/**
 * Build the model. Answers list inputs as nodes with the operation "input"; one that does not is
 * understood too.
 * @param {Object} answer of POST /gradient with `"include": ["nodes"]`
 * @param {Object<string, any>} bindings
 */
export function modelOf(answer, bindings) {
  const listed = answer.nodes.map((node) => ({ ...node, args: node.args ?? [] }));
  const known = new Set(listed.map((node) => node.id));
  const inputs = [];
  for (const node of listed) {
    for (const name of node.args) {
      if (typeof name !== "string" || known.has(name) || !Object.hasOwn(bindings, name)) continue;
      known.add(name);
      inputs.push({ id: name, op: "input", args: [], value: bindings[name], gradient: answer.gradients[name] });
    }
  }
  return new Model([...inputs, ...listed].map((node) => ({
    id: node.id,
    op: node.op,
    operands: node.args.map((argument) => operandOf(argument, known)),
    value: numbers(node.value),
    gradient: numbers(node.gradient),
    partials: node.partials ? numbers(node.partials) : null,
  })));
}

function operandOf(argument, known) {
  if (typeof argument === "string" && known.has(argument)) return { id: argument, constant: null };
  const constant = typeof argument === "string" ? KNOWN[argument] ?? argument : argument;
  return { id: null, constant, name: typeof argument === "string" ? argument : null };
}

const SYMBOLS = {
  add: "+", sub: "−", mul: "×", div: "÷", pow: "^", neg: "−", matmul: "@", reciprocal: "1/x",
  square: "x²", sqrt: "√", gt: ">", ge: "≥", lt: "<", le: "≤", eq: "=", ne: "≠", identity: "=",
  maximum: "max", minimum: "min",
};

/** How an operation is written in its circle. */
export function symbol(op) {
  return SYMBOLS[op] ?? op;
}
