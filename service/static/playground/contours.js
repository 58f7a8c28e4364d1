/** Contours and colours of a grid of values. */

const STOPS = [ // viridis, which stays ordered for every kind of colour vision and in grey
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141],
  [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37],
];

/** Levels that cut the values into parts of equal count: a steep wall does not hide a flat floor. */
export function quantiles(grid, count) {
  const sorted = grid.filter((x) => x !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return [0, 1];
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return Array.from({ length: count + 1 }, (_, index) => at(index / count));
}

/** Where a value lies among the levels, from 0 to 1. */
export function rank(levels, value) {
  const last = levels.length - 1;
  let above = levels.findIndex((level) => level > value);
  if (above === -1) above = last;
  const below = Math.max(0, above - 1);
  const gap = levels[above] - levels[below];
  const part = gap > 0 ? Math.min(1, Math.max(0, (value - levels[below]) / gap)) : 0.5;
  return (below + part) / last;
}

/** The colour at a place from 0 to 1, as bytes. */
export function shade(part) {
  const place = part * (STOPS.length - 1);
  const left = Math.min(STOPS.length - 2, Math.floor(place));
  const mix = place - left;
  return [...STOPS[left].map((x, index) => Math.round(x + (STOPS[left + 1][index] - x) * mix)), 255];
}

/**
 * Marching squares: pieces of the line on which the grid has this level.
 * @param {Array<?number>} grid row by row, from the bottom
 * @returns {Array<[[number, number], [number, number]]>} in columns and rows
 */
export function contour(grid, side, level) {
  const pieces = [];
  for (let row = 0; row < side - 1; row += 1) {
    for (let column = 0; column < side - 1; column += 1) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
      const values = corners.map(([x, y]) => grid[y * side + x]);
      if (values.includes(null)) continue;
      const cuts = [];
      for (let edge = 0; edge < 4; edge += 1) {
        const next = (edge + 1) % 4;
        const [a, b] = [values[edge] - level, values[next] - level];
        if ((a > 0) === (b > 0)) continue;
        const part = a / (a - b);
        cuts.push(corners[edge].map((x, axis) => x + (corners[next][axis] - x) * part));
      }
      for (let index = 0; index + 1 < cuts.length; index += 2) pieces.push([cuts[index], cuts[index + 1]]);
    }
  }
  return pieces;
}
