/**
 * The graph as SVG. Built once for a structure; afterwards only texts, widths and classes change,
 * which is what lets it follow a slider.
 */

import { byId, set, svg, write } from "./dom.js";
import { columns, layout } from "./layout.js";
import { label as said, short, size } from "./numbers.js";

const WIDEST = 7; // pixels of the edge that carries most
const EDGE = 60; // pixels beside a node that is followed, for the edge that is walked
const THINNEST = 1.4;
const MARKS = { correct: "✓", carried_forward: "↪", incorrect: "✗" };
const LARGEST = 1.6; // how far a small graph is scaled up
const SMALLEST = 0.74; // how far a large one is scaled down, unless the whole is to be seen

/**
 * @typedef {Object} View what a drawing shows of a model
 * @property {(id: string) => any} value undefined: not known yet
 * @property {(id: string) => any} gradient undefined: not known yet, or hidden
 * @property {(user: Object, place: number) => (number|undefined)} contribution
 * @property {?{user: string, place: ?number, text: string}} walk the edge that is being walked
 * @property {?string} current the node that a step is about
 * @property {?string} selected
 * @property {?Map<string, string>} verdicts by node, in the fill-in mode
 */

export class Drawing {
  /** @param {HTMLElement} figure @param {(id: string) => void} select */
  constructor(figure, select) {
    this.figure = figure;
    this.select = select;
    this.structure = null;
    this.model = null;
    this.values = new Map();
    this.edges = [];
    this.followed = null;
    this.whole = false;
  }

  /** Draw the model, laying it out anew only where its structure or the room for it changed. */
  show(model, view) {
    this.model = model;
    const room = Math.max(280, this.figure.clientWidth);
    const wanted = `${this.whole} ${Math.round(room / 60)} ${model.structure}`;
    if (wanted !== this.structure) {
      this.build(layout(model, room), room);
      this.structure = wanted;
    }
    for (const box of this.values.values()) this.paint(box, view);
    this.weigh(view);
    this.follow(view.current ?? view.selected);
  }

  /** Keep the node that it is about in sight, where the graph is wider than its room. */
  follow(id) {
    if (id === this.followed || !this.values.has(id)) return;
    this.followed = id;
    const box = this.values.get(id).group.getBoundingClientRect();
    const room = this.figure.getBoundingClientRect();
    const over = box.left < room.left || box.right + EDGE > room.right;
    if (over) this.figure.scrollLeft += (box.left + box.right - room.left - room.right) / 2;
  }

  clear() {
    this.structure = null;
    this.figure.replaceChildren();
  }

  build(plan, room) {
    // A graph too wide for its room scrolls inside the figure rather than become illegible.
    const least = this.whole ? 0.1 : SMALLEST;
    const scale = Math.min(LARGEST, Math.max(0.99 * room / plan.width, least));
    byId("whole").hidden = plan.width * SMALLEST <= room;
    const root = svg("svg", {
      viewBox: `0 0 ${plan.width} ${plan.height}`, width: plan.width * scale,
      height: plan.height * scale, role: "group",
      "aria-label": "The graph: a button for each value, in the order they are computed",
    }, markers());
    this.values = new Map();
    this.edges = plan.edges.map((edge) => this.edge(edge));
    const boxes = plan.boxes.map((box) => this.box(box, plan.stacked));
    root.append(...this.edges.map((edge) => edge.path), ...boxes, ...this.edges.map((edge) => edge.text));
    root.addEventListener("keydown", (event) => this.move(event));
    this.figure.replaceChildren(root);
  }

  edge({ user, place, fixed, points }) {
    const middle = points[Math.floor(points.length / 2)];
    return {
      user: user.id,
      place,
      fixed,
      path: svg("path", { class: "edge", d: curve(points), "marker-end": "url(#tip)" }),
      text: svg("text", { class: "partial", x: middle.x, y: middle.y - 15, "text-anchor": "middle" }),
    };
  }

  box(box, stacked) {
    return box.kind === "value" ? this.record(box, stacked) : this.pill(box);
  }

  /** An operation's circle, or a constant. */
  pill({ kind, node, text, x, y, width, height }) {
    const group = svg("g", { ...at(x - width / 2, y - height / 2), class: kind, "aria-hidden": "true" },
      svg("rect", { width, height, rx: height / 2 }), label("symbol", width / 2, height / 2, "middle", text));
    if (kind === "operation") group.addEventListener("click", () => this.choose(node.id));
    return group;
  }

