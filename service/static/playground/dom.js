/** Elements made from data. Text is always a text node: what a caller names never becomes markup. */

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} id @returns {HTMLElement} an element that the template has */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * @param {string} tag
 * @param {Object<string, any>} attributes `onclick` and the like are listeners; null leaves one out
 * @param {...(Node|string)} children
 */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  set(node, attributes);
  node.append(...children);
  return node;
}

/**
 * Set attributes; null or false removes one, a function is a listener. Of ARIA's, false is a value:
 * a button that is not pressed can be.
 */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean" && name.startsWith("aria-")) node.setAttribute(name, String(value));
    else if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  return node;
}

/** Change a text only where it differs: screen readers and the layout then have less to do. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The options of a select, keeping its choice where that is still there. */
export function options(select, names, chosen) {
  const same = select.options.length === names.length
    && names.every((name, index) => select.options[index].value === name);
  if (!same) {
    select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  }
  if (names.includes(chosen)) select.value = chosen;
}

/** A colour of the style sheet, as the theme in force has it. */
export function colour(name) {
  return getComputedStyle(document.querySelector("main")).getPropertyValue(name).trim();
}
