/** The page: what is typed and moved goes to the service, and what it answers is drawn. */

import { Lane } from "./api.js";
import { showNode } from "./chain.js";
import { Copying, toClipboard } from "./copying.js";
import { Curve } from "./curve.js";
import { Derived } from "./derived.js";
import { byId, element, set, write } from "./dom.js";
import { Drawing } from "./drawing.js";
import { Editor } from "./editor.js";
import { Fill } from "./fill.js";
import { GALLERY } from "./gallery.js";
import { modelOf } from "./graph.js";
import { Inputs } from "./inputs.js";
import { Nudge } from "./nudge.js";
import { label, number, short } from "./numbers.js";
import { Panels } from "./panels.js";
import { read } from "./source.js";
import { PANELS, fromFragment, initial, isValue, named, toFragment } from "./state.js";
import { Stepper, stepsOf } from "./stepper.js";
import { isDrawn, LONG_TEXT, summary } from "./summary.js";
import { Surface } from "./surface.js";
import { complete, hidden, stepped, subject } from "./views.js";

let state = initial();
let source = read("");
let model = null;
let answer = null;
let bindings = {};
let steps = [];
let remembered = null;
let refusal = null;
let large = null; // the text of a function too large to draw
const PAUSE = 350; // milliseconds of quiet before half-typed text is found fault with

const lane = new Lane((trouble) => {
  byId("gone").hidden = trouble === null;
  write(byId("gone"), trouble ?? "");
});
const editor = new Editor((text) => typed(text));
const inputs = new Inputs((name, value) => {
  state.values[name] = value;
  refresh();
});
const drawing = new Drawing(byId("figure"), (id) => select(id));
const stepper = new Stepper((count) => {
  state = { ...state, step: count, node: null }; // the steps say which node it is about
  paint();
});
const over = (name) => { state.over = name; paintPanel(); };
const curve = new Curve(over);
const nudge = new Nudge(over, (exponent) => { state.nudge = exponent; remember(); });
const surface = new Surface((pair) => { state.across = pair; paintPanel(); }, (values) => {
  Object.assign(state.values, values);
  refresh();
});
const derived = new Derived();
const copying = new Copying();
const panels = new Panels(PANELS, (name) => { state.panel = name; paintPanel(); });
const fill = new Fill((claims) => grade(claims), (id) => select(id));

/** New text: values that it brings along count, the choices of the old text do not. */
function typed(text) {
  state = { ...state, text, node: null, step: null };
  byId("gallery").value = "-1";
  write(byId("note"), "");
  const { bindings: given } = read(text);
  for (const [name, value] of Object.entries(given)) if (isValue(value)) state.values[name] = value;
  refresh({ interrupt: true });
}

function select(id) {
  if (state.node === id) return;
  state.node = id;
  paint();
}

/** Ask for the picture of the state as it is now. */
function refresh({ interrupt = false } = {}) {
  source = read(state.text);
  if (source.fault !== null) {
    lane.forget("trace");
    refused({ message: source.fault, errors: [] });
    return;
  }
  bindings = Inputs.complete(source.names, { ...source.bindings, ...state.values });
  inputs.show(source.names, bindings, state.ranges);
  // A graph that was too large to draw is not traced again for every move of a slider.
  const { text } = state;
  const trace = text.length < LONG_TEXT && text !== large;
  const asked = bindings;
  lane.ask({
    kind: "trace",
    path: "/gradient",
    message: { ...source.message, bindings, include: trace ? ["nodes"] : ["cost"] },
    interrupt,
    done: (found) => {
      answer = found;
      if (trace || text !== large) model = modelOf({ nodes: [], ...found }, asked);
      large = trace && isDrawn(model) ? null : text;
      arrived();
    },
    failed: refused,
  });
  remember();
}

/** An answer is here. */
function arrived() {
  clearTimeout(refusal);
  editor.clear();
  byId("stale").hidden = true;
  byId("picture").classList.remove("stale");
  steps = isDrawn(model) ? stepsOf(model) : [];
  if (state.node !== null && !model.byId.has(state.node)) state.node = null;
  write(byId("value"), short(number(answer.value), 6));
  const named = model.output !== null && !model.output.startsWith("%");
  write(byId("output-name"), named ? model.output : "value");
  warn(answer.warnings);
  paint();
  paintPanel();
}

function warn(warnings) {
  byId("warnings").replaceChildren(...warnings.slice(0, 3).map((one) => element("li", {}, one.detail)));
  byId("warnings").hidden = warnings.length === 0;
}

/** The picture stays, faded: it is of the last function that meant something. */
function refused(problem) {
  const errors = problem.errors.length ? problem.errors : [{ detail: problem.message }];
  clearTimeout(refusal);
  refusal = setTimeout(() => {
    editor.show(errors, source.pointer);
    byId("picture").classList.add("stale");
    byId("stale").hidden = model === null;
    warn([]);
  }, PAUSE);
}

/** Draw what is known, without asking anybody. */
function paint() {
  const filling = state.mode === "fill";
  const drawn = model.nodes.length > 0 && isDrawn(model);
  byId("fill").hidden = !(filling && drawn);
  byId("stepper").hidden = filling || !drawn;
  byId("about").hidden = filling;
  for (const name of ["see", "fill"]) set(byId(`mode-${name}`), { "aria-pressed": state.mode === name });
  inputs.gradients(filling ? () => undefined : numberOf);
  byId("legend").hidden = filling || !drawn;
  if (drawn) paintGraph(filling);
  else {
    drawing.clear();
    byId("whole").hidden = true;
    byId("figure").replaceChildren(summary(model, answer.cost));
    byId("node").hidden = true;
  }
  remember();
}

