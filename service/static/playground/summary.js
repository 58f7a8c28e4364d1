/** A graph too large to draw, in numbers. */

import { element } from "./dom.js";

export const MOST_DRAWN = 200; // values: beyond, neither the layout nor the eye keeps up
export const LONG_TEXT = 2000000; // characters: beyond, a trace is not even asked for

/** Whether a model is small enough to be drawn. */
export function isDrawn(model) {
  return model.nodes.length <= MOST_DRAWN;
}

/**
 * @param {import("./graph.js").Model} model without nodes, if not even a trace was asked for
 * @param {{nodes: number}} [cost]
 */
export function summary(model, cost) {
  const say = (count) => count.toLocaleString("en");
  if (model.nodes.length === 0) {
    return element("p", { class: "summary", role: "status" },
      `${say(cost?.nodes ?? 0)} nodes are too many to look at one by one. The value and the gradients are beside.`);
  }
  const counts = new Map();
  const depths = new Map();
  for (const node of model.nodes) {
    counts.set(node.op, (counts.get(node.op) ?? 0) + 1);
    const below = node.operands.map((operand) => depths.get(operand.id) ?? 0);
    depths.set(node.id, node.op === "input" ? 0 : 1 + Math.max(0, ...below));
  }
  const depth = [...depths.values()].reduce((most, x) => Math.max(most, x), 0);
  const rows = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 12);
  return element("div", { class: "summary", role: "status" },
    element("p", {}, element("strong", {}, `${say(model.nodes.length)} nodes`),
      ` are too many to draw (the most is ${say(MOST_DRAWN)}), so here they are in numbers. `,
      `The longest way from an input to the output has ${say(depth)} operations. `,
      "Values, gradients, curves and the check work as always."),
    element("table", {},
      element("thead", {}, element("tr", {},
        element("th", { scope: "col" }, "operation"), element("th", { scope: "col" }, "nodes"))),
      element("tbody", {}, ...rows.map(([op, count]) => element("tr", {},
        element("td", {}, op), element("td", { class: "figure" }, say(count)))))));
}