  /** A value's record: a button whose name is what is written in it: name, data, grad, verdict. */
  record(box, stacked) {
    const { node: { id }, x, y, width, height } = box;
    const lines = columns(box, stacked);
    const [first, second] = stacked ? [lines[0], lines[0]] : lines;
    const right = stacked ? [width - 8, width - 8] : [second - 8, width - 8];
    const tops = stacked ? [height * 0.28, height * 0.73] : [height / 2, height / 2];
    const data = label("number", right[0], tops[0], "end");
    const grad = label("number", right[1], tops[1], "end");
    const rules = lines.map((line) => `M${line} 0V${height}`).join("") + (stacked ? `M${first} ${height / 2}H${width}` : "");
    const mark = label("mark", width - 4, -2, "end");
    const group = svg("g", {
      ...at(x - width / 2, y - height / 2), class: "value", role: "button", tabindex: -1, "data-id": id,
      onclick: () => this.choose(id), onfocus: () => this.select(id),
    },
      svg("rect", { class: "body", width, height, rx: 5 }), svg("path", { class: "rule", d: rules }),
      label("name", first / 2, height / 2, "middle", box.text), " ",
      label("word", first + 8, tops[0], "start", "data"), " ", data, " ",
      label("word", second + 8, tops[1], "start", "grad"), " ", grad, " ", mark);
    this.values.set(id, { id, group, data, grad, mark });
    return group;
  }

  choose(id) {
    this.values.get(id)?.group.focus({ preventScroll: true });
    this.select(id);
  }

  paint({ id, group, data, grad, mark }, view) {
    const value = view.value(id);
    const gradient = view.gradient(id);
    const selected = view.selected === id;
    write(data, value === undefined ? "?" : said(value));
    write(grad, gradient === undefined ? "?" : said(gradient));
    set(grad, { class: `number ${gradient === undefined ? "unknown" : sign(gradient)}` });
    const verdict = view.verdicts?.get(id);
    write(mark, MARKS[verdict] ?? "");
    const states = [view.current === id && "current", selected && "selected", verdict,
      value === undefined && "waiting"];
    const op = this.model.byId.get(id).op;
    set(group, {
      class: ["value", op === "input" && "leaf", ...states].filter(Boolean).join(" "),
      "aria-pressed": selected,
      tabindex: selected || (view.selected === null && id === this.model.output) ? 0 : -1,
    });
  }

  /** Widths by size, on a square root so that small ones are still seen; colours by sign. */
  weigh(view) {
    const carried = this.edges.map(({ user, place, fixed }) => {
      if (fixed) return undefined;
      if (place !== null) return view.contribution(this.model.byId.get(user), place);
      const gradient = view.gradient(user);
      return gradient === undefined || Array.isArray(gradient) ? undefined : gradient;
    });
    const most = carried.reduce(
      (largest, x) => (Number.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest), 0);
    this.edges.forEach(({ user, place, path, text }, index) => {
      const x = carried[index];
      const live = view.walk !== null && view.walk.user === user && view.walk.place === place;
      const share = x === undefined || most === 0 ? 0 : Math.sqrt(Math.min(1, size(x) / most));
      const width = Number.isNaN(share) ? THINNEST : THINNEST + (WIDEST - THINNEST) * share;
      set(path, {
        class: `edge ${x === undefined ? "unknown" : sign(x)}${live ? " live" : ""}`,
        "stroke-width": width.toFixed(2),
      });
      write(text, live ? view.walk.text : "");
    });
  }

  /** Arrow keys walk along the edges: left to an operand, right to a user, up and down in order. */
  move(event) {
    const order = this.model.nodes.map((node) => node.id);
    const here = this.model.byId.get(this.focused());
    if (!here) return;
    const index = order.indexOf(here.id);
    const target = {
      ArrowLeft: () => here.operands.find((operand) => operand.id !== null)?.id,
      ArrowRight: () => this.model.uses.get(here.id)[0]?.user.id,
      ArrowUp: () => order[index - 1],
      ArrowDown: () => order[index + 1],
      Home: () => order[0],
      End: () => order.at(-1),
      Enter: () => here.id,
      " ": () => here.id,
    }[event.key]?.();
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.values.get(target)?.group.focus();
    this.select(target);
  }

  focused() {
    for (const { id, group } of this.values.values()) if (group === document.activeElement) return id;
    return null;
  }
}

function sign(x) {
  if (Array.isArray(x)) return "tensor";
  if (Number.isNaN(x)) return "undefined";
  return x > 0 ? "positive" : x < 0 ? "negative" : "zero";
}

/** A smooth path through dagre's points: quadratic pieces between the middles. */
function curve(points) {
  const [first, ...rest] = points;
  let d = `M${pair(first)}`;
  rest.slice(0, -1).forEach((point, index) => {
    const next = rest[index + 1];
    const last = index === rest.length - 2;
    d += `Q${pair(point)} ${pair(last ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  });
  return rest.length === 1 ? `${d}L${pair(rest[0])}` : d;
}

function pair({ x, y }) {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

function at(x, y) {
  return { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` };
}

function label(name, x, y, anchor, text = "") {
  return svg("text", { class: name, x, y, "text-anchor": anchor, "dominant-baseline": "central" }, text);
}

function markers() {
  return svg("defs", {}, svg("marker", {
    id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9,
    markerUnits: "userSpaceOnUse", orient: "auto",
  }, svg("path", { d: "M0 0.5 8 4 0 7.5z", fill: "context-stroke" })));
}

/** The partial on an edge that is walked, as text. */
export function partialText(partial) {
  return `× ${short(partial)}`;
}
