/** The text of the function, with marks under what the service has to say about it. */

import { byId, element, set } from "./dom.js";
import { places } from "./pointers.js";

const TALLEST = 360; // pixels
const LONGEST_MARKED = 50000; // characters: beyond, the marks would cost more than they tell

export class Editor {
  /** @param {(text: string) => void} change */
  constructor(change) {
    this.area = byId("text");
    this.marks = byId("marks");
    this.faults = byId("faults");
    this.area.addEventListener("input", () => change(this.area.value));
    this.area.addEventListener("scroll", () => this.scroll());
  }

  put(text) {
    if (this.area.value !== text) this.area.value = text;
    this.fit();
  }

  /** As tall as the text, within reason; only when the text is another: the reader may have dragged it. */
  fit() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(TALLEST, this.area.scrollHeight + 4)}px`;
  }

  scroll() {
    this.marks.scrollTop = this.area.scrollTop;
    this.marks.scrollLeft = this.area.scrollLeft;
  }

  clear() {
    this.show([], "");
  }

  /**
   * Show faults at their places.
   * @param {Array<{pointer?: string, detail: string, line?: number, column?: number}>} errors
   * @param {string} pointer what the text is in the request
   */
  show(errors, pointer) {
    const text = this.area.value;
    const spans = errors.map((error) => span(text, error, pointer));
    set(this.area, { "aria-invalid": errors.length > 0 });
    this.faults.replaceChildren(...errors.map((error, index) => this.fault(text, error, spans[index])));
    this.faults.hidden = errors.length === 0;
    this.mark(text, spans.filter((found) => found !== null));
  }

  fault(text, error, place) {
    if (place === null) return element("li", {}, error.detail);
    const before = text.slice(0, place[0]).split("\n");
    const where = `line ${before.length}, column ${[...before.at(-1)].length + 1}`;
    const go = () => {
      this.area.focus();
      this.area.setSelectionRange(place[0], place[1]);
    };
    return element("li", {},
      element("button", { type: "button", class: "link", onclick: go }, where), `: ${error.detail}`);
  }

  /** A copy of the text lies behind the textarea; in it, the places are marked. */
  mark(text, spans) {
    const parts = [];
    let done = 0;
    if (text.length <= LONGEST_MARKED && spans.length > 0) {
      for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
        if (start < done) continue;
        parts.push(text.slice(done, start), element("mark", {}, text.slice(start, end) || " "));
        done = end;
      }
      parts.push(text.slice(done), "\n");
    }
    this.marks.replaceChildren(...parts);
    this.scroll();
  }
}

/** Start and end of what an error is about, as offsets into the text; null where it is about the whole. */
export function span(text, error, pointer) {
  if (error.line !== undefined && error.column !== undefined) {
    const lines = text.split("\n");
    const line = lines[error.line - 1];
    if (line === undefined) return null;
    // The service counts characters, JavaScript halves of surrogate pairs.
    const column = [...line].slice(0, error.column - 1).join("").length;
    const start = lines.slice(0, error.line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column;
    const word = /^(?:[\p{L}_][\p{L}\p{M}\p{N}_]*|\S)/u.exec(text.slice(start));
    return [start, start + (word ? word[0].length : 0)];
  }
  const inside = error.pointer ?? "";
  if (pointer === "/expression" || !inside.startsWith(pointer) || inside === "") return null;
  return places(text, [inside.slice(pointer.length)]).get(inside.slice(pointer.length)) ?? null;
}
