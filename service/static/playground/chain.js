/** The node that was clicked: the chain rule at it, as a sum over those that use it. */

import { byId, element, write } from "./dom.js";
import { factor, name, partial, render } from "./formulas.js";
import { label, short, tex, written } from "./numbers.js";

const MOST = 8; // terms that a formula has in numbers
const SPELT = 2; // and in symbols
const A_LINE = 3; // of them on a line

/**
 * @param {import("./graph.js").Model} model
 * @param {string} id of the node
 * @param {(id: string) => void} select
 * @param {?string} hidden what to say instead of the gradient, where that is not to be told
 */
export function showNode(model, id, select, hidden) {
  const node = model.byId.get(id);
  const uses = model.uses.get(id);
  write(byId("node-title"), `Node ${id}`);
  const facts = [
    ["computed as", node.op === "input" ? "an input" : `${node.op}(${node.operands.map(operandText).join(", ")})`],
    ["data", written(node.value)],
    ["grad", hidden ?? written(node.gradient)],
  ];
  byId("node-facts").replaceChildren(...facts.flatMap(
    ([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
  const place = byId("node-formula");
  if (hidden !== null) place.replaceChildren();
  else render(sum(model, node, uses), place);
  byId("node-uses").replaceChildren(...(hidden !== null ? [] : table(model, uses, select)));
}

function operandText(operand) {
  return operand.id ?? operand.name ?? label(operand.constant);
}

/** ∂d/∂e = Σ …: as a rule, in symbols where that is short, and in numbers. */
function sum(model, node, uses) {
  const { output } = model;
  if (node.id === output) return `${partial(output, output)} = 1`;
  if (uses.length === 0) return `${partial(output, node.id)} = 0`;
  const rule = `${partial(output, node.id)} &= \\sum_{u \\text{ uses } ${name(node.id)}} ${
    partial(output, "u")} \\cdot ${partial("u", node.id)}`;
  const lines = [rule];
  if (uses.length <= SPELT) {
    const terms = uses.map(({ user }) => `${partial(output, user.id)} \\cdot ${partial(user.id, node.id)}`);
    lines.push(`&= ${terms.join(" + ")}`);
  }
  if (uses.every(({ user, place }) => model.contribution(user, place) !== undefined)) {
    const terms = uses.slice(0, MOST).map(
      ({ user, place }) => `${factor(user.gradient)} \\cdot ${factor(user.partials[place])}`);
    if (uses.length > MOST) terms.push("\\cdots");
    lines.push(...rows(terms).map((row, index) => `${index ? "&\\quad {} +" : "&="} ${row}`));
    if (terms.length <= SPELT) lines.push(`${lines.pop()} = ${tex(node.gradient)}`);
    else lines.push(`&= ${tex(node.gradient)}`);
  }
  return `\\begin{aligned}${lines.join(" \\\\ ")}\\end{aligned}`;
}

/** Terms as lines of a few. */
function rows(terms) {
  const count = Math.ceil(terms.length / A_LINE);
  return Array.from({ length: count }, (_, row) => terms.slice(row * A_LINE, (row + 1) * A_LINE).join(" + "));
}

function table(model, uses, select) {
  if (uses.length === 0) return [];
  const head = ["used by", "its gradient", "local partial", "sends back"];
  const rows = uses.map(({ user, place }) => {
    const sent = model.contribution(user, place);
    return element("tr", {},
      element("td", {}, element("button", { type: "button", class: "link", onclick: () => select(user.id) }, user.id),
        ` = ${user.op}`),
      element("td", { class: "figure" }, label(user.gradient)),
      element("td", { class: "figure" }, sent === undefined ? "a tensor's" : short(user.partials[place])),
      element("td", { class: "figure" }, sent === undefined ? "its share" : short(sent)));
  });
  return [element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows))];
}
