/** Tabs, as the ARIA authoring practices describe them: one tab stop, arrow keys between. */

import { byId, set } from "./dom.js";

export class Panels {
  /** @param {string[]} names in order @param {(name: string) => void} choose */
  constructor(names, choose) {
    this.names = names;
    this.choose = choose;
    for (const name of this.names) {
      const tab = byId(`tab-${name}`);
      tab.addEventListener("click", () => choose(name));
      tab.addEventListener("keydown", (event) => this.key(event, name));
    }
  }

  key(event, name) {
    const index = this.names.indexOf(name);
    const count = this.names.length;
    const target = {
      ArrowRight: (index + 1) % count, ArrowLeft: (index + count - 1) % count, Home: 0, End: count - 1,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(this.names[target]);
    byId(`tab-${this.names[target]}`).focus();
  }

  show(chosen) {
    for (const name of this.names) {
      const here = name === chosen;
      set(byId(`tab-${name}`), { "aria-selected": here, tabindex: here ? 0 : -1 });
      byId(`panel-${name}`).hidden = !here;
    }
  }
}
