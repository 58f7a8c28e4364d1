/** Names and formulas as LaTeX, and LaTeX as MathML. */

import { tex } from "./numbers.js";

const LONGEST = 24;
const ESCAPES = {
  "\\": "\\textbackslash ", "{": "\\{", "}": "\\}", $: "\\$", "&": "\\&", "#": "\\#",
  "^": "\\textasciicircum ", _: "\\_", "~": "\\textasciitilde ", "%": "\\%",
};

/** A name as LaTeX. Letters and `w_1` are set as in a book; everything else is text, escaped. */
export function name(id) {
  const parts = /^(\p{L})_?(\d{0,3})$/u.exec(id);
  if (parts) return parts[2] ? `${parts[1]}_{${parts[2]}}` : parts[1];
  const cut = [...id].length > LONGEST ? `${[...id].slice(0, LONGEST).join("")}…` : id;
  return `\\text{${cut.replace(/[\\{}$&#^_~%]/g, (character) => ESCAPES[character])}}`;
}

/** A partial derivative. */
export function partial(of, by) {
  return `\\frac{\\partial ${name(of)}}{\\partial ${name(by)}}`;
}

/** A number as a factor: in parentheses where its sign would stand after a dot. */
export function factor(x) {
  const text = tex(x);
  return text.startsWith("-") ? `(${text})` : text;
}

/** Set LaTeX as MathML. What cannot be set is shown as it is. */
export function render(latex, parent, display = true) {
  try {
    globalThis.temml.render(latex, parent, { displayMode: display, throwOnError: true });
  } catch {
    parent.textContent = latex;
  }
}
