/** Numbers as the service writes them, and as people read them. */

const WORDS = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** A number of an answer: JSON has no NaN, so the service writes a word. */
export function number(written) {
  return typeof written === "string" ? WORDS[written] : written;
}

/** A number, or nested lists of them, with the words replaced. */
export function numbers(written) {
  return Array.isArray(written) ? written.map(numbers) : number(written);
}

/**
 * A number for a label: at most `digits` significant digits, a real minus sign, no idle zeros.
 * @param {number} x
 */
export function short(x, digits = 4) {
  if (x === undefined || x === null) return "?";
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  if (size === 0) return "0";
  const text = size >= 1e-3 && size < 1e5
    ? String(Number(x.toPrecision(digits)))
    : scientific(x, digits - 2);
  return text.replace("-", "−");
}

function scientific(x, digits) {
  const [mantissa, exponent] = x.toExponential(digits).split("e");
  const power = exponent.replace("+", "").replace("-", "−");
  return `${Number(mantissa)}e${power}`;
}

/** The same for LaTeX: powers of ten are set as such, negative numbers keep an ordinary minus. */
export function tex(x, digits = 4) {
  const text = short(x, digits).replaceAll("−", "-");
  if (text === "NaN") return "\\mathrm{NaN}";
  const [mantissa, exponent] = text.replace("∞", "\\infty").split("e");
  return exponent === undefined ? mantissa : `${mantissa} \\cdot 10^{${exponent}}`;
}

/** The shape of nested lists: [] for a number. */
export function shape(value) {
  const sizes = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) sizes.push(inner.length);
  return sizes;
}

/** A value for a label: a number, or the shape of a tensor, as in 2×3. */
export function label(value, digits = 4) {
  if (!Array.isArray(value)) return short(value, digits);
  return `[${shape(value).join("×")}]`;
}

/** A tensor written out, cut where it becomes long. */
export function written(value, most = 160) {
  if (!Array.isArray(value)) return short(value, 6);
  const text = JSON.stringify(value, (_, x) => (typeof x === "number" ? Number(x.toPrecision(5)) : x));
  return text.length > most ? `${text.slice(0, most)} …` : text.replaceAll(",", ", ");
}

/** How large a gradient is, whatever its shape: the largest entry. */
export function size(value) {
  if (!Array.isArray(value)) return Math.abs(value);
  return value.flat(Infinity).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

/** An adjoint times a partial. An exact zero is strong: 0 times anything is 0, as in the service. */
export function product(adjoint, partial) {
  return adjoint === 0 || partial === 0 ? 0 : adjoint * partial;
}

/** A round number at or above x: 1, 2 or 5 times a power of ten. */
export function roundUp(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return power * [1, 2, 5, 10].find((step) => step * power >= x * (1 - 1e-12));
}
