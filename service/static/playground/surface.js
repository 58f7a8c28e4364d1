/** The output over two inputs as a map: colours and contours at quantiles, arrows downhill. */

import { byId, colour, element, options, write } from "./dom.js";
import { dot, finite, line } from "./curve.js";
import { rangeOf } from "./inputs.js";
import { label, numbers, short } from "./numbers.js";
import { contour, quantiles, rank, shade } from "./contours.js";

const SIDE = 49; // points along each side
const LEVELS = 11;
const TALLEST = 420; // pixels
const ARROWS = 12;

export class Surface {
  /** @param {(pair: string[]) => void} choose @param {(values: Object) => void} move */
  constructor(choose, move) {
    this.selects = [byId("surface-x"), byId("surface-y")];
    for (const select of this.selects) {
      select.addEventListener("change", () => choose(this.selects.map((one) => one.value)));
    }
    this.canvas = byId("surface-canvas");
    this.key = null;
    const follow = (event) => {
      if (this.grid && (event.type === "pointerdown" || event.buttons === 1)) move(this.under(event));
    };
    this.canvas.addEventListener("pointerdown", follow);
    this.canvas.addEventListener("pointermove", follow);
  }

  request({ message, bindings, scalars, across, ranges }) {
    const [x, y] = across;
    this.selects.forEach((select, index) => options(select, scalars, across[index]));
    if (x === undefined || x === y) {
      this.clear(x === undefined ? "A map needs two inputs." : "Choose two different inputs.");
      return null;
    }
    this.across = across;
    this.at = across.map((name) => bindings[name]);
    const spans = across.map((name) => rangeOf(bindings[name], ranges[name]));
    const key = JSON.stringify([message, { ...bindings, [x]: null, [y]: null }, across, spans]);
    if (key === this.key) {
      this.draw();
      return null;
    }
    const lines = spans.map(([low, high]) => Array.from(
      { length: SIDE }, (_, index) => low + (high - low) * index / (SIDE - 1)));
    const xs = lines[1].flatMap(() => lines[0]);
    const ys = lines[1].flatMap((value) => lines[0].map(() => value));
    return {
      path: "/gradient",
      message: { ...message, bindings: { ...bindings, [x]: xs, [y]: ys }, map: [x, y], wrt: [x, y] },
      done: (answer) => {
        this.key = key;
        this.spans = spans;
        this.grid = finite(answer.value, SIDE * SIDE);
        this.slopes = across.map((name) => finite(answer.gradients[name], SIDE * SIDE));
        this.levels = quantiles(this.grid, LEVELS);
        this.picture = null;
        this.draw();
      },
    };
  }

  clear(text) {
    this.key = null;
    this.grid = null;
    this.canvas.hidden = true;
    write(byId("surface-text"), text);
  }

  /** The map is painted once for a grid; the point on it moves. */
  draw() {
    this.canvas.hidden = false;
    const width = Math.max(240, this.canvas.clientWidth) * devicePixelRatio;
    const height = Math.round(Math.min(width * 0.62, TALLEST * devicePixelRatio));
    const theme = colour("--ink");
    if (!this.picture || this.picture.width !== width || this.theme !== theme) {
      this.theme = theme;
      this.picture = this.painted(width, height);
    }
    Object.assign(this.canvas, { width, height });
    const ctx = this.canvas.getContext("2d");
    ctx.drawImage(this.picture, 0, 0);
    const [x, y] = this.place(this.at, width, height);
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.strokeStyle = "#fff";
    dot(ctx, x, y, "#d1495b");
    ctx.stroke();
    const [across, up] = this.across;
    write(byId("surface-text"), `Across: ${across} from ${this.spans[0].map((v) => short(v)).join(" to ")}. Up: ${up} from ${
      this.spans[1].map((v) => short(v)).join(" to ")}. Lighter is higher; arrows point downhill; the dot is at (${
      this.at.map((v) => short(v)).join(", ")}).`);
  }

