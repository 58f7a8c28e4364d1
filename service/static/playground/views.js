/** What the drawing shows: everything, what is known after some steps, or no gradients at all. */

import { carried, known } from "./stepper.js";
import { partialText } from "./drawing.js";

/** @returns {import("./drawing.js").View} */
export function complete(model, selected) {
  return {
    value: (id) => model.byId.get(id).value,
    gradient: (id) => model.byId.get(id).gradient,
    contribution: (user, place) => model.contribution(user, place),
    walk: null,
    current: null,
    selected,
    verdicts: null,
  };
}

/** After `count` steps, the last of which was `step`. */
export function stepped(model, steps, count, step, selected) {
  const now = known(model, steps, count);
  return {
    ...complete(model, selected),
    value: (id) => (now.values.has(id) ? model.byId.get(id).value : undefined),
    gradient: (id) => now.sums.get(id),
    contribution: (user, place) => carried(model, now, user, place),
    walk: walkOf(step),
    current: subject(step),
  };
}

/** The node that a step tells something new about. */
export function subject(step) {
  if (step === null) return null;
  return step.kind === "backward" ? step.node.operands[step.place].id : step.node.id;
}

function walkOf(step) {
  if (step === null) return null;
  const { kind, node, place } = step;
  if (kind !== "backward") return kind === "forward" ? { user: node.id, place: null, text: "" } : null;
  const partial = node.partials?.[place];
  return { user: node.id, place, text: typeof partial === "number" ? partialText(partial) : "" };
}

/** Gradients are for the reader to find. */
export function hidden(model, selected, verdicts) {
  return {
    ...complete(model, selected),
    gradient: (id) => (verdicts.get(id) === "correct" ? model.byId.get(id).gradient : undefined),
    contribution: () => undefined,
    verdicts,
  };
}
