/** A row for each input: its name, a slider, a field, and its gradient. Tensors have a field only. */

import { byId, element, set, write } from "./dom.js";
import { label, roundUp } from "./numbers.js";
import { isValue } from "./state.js";

const FIRST = [2, -3, 10, 0.5, -1, 1.5]; // values of inputs that nobody has given one yet

export class Inputs {
  /** @param {(name: string, value: any) => void} change */
  constructor(change) {
    this.change = change;
    this.rows = new Map();
    this.list = byId("inputs");
  }

  /** Values for all names: the ones given, or a beginner's. */
  static complete(names, values) {
    return Object.fromEntries(names.map((name, index) => [
      name, Object.hasOwn(values, name) ? values[name] : FIRST[index % FIRST.length]]));
  }

  /** Rows for these names, kept where they are there already: a slider in use must not vanish. */
  show(names, values, ranges) {
    for (const [name, row] of this.rows) {
      if (!names.includes(name) || row.scalar !== (typeof values[name] === "number")) {
        row.element.remove();
        this.rows.delete(name);
      }
    }
    names.forEach((name, index) => {
      const row = this.rows.get(name) ?? this.add(name, values[name]);
      if (this.list.children[index] !== row.element) {
        this.list.insertBefore(row.element, this.list.children[index] ?? null);
      }
      this.put(row, values[name], ranges);
    });
    byId("no-inputs").hidden = names.length > 0;
  }

  add(name, value) {
    const scalar = typeof value === "number";
    const id = `input-${this.serial = (this.serial ?? 0) + 1}`;
    const field = element("input", {
      type: "text", inputmode: scalar ? "decimal" : null, id, autocomplete: "off", spellcheck: "false",
      oninput: () => this.typed(row, field.value),
      onchange: () => this.put(row, row.value, {}, true),
    });
    const slider = scalar ? element("input", {
      type: "range", "aria-label": `slider of ${name}`, oninput: () => this.moved(row, slider.valueAsNumber),
    }) : null;
    const gradient = element("output", { for: id, class: "figure" });
    const row = { name, scalar, value, field, slider, gradient };
    row.element = element("li", { class: scalar ? "scalar" : "tensor" },
      element("label", { for: id, title: name }, name), ...(slider ? [slider] : []), field, gradient);
    this.rows.set(name, row);
    return row;
  }

  typed(row, text) {
    const value = parsed(text);
    set(row.field, { "aria-invalid": value === undefined });
    if (value !== undefined) {
      row.value = value;
      this.change(row.name, value);
    }
  }

  moved(row, value) {
    row.value = value;
    row.field.value = String(value);
    set(row.field, { "aria-invalid": false });
    this.change(row.name, value);
  }

  /** Show a value; the field that is being typed in is left alone, unless told otherwise. */
  put(row, value, ranges, always = false) {
    row.value = value;
    if (always || document.activeElement !== row.field) {
      row.field.value = typeof value === "number" ? String(value) : JSON.stringify(value);
      set(row.field, { "aria-invalid": false });
    }
    if (!row.slider || typeof value !== "number") return;
    const [low, high] = rangeOf(value, ranges[row.name] ?? row.range);
    row.range = [low, high];
    set(row.slider, { min: low, max: high, step: stepOf(low, high) });
    row.slider.value = String(value);
  }

  /** Gradients beside the inputs. @param {(name: string) => any} gradient undefined: not shown */
  gradients(gradient) {
    for (const { name, gradient: output } of this.rows.values()) {
      const value = gradient(name);
      write(output, value === undefined ? "" : `∂ ${label(value)}`);
      set(output, { class: `figure ${Array.isArray(value) || !value ? "zero" : value > 0 ? "positive" : "negative"}` });
    }
  }
}

function parsed(text) {
  const plain = text.trim().replaceAll("−", "-");
  if (plain === "") return undefined;
  if (Number.isFinite(Number(plain))) return Number(plain);
  try {
    const value = JSON.parse(plain);
    return isValue(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A slider's range: the one given, or a round one about zero, and never one that lacks the value. */
export function rangeOf(value, given) {
  const reach = roundUp(Math.max(5, Math.abs(value) * 1.25));
  const [low, high] = given ?? [-reach, reach];
  return [Math.min(low, value < low ? -reach : low), Math.max(high, value > high ? reach : high)];
}

function stepOf(low, high) {
  return roundUp((high - low) / 400);
}
