/**
 * What the page shows, and the same as a URL fragment. A fragment may come from anywhere, so each
 * part is taken only if it makes sense.
 */

export const PANELS = ["curve", "surface", "nudge", "formula", "request"];
const MODES = ["see", "fill"];
const LONGEST = 8000; // characters of a link; longer functions stay out of the address
const MOST = 1000; // numbers of one input

/**
 * @typedef {Object} State
 * @property {string} text an expression, or JSON
 * @property {Object<string, any>} values by input: a number or nested lists
 * @property {Object<string, [number, number]>} ranges of sliders
 * @property {?string} node the one that is looked at
 * @property {?string} over the input under the curve and the nudge
 * @property {string[]} across the two inputs under the surface
 * @property {string} panel
 * @property {?number} step null: everything is shown
 * @property {string} mode
 * @property {number} nudge log10 of h
 */

/** A dictionary of callers' names, among which `__proto__` is a name like any other. */
export function named(entries) {
  return Object.assign(Object.create(null), entries);
}

/** @returns {State} */
export function initial() {
  return {
    text: "", values: named({}), ranges: named({}), node: null, over: null, across: [],
    panel: "curve", step: null, mode: "see", nudge: -5,
  };
}

/** The fragment for a state, without the `#`; empty if it would be too long to be a link. */
export function toFragment(state) {
  if (state.text.length > LONGEST) return "";
  const parts = new URLSearchParams();
  parts.set("f", state.text);
  parts.set("v", JSON.stringify(state.values));
  if (Object.keys(state.ranges).length) parts.set("r", JSON.stringify(state.ranges));
  for (const [key, value] of [["node", state.node], ["over", state.over], ["step", state.step]]) {
    if (value !== null) parts.set(key, String(value));
  }
  if (state.across.length === 2) parts.set("across", JSON.stringify(state.across));
  if (state.panel !== "curve") parts.set("panel", state.panel);
  if (state.mode !== "see") parts.set("mode", state.mode);
  if (state.nudge !== -5) parts.set("h", String(state.nudge));
  const text = parts.toString();
  return text.length > LONGEST ? "" : text;
}

/**
 * Read a fragment. `dropped` says whether some of it made no sense.
 * @returns {{state: ?State, dropped: boolean}} state is null where there is no function in it
 */
export function fromFragment(fragment) {
  if (!fragment) return { state: null, dropped: false };
  const parts = new URLSearchParams(fragment);
  const state = initial();
  let dropped = false;
  const take = (key, read, keep) => {
    if (!parts.has(key)) return;
    const value = read(parts.get(key));
    if (value === undefined) dropped = true;
    else keep(value);
  };
  const one = (allowed) => (text) => (allowed.includes(text) ? text : undefined);
  take("f", (text) => text, (text) => { state.text = text; });
  take("v", (text) => values(json(text)), (found) => {
    state.values = found.kept;
    dropped ||= found.dropped;
  });
  take("r", (text) => ranges(json(text)), (found) => { state.ranges = found; });
  take("node", (text) => text, (text) => { state.node = text; });
  take("over", (text) => text, (text) => { state.over = text; });
  take("across", (text) => pair(json(text)), (found) => { state.across = found; });
  take("step", whole, (found) => { state.step = found; });
  take("panel", one(PANELS), (found) => { state.panel = found; });
  take("mode", one(MODES), (found) => { state.mode = found; });
  take("h", exponent, (found) => { state.nudge = found; });
  if (state.text.trim() === "") return { state: null, dropped: true };
  return { state, dropped };
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function plain(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Numbers, and nested lists of not too many of them. */
export function isValue(value) {
  if (Array.isArray(value)) {
    const flat = value.flat(8);
    return flat.length <= MOST && flat.every((x) => typeof x === "number" && Number.isFinite(x));
  }
  return typeof value === "number" && Number.isFinite(value);
}

function values(found) {
  if (!plain(found)) return undefined;
  const all = Object.entries(found);
  const kept = all.filter(([, value]) => isValue(value));
  return { kept: named(Object.fromEntries(kept)), dropped: kept.length < all.length };
}

function ranges(found) {
  if (!plain(found)) return undefined;
  const good = ([, range]) => Array.isArray(range) && range.length === 2
    && range.every(Number.isFinite) && range[0] < range[1];
  return named(Object.fromEntries(Object.entries(found).filter(good)));
}

function pair(found) {
  const good = Array.isArray(found) && found.length === 2
    && found.every((name) => typeof name === "string");
  return good ? found : undefined;
}

function whole(text) {
  return /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

function exponent(text) {
  const value = Number(text);
  return text !== "" && value >= -16 && value <= 0 ? value : undefined;
}
