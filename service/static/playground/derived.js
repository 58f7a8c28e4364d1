/** The gradient as a function: the formulas that POST /derive answers with, set as MathML. */

import { byId, element, write } from "./dom.js";
import { name, render } from "./formulas.js";

const LONGEST = 600; // characters of LaTeX that are still a formula and not a wall

export class Derived {
  constructor() {
    this.place = byId("formulas");
    this.offered = document.querySelector("main").dataset.derive === "yes";
    this.key = null;
  }

  request({ message, names }) {
    if (!this.offered) return null;
    const key = JSON.stringify([message, names]);
    if (key === this.key) return null;
    return {
      path: "/derive",
      message: { ...message, wrt: names },
      done: ({ derivatives }) => {
        this.key = key;
        write(byId("formula-text"), "");
        this.place.replaceChildren(...Object.entries(derivatives).map(([by, found]) => this.one(by, found)));
      },
    };
  }

  clear(text) {
    this.key = null;
    this.place.replaceChildren();
    write(byId("formula-text"), text);
  }

  one(by, { expression, latex }) {
    const line = element("div", { class: "formula", tabindex: 0, role: "group", "aria-label": `derivative by ${by}` });
    if (latex.length <= LONGEST) render(`\\frac{\\partial}{\\partial ${name(by)}} = ${latex}`, line);
    else line.append(element("code", {}, expression.slice(0, LONGEST)));
    return line;
  }
}
