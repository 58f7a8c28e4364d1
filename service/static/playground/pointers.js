/** Where in a JSON text a JSON Pointer points: for errors about a pasted graph. */

const TOKEN = /\s+|[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/gy;

/**
 * Offsets of the value at each wanted pointer. A loop, not a recursion; text that is not JSON gives
 * what was found before it went wrong.
 * @param {string} text
 * @param {string[]} wanted JSON Pointers; the closest ancestor that exists stands in for a missing one
 * @returns {Map<string, [number, number]>} pointer -> start and end
 */
export function places(text, wanted) {
  const spans = new Map();
  const interesting = new Set(wanted.flatMap(withAncestors));
  const open = []; // containers: {pointer, start, index or null for objects, key}
  let key = null;
  const here = () => {
    const parent = open.at(-1);
    if (!parent) return "";
    return `${parent.pointer}/${parent.index === null ? key : parent.index}`;
  };
  const keep = (pointer, start, end) => {
    if (interesting.has(pointer)) spans.set(pointer, [start, end]);
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token] = match;
    const parent = open.at(-1);
    if (token === "{" || token === "[") {
      open.push({ pointer: here(), start: match.index, index: token === "[" ? 0 : null });
      key = null;
    } else if (token === "}" || token === "]") {
      const closed = open.pop();
      if (!closed) break;
      keep(closed.pointer, closed.start, match.index + 1);
    } else if (token === ",") {
      if (parent?.index === null) key = null;
      else if (parent) parent.index += 1;
    } else if (token !== ":" && token.trim() !== "") {
      if (parent?.index === null && key === null) key = escaped(token);
      else keep(here(), match.index, match.index + token.length);
    }
  }
  const found = new Map();
  for (const pointer of wanted) {
    const nearest = withAncestors(pointer).find((name) => spans.has(name));
    if (nearest !== undefined) found.set(pointer, spans.get(nearest));
  }
  return found;
}

function withAncestors(pointer) {
  const all = [pointer];
  for (let cut = pointer.lastIndexOf("/"); cut > 0; cut = pointer.lastIndexOf("/", cut - 1)) {
    all.push(pointer.slice(0, cut));
  }
  return all;
}

function escaped(token) {
  try {
    return String(JSON.parse(token)).replaceAll("~", "~0").replaceAll("/", "~1");
  } catch {
    return token;
  }
}
