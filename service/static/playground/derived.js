/** The gradient as a function: the formulas that POST /derive answers with, set as MathML. */

import { byId, element, write } from "./dom.js";
import { partial, render } from "./formulas.js";

const LONGEST = 600; // characters of LaTeX that are still a formula and not a wall

export class Derived {
  constructor() {
    this.place = byId("formulas");
    this.key = null;
  }

  request({ message, names, output }) {
    const key = JSON.stringify([message, names]);
    if (key === this.key) return null;
    return {
      path: "/derive",
      message: { ...message, wrt: names },
      done: ({ derivatives }) => {
        this.key = key;
        write(byId("formula-text"), "");
        this.place.replaceChildren(...Object.entries(derivatives).map(([by, found]) => this.one(output, by, found)));
      },
    };
  }

  clear(text) {
    this.key = null;
    this.place.replaceChildren();
    write(byId("formula-text"), text);
  }

  one(output, by, { expression, latex }) {
    const line = element("div", { class: "formula", tabindex: 0, role: "group", "aria-label": `derivative by ${by}` });
    if (latex.length > LONGEST) {
      const cut = expression.length > LONGEST ? `${expression.slice(0, LONGEST)} …` : expression;
      line.append(element("pre", {}, cut));
    } else if (expression.includes("\n")) {
      // Shared parts come first, each with its name; what follows them is the derivative.
      const steps = element("div");
      render(latex, steps);
      line.append(steps);
    } else {
      render(`${partial(output, by)} = ${latex}`, line);
      return line;
    }
    const head = element("div");
    render(`${partial(output, by)}:`, head, false);
    line.prepend(head);
    return line;
  }
}