  painted(width, height) {
    const canvas = element("canvas", { width, height });
    const ctx = canvas.getContext("2d");
    const image = new ImageData(SIDE, SIDE);
    this.grid.forEach((value, index) => {
      const row = SIDE - 1 - Math.floor(index / SIDE);
      image.data.set(value === null ? [128, 128, 128, 255] : shade(rank(this.levels, value)),
        4 * (row * SIDE + index % SIDE));
    });
    const small = element("canvas", { width: SIDE, height: SIDE });
    small.getContext("2d").putImageData(image, 0, 0);
    ctx.imageSmoothingEnabled = true;
    // Pixel centres are grid points, so the outer half of the border pixels lies outside.
    const [dx, dy] = [width / (SIDE - 1) / 2, height / (SIDE - 1) / 2];
    ctx.drawImage(small, -dx, -dy, width + 2 * dx, height + 2 * dy);
    ctx.lineWidth = 1.2 * devicePixelRatio;
    ctx.strokeStyle = "rgb(255 255 255 / 0.55)";
    const scale = ([column, row]) => [column / (SIDE - 1) * width, height - row / (SIDE - 1) * height];
    for (const level of this.levels.slice(1, -1)) {
      for (const [from, to] of contour(this.grid, SIDE, level)) line(ctx, scale(from), scale(to));
    }
    this.arrows(ctx, width, height);
    return canvas;
  }

  arrows(ctx, width, height) {
    const every = Math.floor((SIDE - 1) / ARROWS);
    ctx.strokeStyle = "rgb(0 0 0 / 0.45)";
    const spans = this.spans.map(([low, high]) => high - low);
    for (let row = every / 2; row < SIDE; row += every) {
      for (let column = every / 2; column < SIDE; column += every) {
        const index = Math.floor(row) * SIDE + Math.floor(column);
        const [gx, gy] = this.slopes.map((slope) => slope[index] ?? 0);
        // In pixels: where the axes have different scales, downhill turns with them.
        const [vx, vy] = [-gx / spans[0] * width, gy / spans[1] * height];
        const length = Math.hypot(vx, vy);
        if (!(length > 0) || !Number.isFinite(length)) continue;
        const [ux, uy] = [vx / length, vy / length];
        const reach = Math.min(width, 1.6 * height) / ARROWS * 0.26;
        const [x, y] = [Math.floor(column) / (SIDE - 1) * width, height - Math.floor(row) / (SIDE - 1) * height];
        const tip = [x + ux * reach, y + uy * reach];
        line(ctx, [x - ux * reach, y - uy * reach], tip);
        for (const turn of [2.6, -2.6]) {
          const [c, s] = [Math.cos(turn), Math.sin(turn)];
          line(ctx, tip, [tip[0] + (ux * c - uy * s) * reach * 0.5, tip[1] + (ux * s + uy * c) * reach * 0.5]);
        }
      }
    }
  }

  place([x, y], width, height) {
    const [across, up] = this.spans;
    return [(x - across[0]) / (across[1] - across[0]) * width,
      height - (y - up[0]) / (up[1] - up[0]) * height];
  }

  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const parts = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    return Object.fromEntries(this.across.map((name, index) => {
      const [low, high] = this.spans[index];
      const value = low + Math.min(1, Math.max(0, parts[index])) * (high - low);
      return [name, Number(value.toPrecision(4))];
    }));
  }

  /** The Hessian at the point, for two inputs. */
  hessianRequest({ message, bindings, across }) {
    if (across.length < 2 || across[0] === across[1]) return null;
    return {
      path: "/hessian",
      message: { ...message, bindings, wrt: across },
      done: ({ hessian }) => byId("hessian").replaceChildren(
        element("caption", {}, "The Hessian at the dot"),
        element("tbody", {},
          element("tr", {}, element("td"), ...across.map((name) => element("th", { scope: "col" }, name))),
          ...across.map((row) => element("tr", {}, element("th", { scope: "row" }, row),
            ...across.map((column) => element("td", { class: "figure" }, label(numbers(hessian[row][column])))))))),
    };
  }
}
