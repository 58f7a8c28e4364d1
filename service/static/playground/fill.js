/** "You fill in the gradients": claims about every node, judged and explained by POST /grade. */

import { byId, element, set, write } from "./dom.js";
import { short } from "./numbers.js";

const WORDS = {
  correct: "correct", carried_forward: "right, carried on from an earlier slip", incorrect: "not right",
  partially_correct: "partly right", undetermined: "too close to tell", ungradable: "cannot be judged",
};
const SIGNS = { correct: "✓", carried_forward: "↪", incorrect: "✗", partially_correct: "~" };

export class Fill {
  /** @param {(claims: Object) => void} grade @param {(id: string) => void} select */
  constructor(grade, select) {
    this.select = select;
    this.rows = new Map();
    this.structure = null;
    /** @type {Map<string, string>} verdicts by node, as the drawing shows them */
    this.verdicts = new Map();
    byId("fill-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const claims = this.claims();
      if (Object.keys(claims).length) grade(claims);
      else write(byId("fill-summary"), "Type at least one gradient first.");
    });
    byId("fill-reveal").addEventListener("click", () => this.reveal());
  }

  /** Rows from the output backwards: the order in which they are worked out. */
  show(model) {
    if (model.structure === this.structure) {
      this.model = model;
      return;
    }
    this.structure = model.structure;
    this.model = model;
    this.verdicts.clear();
    this.rows.clear();
    write(byId("fill-summary"), "Begin at the output and work backwards.");
    const scalars = [...model.nodes].reverse().filter((node) => !Array.isArray(node.value));
    byId("fill-rows").replaceChildren(...scalars.map((node) => this.row(node)));
  }

  row(node) {
    const id = `claim-${this.rows.size}`;
    const field = element("input", {
      type: "text", inputmode: "decimal", id, autocomplete: "off", size: 9,
      "aria-describedby": `${id}-verdict`,
      onfocus: () => this.select(node.id), oninput: () => this.forget(node.id),
    });
    const verdict = element("p", { id: `${id}-verdict`, class: "verdict" });
    this.rows.set(node.id, { field, verdict });
    return element("li", {}, element("label", { for: id }, `grad of ${node.id}`), field, verdict);
  }

  /** What was typed, by node. What is no number is marked and left out. */
  claims() {
    const claims = {};
    for (const [id, { field }] of this.rows) {
      const text = field.value.trim().replaceAll("−", "-").replace(",", ".");
      const value = Number(text);
      const good = text !== "" && Number.isFinite(value);
      set(field, { "aria-invalid": text !== "" && !good });
      if (good) claims[id] = { gradient: value };
    }
    return claims;
  }

  forget(id) {
    this.verdicts.delete(id);
    this.tell(id, "", "");
  }

  tell(id, verdict, text) {
    const row = this.rows.get(id);
    if (!row) return;
    set(row.verdict, { class: `verdict ${verdict}` });
    write(row.verdict, text);
  }

  /** Show an answer of /grade: verdict, what was carried, and the diagnosis. */
  judge(answer) {
    this.verdicts.clear();
    for (const item of answer.items) {
      const id = item.claim.slice("nodes/".length, -"/gradient".length);
      const found = [...this.rows.keys()].find((name) => name === id || pointed(name) === id) ?? id;
      const hints = item.diagnosis.map((diagnosis) => diagnosis.message).slice(0, 2).join(" Or: ");
      const reason = item.reason && item.verdict !== "carried_forward" ? ` ${item.reason}.` : "";
      this.verdicts.set(found, item.verdict);
      this.tell(found, item.verdict,
        `${SIGNS[item.verdict] ?? "?"} ${WORDS[item.verdict] ?? item.verdict}.${reason} ${hints}`.trim());
    }
    const first = answer.first_error?.node;
    const share = answer.score === null ? "not graded" : `${short(100 * answer.score / answer.max_score, 3)}%`;
    write(byId("fill-summary"), first ? `${share}. The first slip is at ${first}.` : `${share}. ${
      this.rows.size === answer.items.length ? "The whole backward pass is right." : "So far, so good."}`);
  }

  reveal() {
    for (const [id, { field }] of this.rows) {
      const { gradient } = this.model.byId.get(id);
      field.value = String(gradient);
      this.forget(id);
    }
    write(byId("fill-summary"), "These are the gradients.");
  }
}

/** Names in a claim's path are escaped as in a JSON Pointer. */
function pointed(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
