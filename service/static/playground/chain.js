/** The node that was clicked: the chain rule at it, as a sum over those that use it. */

import { byId, element, write } from "./dom.js";
import { factor, name, partial, render } from "./formulas.js";
import { label, short, tex, written } from "./numbers.js";

const MOST = 5; // terms that a formula spells out

/**
 * @param {import("./graph.js").Model} model
 * @param {string} id of the node
 * @param {(id: string) => void} select
 * @param {boolean} hidden whether gradients are to be kept secret
 */
export function showNode(model, id, select, hidden) {
  const node = model.byId.get(id);
  const uses = model.uses.get(id);
  write(byId("node-title"), `Node ${id}`);
  const facts = [
    ["computed as", node.op === "input" ? "an input" : `${node.op}(${node.operands.map(operandText).join(", ")})`],
    ["data", written(node.value)],
    ["grad", hidden ? "yours to find" : written(node.gradient)],
  ];
  byId("node-facts").replaceChildren(...facts.flatMap(
    ([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
  const place = byId("node-formula");
  if (hidden) place.replaceChildren();
  else render(sum(model, node, uses), place);
  byId("node-uses").replaceChildren(...(hidden ? [] : table(model, uses, select)));
}

function operandText(operand) {
  return operand.id ?? operand.name ?? label(operand.constant);
}

/** ∂d/∂e = Σ …: first in symbols, then in numbers. */
function sum(model, node, uses) {
  const { output } = model;
  if (node.id === output) return `${partial(output, output)} = 1`;
  if (uses.length === 0) return `${partial(output, node.id)} = 0`;
  const shown = uses.slice(0, MOST);
  const more = uses.length > MOST ? " + \\cdots" : "";
  const symbols = shown.map(({ user }) => `${partial(output, user.id)} \\cdot ${partial(user.id, node.id)}`);
  const rule = `\\sum_{u \\text{ uses } ${name(node.id)}} ${partial(output, "u")} \\cdot ${partial("u", node.id)}`;
  const spelt = `= ${symbols.join(" + ")}${more}`;
  const lines = uses.length === 1 ? [`${partial(output, node.id)} &= ${rule} ${spelt}`]
    : [`${partial(output, node.id)} &= ${rule}`, `&${spelt}`];
  if (shown.every(({ user, place }) => model.contribution(user, place) !== undefined)) {
    const terms = shown.map(({ user, place }) => `${factor(user.gradient)} \\cdot ${factor(user.partials[place])}`);
    lines.push(`&= ${terms.join(" + ")}${more} = ${tex(node.gradient)}`);
  }
  return `\\begin{aligned}${lines.join(" \\\\ ")}\\end{aligned}`;
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
