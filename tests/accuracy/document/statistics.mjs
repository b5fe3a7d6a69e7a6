// Errors of predictions, with cells weighted equally: the definitions of engine/accuracy/summary.h.

/** Orders text by code units, the same on every machine. */
export const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Groups in the order of their names: Map of name to items. */
export function groupBy(items, nameOf) {
  const groups = new Map();
  for (const item of items) {
    const name = nameOf(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return new Map([...groups].sort(([a], [b]) => byText(a, b)));
}

/** The least value at which share of the weight is reached; pairs are [value, weight]. */
export function weightedQuantile(pairs, share) {
  const sorted = [...pairs].sort(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= share * all) return value;
  }
  return sorted.length ? sorted.at(-1)[0] : NaN;
}

export const quantile = (values, share) => weightedQuantile(values.map((value) => [value, 1]), share);

/**
 * Errors of rows {cell, measured, time} by what predict(row) returns: a number, or {value, low, high}. Each cell counts as
 * one. speed is the predicted over the measured speed, times inverted; inside the share of measurements in the band, NaN
 * without one.
 */
export function errorsOf(rows, predict) {
  const inCell = new Map();
  for (const { cell } of rows) inCell.set(cell, (inCell.get(cell) ?? 0) + 1);
  const errors = [];
  const speeds = [];
  let inside = 0;
  let banded = false;
  for (const row of rows) {
    const found = predict(row);
    const { value, low, high } = typeof found === 'number' ? { value: found } : found;
    const weight = 1 / inCell.get(row.cell);
    speeds.push([row.time ? row.measured / value : value / row.measured, weight]);
    errors.push([Math.abs(value / row.measured - 1), weight]);
    banded ||= low !== undefined;
    if (row.measured >= low && row.measured <= high) inside += weight;
  }
  return {
    rows: rows.length,
    cells: inCell.size,
    median: weightedQuantile(errors, 0.5),
    p90: weightedQuantile(errors, 0.9),
    speed: weightedQuantile(speeds, 0.5),
    inside: banded ? inside / inCell.size : NaN,
  };
}

export const unseen = (row) => row.unseen;
export const fitted = (row) => row.predicted;
export const roofline = (row) => row.limit;
export const flat = (row) => row.flat;
