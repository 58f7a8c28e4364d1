/** Forward and backward, one step at a time: what is known after each step, and what it did. */

import { byId, set, write } from "./dom.js";
import { symbol } from "./graph.js";
import { label, short } from "./numbers.js";

/**
 * @typedef {Object} Step
 * @property {"forward"|"seed"|"backward"} kind
 * @property {import("./graph.js").GraphNode} node
 * @property {number} [place] of the operand that a backward step goes to
 */

/** @returns {Step[]} values in order, then the seed, then every edge in reverse */
export function stepsOf(model) {
  const forward = model.operations.map((node) => ({ kind: "forward", node }));
  const backward = [...model.operations].reverse().flatMap((node) => node.operands
    .map((operand, place) => ({ kind: "backward", node, place }))
    .filter(({ place }) => node.operands[place].id !== null));
  const output = model.byId.get(model.output);
  return [...forward, { kind: "seed", node: output }, ...backward];
}

/**
 * What is known once `count` steps are done: values, gradients as added up so far, and the
 * contributions of the edges that were walked.
 */
export function known(model, steps, count) {
  const values = new Set(model.nodes.filter((node) => node.op === "input").map((node) => node.id));
  const sums = new Map();
  const walked = new Set();
  const left = new Map(model.nodes.map((node) => [node.id, model.uses.get(node.id).length]));
  for (const { kind, node, place } of steps.slice(0, count)) {
    if (kind === "forward") values.add(node.id);
    else if (kind === "seed") sums.set(node.id, node.gradient);
    else {
      const { id } = node.operands[place];
      walked.add(`${node.id} ${place}`);
      left.set(id, left.get(id) - 1);
      const sent = model.contribution(node, place);
      // Tensors have no partials to add up: their gradient appears with its last contribution.
      if (sent !== undefined) sums.set(id, (sums.get(id) ?? 0) + sent);
      if (left.get(id) === 0) sums.set(id, model.byId.get(id).gradient);
    }
  }
  return { values, sums, walked };
}

/** What a step does, in a sentence. */
export function tell(model, step) {
  const { kind, node, place } = step;
  if (kind === "forward") {
    const operands = node.operands.map((operand) => label(operand.id === null
      ? operand.constant : model.byId.get(operand.id).value));
    const names = node.operands.map((operand) => operand.id ?? operand.name ?? label(operand.constant));
    return `Forward: ${node.id} = ${formula(node.op, names)} = ${formula(node.op, operands)} = ${label(node.value)}`;
  }
  if (kind === "seed") return `Backward begins: the gradient of ${node.id} by itself is 1`;
  const { id } = node.operands[place];
  const sent = model.contribution(node, place);
  if (sent === undefined) return `Backward: ${node.id} sends its share to ${id}`;
  return `Backward: grad of ${id} += grad of ${node.id} × local partial = ${
    short(node.gradient)} · ${bracket(node.partials[place])} = ${short(sent)}`;
}

const INFIX = new Set(["add", "sub", "mul", "div", "pow"]);

function formula(op, names) {
  if (INFIX.has(op) && names.length === 2) return `${names[0]} ${symbol(op)} ${bracket(names[1])}`;
  if (op === "neg") return `−${bracket(names[0])}`;
  return `${op}(${names.join(", ")})`;
}

function bracket(x) {
  const text = typeof x === "number" ? short(x) : x;
  return text.startsWith("−") ? `(${text})` : text;
}

export class Stepper {
  /** @param {(count: ?number) => void} go called with null for "all steps" */
  constructor(go) {
    this.go = go;
    this.slider = byId("step");
    this.steps = [];
    this.timer = null;
    this.slider.addEventListener("input", () => this.set(this.slider.valueAsNumber));
    const buttons = { first: () => 0, back: () => this.count - 1, forward: () => this.count + 1, last: () => Infinity };
    for (const [name, target] of Object.entries(buttons)) {
      byId(`step-${name}`).addEventListener("click", () => { this.pause(); this.set(target()); });
    }
    this.play = byId("step-play");
    this.play.addEventListener("click", () => (this.timer === null ? this.start() : this.pause()));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** Arrow keys step wherever they have nothing better to do. */
  key(event) {
    const here = document.activeElement;
    const ours = here === document.body || byId("stepper").contains(here);
    if (!ours || here === this.slider || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    this.pause();
    this.set(this.count + (event.key === "ArrowRight" ? 1 : -1));
  }

  set(count) {
    if (this.steps.length === 0) return;
    const kept = Math.max(0, Math.min(this.steps.length, count));
    this.go(kept === this.steps.length ? null : kept);
  }

  start() {
    if (this.count === this.steps.length) this.set(0);
    this.timer = setInterval(() => {
      if (this.count >= this.steps.length) this.pause();
      else this.set(this.count + 1);
    }, 900);
    write(this.play, "Pause");
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    write(this.play, "Play");
  }

  /** Show where we are. @returns {?Step} the step that was done last, if not all are done */
  show(model, steps, count) {
    this.steps = steps;
    this.count = Math.min(count ?? steps.length, steps.length);
    const over = this.count === steps.length;
    set(this.slider, { max: steps.length });
    this.slider.value = String(this.count);
    const step = this.count > 0 ? steps[this.count - 1] : null;
    const text = over ? `All ${steps.length} steps done: forward, then backward.`
      : step === null ? "Nothing is computed yet: only the inputs are known." : tell(model, step);
    set(this.slider, { "aria-valuetext": `step ${this.count} of ${steps.length}` });
    write(byId("step-count"), `${this.count} / ${steps.length}`);
    write(byId("step-text"), text);
    byId("step-back").disabled = this.count === 0;
    byId("step-first").disabled = this.count === 0;
    byId("step-forward").disabled = over;
    byId("step-last").disabled = over;
    return over ? null : step;
  }
}

/** The contribution that an edge carries while a step is shown. */
export function carried(model, now, user, place) {
  return now.walked.has(`${user.id} ${place}`) ? model.contribution(user, place) : undefined;
}