function numberOf(name) {
  const gradient = answer.gradients[name];
  return typeof gradient === "string" ? number(gradient) : gradient;
}

function paintGraph(filling) {
  const step = stepper.show(model, steps, filling ? null : state.step);
  if (filling) fill.show(model);
  const stepping = !filling && stepper.count < steps.length;
  const looked = state.node ?? subject(step) ?? mostUsed();
  const view = filling ? hidden(model, looked, fill.verdicts)
    : stepping ? stepped(model, steps, stepper.count, step, looked) : complete(model, looked);
  drawing.show(model, view);
  if (stepping) inputs.gradients(view.gradient);
  byId("node").hidden = false;
  showNode(model, looked, select, filling ? "yours to find" : stepping ? soFar(looked, view) : null);
}

/** What is known of a gradient while it is still added up; null once it is complete. */
function soFar(id, view) {
  const known = view.gradient(id);
  if (known === undefined) return "not known yet";
  return label(known) === label(model.byId.get(id).gradient) ? null : `${label(known)} so far`;
}

/** The input whose chain rule has most to tell. */
function mostUsed() {
  const count = (node) => model.uses.get(node.id).length;
  return model.nodes.reduce((best, node) => (node.op === "input" && count(node) > count(best) ? node : best)).id;
}

/** Everything that the panel in front has to ask. */
function paintPanel() {
  panels.show(state.panel);
  if (model === null || state.mode === "fill") return;
  const scalars = source.names.filter((name) => typeof bindings[name] === "number");
  if (!scalars.includes(state.over)) state.over = scalars[0] ?? null;
  state.across = state.across.length === 2 && state.across.every((name) => scalars.includes(name))
    ? state.across : scalars.slice(0, 2).length === 2 ? scalars.slice(0, 2) : [];
  const context = {
    message: source.message, names: source.names, output: byId("output-name").textContent, bindings, scalars, over: state.over, across: state.across,
    ranges: state.ranges, value: answer.value, gradient: answer.gradients[state.over], exponent: state.nudge,
  };
  copying.show({ ...source.message, bindings, include: ["nodes"] });
  const panel = { curve, surface, nudge, formula: derived }[state.panel];
  if (!panel) return;
  ask("panel", panel.request(context), (problem) => panel.clear(problem.message));
  if (panel === nudge) ask("check", nudge.checkRequest(context), () => nudge.verdict(null));
  if (panel === surface) ask("check", surface.hessianRequest(context), () => byId("hessian").replaceChildren());
  if (state.over === null && (panel === curve || panel === nudge)) panel.clear("There is no input that is one number.");
  remember();
}

function ask(kind, request, failed) {
  if (request === null) lane.forget(kind);
  else lane.ask({ kind, failed, ...request });
}

function grade(claims) {
  lane.ask({
    kind: "grade",
    path: "/grade",
    message: { ...source.message, bindings, claims: { nodes: claims } },
    done: (found) => { fill.judge(found); paint(); },
    failed: (problem) => write(byId("fill-summary"), problem.message),
  });
}

/** The address follows the state, a little behind: browsers limit how often it may change. */
function remember() {
  clearTimeout(remembered);
  remembered = setTimeout(() => {
    const fragment = toFragment(state);
    history.replaceState(null, "", fragment === "" ? location.pathname : `#${fragment}`);
  }, 250);
}

function show(item) {
  state = { ...initial(), panel: state.panel, ...structuredClone(item), mode: item.mode ?? state.mode };
  state.values = named(state.values);
  state.ranges = named(state.ranges);
  write(byId("note"), item.note ?? "");
  editor.put(state.text);
  refresh({ interrupt: true });
}

/** Begin with the link's state, or with the first function of the gallery. */
function begin() {
  const { state: found, dropped } = fromFragment(location.hash.slice(1));
  byId("notice").hidden = !dropped;
  write(byId("notice"), dropped ? "Parts of this link made no sense and were left out." : "");
  const known = GALLERY.findIndex((item) => item.text === found?.text);
  byId("gallery").value = String(found ? known : 0);
  if (found === null) return show(pick(GALLERY[0]));
  return show({ ...found, note: GALLERY[known]?.note });
}

/** The parts of a gallery's row that are state. */
function pick({ name, ...item }) {
  return item;
}

byId("gallery").append(...GALLERY.map((item, index) => element("option", { value: index }, item.name)),
  element("option", { value: -1, hidden: true }, "(your own)"));
byId("gallery").addEventListener("change", (event) => show(pick(GALLERY[Number(event.target.value)])));
for (const mode of ["see", "fill"]) {
  byId(`mode-${mode}`).addEventListener("click", () => {
    state = { ...state, mode, step: null };
    if (model !== null) { paint(); paintPanel(); }
  });
}
byId("whole").addEventListener("click", () => {
  drawing.whole = !drawing.whole;
  set(byId("whole"), { "aria-pressed": drawing.whole });
  paint();
});
byId("link").addEventListener("click", async () => {
  const fragment = toFragment(state);
  const address = `${location.origin}${location.pathname}#${fragment}`;
  history.replaceState(null, "", `#${fragment}`);
  const copied = fragment !== "" && await toClipboard(address);
  write(byId("link-said"), fragment === "" ? "The function is too long for a link." : copied ? "Link copied." : "The link is in the address bar.");
});
const again = () => { if (model !== null && answer !== null) { paint(); paintPanel(); } };
new ResizeObserver(again).observe(byId("figure"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
window.addEventListener("hashchange", () => { if (location.hash.slice(1) !== toFragment(state)) begin(); });
globalThis.playground = { lane }; // for the curious, and for measurements
begin();
