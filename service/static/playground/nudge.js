/**
 * The nudge: the derivative as (f(x + h) − f(x))/h, and its error over h. Large steps miss the
 * curve (truncation), small ones lose digits (rounding): between them lies the bottom of a V.
 */

import { axes, dot, line } from "./curve.js";
import { byId, colour, options, set, write } from "./dom.js";
import { numbers, short } from "./numbers.js";

const STEPS = Array.from({ length: 65 }, (_, index) => -16 + index / 4); // log10 of h
const FOURTHS = Array.from({ length: 16 }, (_, index) => 10 ** (4 * index - 20)); // where axes have marks
const FLOOR = 1e-17; // where a logarithm shows an error of exactly 0

export class Nudge {
  /** @param {(over: string) => void} choose @param {(exponent: number) => void} drag */
  constructor(choose, drag) {
    this.select = byId("nudge-over");
    this.select.addEventListener("change", () => choose(this.select.value));
    this.slider = byId("nudge-h");
    this.slider.addEventListener("input", () => {
      this.exponent = this.slider.valueAsNumber;
      drag(this.exponent);
      this.redraw();
    });
    this.figure = byId("nudge-figure");
    this.key = null;
  }

  /** One request: f at x, and at x + h and x − h for every h. */
  request({ message, bindings, scalars, over, gradient, exponent }) {
    options(this.select, scalars, over);
    this.exponent = exponent;
    this.slider.value = String(exponent);
    this.over = over;
    if (over === null) return null;
    const x = bindings[over];
    const key = JSON.stringify([message, bindings, over, gradient]);
    if (key === this.key) {
      this.redraw();
      return null;
    }
    const hs = STEPS.map((step) => 10 ** step);
    const points = [x, ...hs.map((h) => x + h), ...hs.map((h) => x - h)];
    return {
      path: "/evaluate",
      message: { ...message, bindings: { ...bindings, [over]: points }, map: [over] },
      done: (answer) => {
        this.key = key;
        const values = spread(numbers(Object.values(answer.values)[0]), points.length);
        this.compute(hs, values, numbers(gradient));
        this.draw();
      },
    };
  }

  compute(hs, values, exact) {
    const count = hs.length;
    this.exact = exact;
    this.forward = hs.map((h, index) => (values[1 + index] - values[0]) / h);
    this.central = hs.map((h, index) => (values[1 + index] - values[1 + count + index]) / (2 * h));
    const error = (estimates) => estimates.map((estimate) => {
      const wrong = Math.abs(estimate - exact);
      return Number.isFinite(wrong) ? Math.max(FLOOR, wrong) : null;
    });
    this.data = [hs, error(this.forward), error(this.central)];
  }

  clear(text) {
    this.key = null;
    this.data = null;
    this.plot?.destroy();
    this.plot = null;
    write(byId("nudge-text"), text);
    this.verdict(null);
  }

  /** What the service's own check says, which believes no single h. */
  verdict(check) {
    const place = byId("nudge-verdict");
    const found = check?.inputs?.[this.over];
    set(place, { class: `verdict ${found?.verdict ?? ""}` });
    const reason = found?.reason ? `: ${found.reason}` : "";
    write(place, found ? `The service's check: ${found.verdict}${reason}` : "");
  }

  /** The check of this input's derivative, by extrapolation over many h. */
  checkRequest({ message, bindings, over }) {
    if (over === null) return null;
    return {
      path: "/gradient",
      message: { ...message, bindings, wrt: [over], check: true },
      done: (answer) => this.verdict(answer.check),
    };
  }

  draw() {
    const theme = colour("--ink");
    const width = Math.max(240, this.figure.clientWidth);
    if (this.plot && this.theme === theme && this.plot.width === width) this.plot.setData(this.data);
    else {
      this.plot?.destroy();
      this.theme = theme;
      this.plot = new globalThis.uPlot(this.settings(width), this.data, this.figure);
    }
    this.tell();
  }

  redraw() {
    if (!this.plot) return;
    if (this.theme !== colour("--ink") || this.plot.width !== Math.max(240, this.figure.clientWidth)) this.draw();
    else this.plot.redraw(false, false);
    this.tell();
  }

  nearest() {
    return STEPS.reduce((best, step, index) => (
      Math.abs(step - this.exponent) < Math.abs(STEPS[best] - this.exponent) ? index : best), 0);
  }

  tell() {
    const index = this.nearest();
    const wrong = Math.abs(this.forward[index] - this.exact);
    const best = this.data[1].reduce((least, x, place, all) => ((x ?? 1 / 0) < (all[least] ?? 1 / 0) ? place : least), 0);
    const flat = this.data[1].every((x) => x !== null && x < 1e-12);
    const hopeless = (this.data[1][best] ?? 1) > 1e-3 * Math.max(1, Math.abs(this.exact));
    const why = hopeless ? "No h comes near: the slope that is nudged is another one than the exact."
      : flat ? "A straight line: almost every h will do."
      : index > best + 1 ? "Truncation rules: the curve bends within h."
        : index < best - 1 ? "Rounding rules: the two values share most of their digits." : "Near the bottom of the V.";
    write(byId("nudge-text"), `h = ${short(10 ** STEPS[index], 3)}: (f(${this.over} + h) − f(${this.over}))/h = ${
      short(this.forward[index], 8)}, exact ${short(this.exact, 8)}, off by ${short(wrong, 3)}. ${why}`);
    set(this.slider, { "aria-valuetext": `h = ${short(10 ** this.exponent, 3)}` });
  }

  settings(width) {
    const power = (_, marks) => marks.map((x) => `1e${Math.round(Math.log10(x))}`);
    const decades = (plot, axis, low, high) => FOURTHS.filter((x) => x >= low && x <= high);
    const range = (_, low, high) => [10 ** Math.floor(Math.log10(Math.max(FLOOR, low))), 10 ** Math.ceil(Math.log10(Math.max(high, 1e-14)))];
    const [across, up] = axes(["h", "error"]);
    return {
      width,
      pxAlign: false,
      height: Math.round(Math.min(340, Math.max(230, width * 0.5))),
      legend: { show: false },
      cursor: { y: false },
      scales: { x: { time: false, distr: 3 }, y: { distr: 3, range } },
      axes: [{ ...across, values: power, splits: decades, filter: all },
        { ...up, values: power, splits: decades, filter: all }],
      series: [{},
        { label: "forward", stroke: colour("--value"), width: 2.5 },
        { label: "central", stroke: colour("--slope"), width: 2, dash: [7, 5] }],
      hooks: { draw: [(plot) => this.mark(plot)] },
    };
  }

  mark(plot) {
    const index = this.nearest();
    const { ctx, bbox } = plot;
    const x = plot.valToPos(this.data[0][index], "x", true);
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeStyle = colour("--faint");
    line(ctx, [x, bbox.top], [x, bbox.top + bbox.height]);
    [["--value", 1], ["--slope", 2]].forEach(([name, series]) => {
      const error = this.data[series][index];
      if (error !== null) dot(ctx, x, plot.valToPos(error, "y", true), colour(name));
    });
    ctx.restore();
  }
}

/** uPlot leaves out marks of a logarithm that it did not choose itself. */
function all(_, marks) {
  return marks;
}

/** A function that does not depend on the input answers with one number. */
function spread(values, length) {
  return Array.isArray(values) ? values : Array.from({ length }, () => values);
}
