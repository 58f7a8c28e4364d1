/** The output and its slope over one input: one request with `map`. */

import { byId, colour, options, write } from "./dom.js";
import { rangeOf } from "./inputs.js";
import { number, numbers, short } from "./numbers.js";

const POINTS = 161;

export class Curve {
  constructor(choose) {
    this.select = byId("curve-over");
    this.select.addEventListener("change", () => choose(this.select.value));
    this.figure = byId("curve-figure");
    this.key = null;
  }

  /** The request, or null where what is drawn already is still right. */
  request({ message, bindings, scalars, over, ranges, value, gradient }) {
    options(this.select, scalars, over);
    this.here = [number(value), number(gradient)];
    this.at = bindings[over];
    this.over = over;
    if (over === null) return null;
    const [low, high] = rangeOf(this.at, ranges[over]);
    const others = { ...bindings, [over]: null };
    const key = JSON.stringify([message, others, over, low, high]);
    if (key === this.key) {
      this.redraw();
      return null;
    }
    const xs = Array.from({ length: POINTS }, (_, index) => low + (high - low) * index / (POINTS - 1));
    return {
      path: "/gradient",
      message: { ...message, bindings: { ...bindings, [over]: xs }, map: [over], wrt: [over] },
      done: (answer) => {
        this.key = key;
        this.data = [xs, finite(answer.value, POINTS), finite(answer.gradients[over], POINTS)];
        this.draw();
      },
    };
  }

  clear(text) {
    this.key = null;
    this.data = null;
    this.plot?.destroy();
    this.plot = null;
    write(byId("curve-text"), text);
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

  tell() {
    const [value, slope] = this.here;
    write(byId("curve-text"), `At ${this.over} = ${short(this.at)} the value is ${short(value)} and the slope ${short(slope)}.`);
  }

  settings(width) {
    return {
      width,
      pxAlign: false,
      height: Math.round(Math.min(340, Math.max(220, width * 0.5))),
      legend: { show: false },
      cursor: { y: false },
      scales: { x: { time: false } },
      axes: axes(["", ""]),
      series: [{},
        { label: "value", stroke: colour("--value"), width: 2.5 },
        { label: "slope", stroke: colour("--slope"), width: 2, dash: [7, 5] }],
      hooks: { draw: [(plot) => this.mark(plot)] },
    };
  }

  /** The point, its tangent, and the slope below or above it. */
  mark(plot) {
    const [value, slope] = this.here;
    const { ctx, bbox } = plot;
    const x = plot.valToPos(this.at, "x", true);
    const y = plot.valToPos(value, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeStyle = colour("--faint");
    line(ctx, [x, bbox.top], [x, bbox.top + bbox.height]);
    const ends = plot.scales.x;
    const reach = (ends.max - ends.min) * 0.12;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.strokeStyle = colour("--ink");
    line(ctx, ...[-reach, reach].map((dx) => [
      plot.valToPos(this.at + dx, "x", true), plot.valToPos(value + slope * dx, "y", true)]));
    dot(ctx, x, y, colour("--value"));
    dot(ctx, x, plot.valToPos(slope, "y", true), colour("--slope"));
    ctx.restore();
  }
}

/** Axes in the colours of the theme. */
export function axes(labels) {
  return labels.map((text, index) => ({
    label: text || undefined,
    labelSize: text ? 22 : 0,
    size: index === 0 ? 34 : 66,
    labelFont: "13px system-ui",
    stroke: colour("--faint"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: "12px system-ui",
  }));
}

export function line(ctx, from, to) {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

export function dot(ctx, x, y, fill) {
  ctx.fillStyle = fill;
  ctx.beginPath();
  ctx.arc(x, y, 5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
}

/** Numbers of a mapped answer, with null where a curve has a hole. One that does not vary is flat. */
export function finite(list, length) {
  const values = numbers(list);
  const all = Array.isArray(values) ? values : Array.from({ length }, () => values);
  return all.map((x) => (Number.isFinite(x) ? x : null));
}
