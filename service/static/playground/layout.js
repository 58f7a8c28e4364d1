/** Where everything stands: dagre, left to right as micrograd draws it, on phones from the top down. */

import { Graph, layout as dagre } from "../vendor/dagre-3.1.3.esm.js";
import { label } from "./numbers.js";
import { symbol } from "./graph.js";

const CHARACTER = 7.9; // pixels of one character of the drawing's monospace font
const NAME = 14; // characters of a name that are shown
const ROW = { data: 104, grad: 108, height: 34 };
const STACK = { column: 108, height: 46 };
const MARGIN = 12;
const PHONE = 640; // pixels: a figure narrower than this is on a phone

/**
 * @typedef {Object} Box
 * @property {string} key
 * @property {"value"|"operation"|"constant"} kind
 * @property {import("./graph.js").GraphNode} node the value's node, or the operation's
 * @property {string} text
 * @property {number} x centre @property {number} y @property {number} width @property {number} height
 *
 * @typedef {Object} Edge
 * @property {string} key
 * @property {import("./graph.js").GraphNode} user
 * @property {?number} place the operand's; null from the operation's circle to its value
 * @property {boolean} fixed from a constant: nothing flows back along it
 * @property {Array<{x: number, y: number}>} points
 */

/** A name short enough for a record. */
export function shortName(id) {
  return id.length > NAME ? `${id.slice(0, NAME - 1)}…` : id;
}

/**
 * Lay the model out for a figure of this width: records in a row as micrograd draws them, stacked
 * where a row would have to shrink too much.
 * @param {import("./graph.js").Model} model
 * @returns {{width: number, height: number, boxes: Box[], edges: Edge[], stacked: boolean}}
 */
export function layout(model, width) {
  const rows = arranged(model, false, "LR");
  if (rows.width <= width * 1.08) return rows;
  const stacks = arranged(model, true, "LR");
  if (stacks.width <= width * 1.25 || width > PHONE) return stacks;
  const down = arranged(model, true, "TB");
  return down.width < stacks.width ? down : stacks;
}

function arranged(model, stacked, direction) {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction, nodesep: stacked ? 12 : 16, ranksep: stacked ? 23 : 28, edgesep: 8,
    marginx: MARGIN, marginy: MARGIN,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  const boxes = new Map();
  const links = [];
  const add = (box) => {
    boxes.set(box.key, box);
    graph.setNode(box.key, { width: box.width, height: box.height });
  };
  const link = (from, to, user, place) => {
    const key = `${links.length}`;
    links.push({ key, from, to, user, place, fixed: from.startsWith("constant ") });
    graph.setEdge(from, to, { weight: place === null ? 8 : 1, minlen: 1 }, key);
  };
  for (const node of model.nodes) add(record(node, stacked));
  for (const node of model.operations) {
    const circle = `operation ${node.id}`;
    const text = symbol(node.op);
    const size = Math.max(30, 14 + CHARACTER * text.length);
    add({ key: circle, kind: "operation", node, text, width: size, height: 30 });
    link(circle, `value ${node.id}`, node, null);
    node.operands.forEach((operand, place) => {
      const from = operand.id === null ? `constant ${node.id} ${place}` : `value ${operand.id}`;
      if (operand.id === null) add(constant(from, node, operand));
      link(from, circle, node, place);
    });
  }
  dagre(graph);
  for (const box of boxes.values()) {
    const { x, y } = graph.node(box.key);
    Object.assign(box, { x, y });
  }
  const edges = links.map(({ key, from, to, user, place, fixed }) => ({
    key, user, place, fixed, points: graph.edge(from, to, key).points,
  }));
  const { width, height } = graph.graph();
  const down = direction === "TB";
  if (reversed(boxes, model, down ? "x" : "y")) {
    const turn = ({ x, y }) => (down ? { x: width - x, y } : { x, y: height - y });
    for (const box of boxes.values()) Object.assign(box, turn(box));
    for (const edge of edges) edge.points = edge.points.map(turn);
  }
  return { width, height, boxes: [...boxes.values()], edges, stacked };
}

/** Whether more first operands stand after second ones than before: then the picture is turned over. */
function reversed(boxes, model, axis) {
  let after = 0;
  for (const node of model.operations) {
    const [first, second] = node.operands.map((operand, place) => boxes.get(
      operand.id === null ? `constant ${node.id} ${place}` : `value ${operand.id}`));
    if (second !== undefined) after += Math.sign(first[axis] - second[axis]);
  }
  return after > 0;
}

function record(node, stacked) {
  const text = shortName(node.id);
  const name = Math.max(26, 16 + CHARACTER * [...text].length);
  const size = stacked
    ? { width: name + STACK.column, height: STACK.height }
    : { width: name + ROW.data + ROW.grad, height: ROW.height };
  return { key: `value ${node.id}`, kind: "value", node, text, name, ...size };
}

function constant(key, node, operand) {
  const text = operand.name ?? label(operand.constant);
  return { key, kind: "constant", node, text, width: 14 + CHARACTER * text.length, height: 24 };
}

/** Columns of a record, from its left edge: where its name ends, and where data ends. */
export function columns(box, stacked) {
  return stacked ? [box.name] : [box.name, box.name + ROW.data];
}
