// The part on kernels: errors on geometries that were not fitted, in-sample errors of all calls, what was rejected.
import { eachKernel } from './inputs.mjs';
import { count, factor, percent, table, verdict, wholePercent } from './markdown.mjs';
import { byText, groupBy, quantile } from './statistics.mjs';

const COLLECTIVES = /^(all_gather|all_reduce|all_to_all|reduce_scatter)\//;

// [name, which classes, target of the median, of the P90, only calls above 20 µs]
const TARGETS = [
  ['GEMM, bf16', /^gemm\/bf16/, 0.08, 0.3],
  ['GEMM, fp8', /^gemm\/fp8/, 0.12, 0.4],
  ['GEMM, fp4', /^gemm\/(nvfp4|mxfp4)/, 0.12, 0.4],
  ['experts of MoE', /^(plain_)?experts\//, 0.12, 0.4],
  ['attention above 20 µs', /^(prefill|decode)_attention\//, 0.1, 0.35, true],
  ['MLA above 20 µs', /^(prefill|decode)_mla(_block)?\//, 0.1, 0.35, true],
  ['collectives', COLLECTIVES, 0.15, null],
  ['linear attention and state space', /^(convolution|delta_rule|mamba|scan|ssm)/, null, null],
];

const valuesOf = (curves, long) => ({
  medians: curves.map((curve) => (long ? curve.longMedian : curve.median)),
  p90s: curves.map((curve) => (long ? curve.longP90 : curve.p90)),
});

const targetText = (median, p90) => `≤ ${wholePercent(median)}${p90 === null ? '' : ` / ${wholePercent(p90)}`}`;

/** Curves weigh equally: the median curve's errors, and how many curves meet the target. */
export function kernelTargets({ curves }) {
  return TARGETS.flatMap(([name, classes, median, p90, long = false]) => {
    const own = curves.filter((curve) => classes.test(curve.class) && (!long || curve.longRows > 0));
    if (!own.length) return [];
    const { medians, p90s } = valuesOf(own, long);
    const found = { median: quantile(medians, 0.5), p90: quantile(p90s, 0.5) };
    const meets = own.filter((_, i) => medians[i] <= (median ?? Infinity) && p90s[i] <= (p90 ?? Infinity)).length;
    return [{
      name,
      rows: own.reduce((sum, curve) => sum + (long ? curve.longRows : curve.rows), 0),
      cells: own.length,
      ...found,
      target: median === null ? 'none' : targetText(median, p90),
      inside: quantile(own.map(({ inside }) => inside), 0.5),
      meets: median === null ? NaN : meets / own.length,
      verdict: median === null ? '' : verdict(found.median <= median && (p90 === null || found.p90 <= p90)),
    }];
  });
}

// The same targets for operations; GEMM of all formats has bf16's, the strictest. [which, median, P90, only above 20 µs]
const POOLED_TARGETS = [
  [/^gemm$/, 0.08, 0.3], [/^moe$/, 0.12, 0.4], [/^(context|generation)_attention$|mla/, 0.1, 0.35, true],
  [/^(custom_allreduce|nccl|oneccl)$/, 0.15, null],
];

function pooledVerdict(line) {
  const [, median, p90, long] = POOLED_TARGETS.find(([ops]) => ops.test(line.op)) ?? [];
  if (median === undefined) return { target: 'none', verdict: '' };
  const found = long ? [line.longMedian, line.longP90] : [line.median, line.p90];
  const met = found[0] <= median && (p90 === null || found[1] <= p90);
  return { target: `${targetText(median, p90)}${long ? ' above 20 µs' : ''}`, verdict: verdict(met) };
}

export const pooledTable = ({ pooled }) => table([
  ['operation', ({ op }) => op],
  ['>rows', ({ rows }) => count(rows)],
  ['>median', ({ median }) => percent(median)],
  ['>P90', ({ p90 }) => percent(p90)],
  ['>rows above 20 µs', ({ longRows }) => count(longRows)],
  ['>median', ({ longMedian }) => percent(longMedian)],
  ['>P90', ({ longP90 }) => percent(longP90)],
  ['>in band', ({ inside }) => wholePercent(inside)],
  ['target, median / P90', ({ target }) => target],
  ['', (line) => line.verdict],
], pooled.map((line) => ({ ...line, ...pooledVerdict(line) })));

/** Operations whose pooled errors miss the target. */
export const pooledMisses = ({ pooled }) =>
  pooled.filter((line) => pooledVerdict(line).verdict === verdict(false)).map(({ op }) => op);

export const curvesTable = (heading, { curves }, nameOf) => table([
  [heading, ([name]) => name],
  ['>curves', ([, own]) => own.length],
  ['>rows', ([, own]) => count(own.reduce((sum, { rows }) => sum + rows, 0))],
  ['>median of curves’ medians', ([, own]) => percent(quantile(own.map(({ median }) => median), 0.5))],
  ['>median of curves’ P90', ([, own]) => percent(quantile(own.map(({ p90 }) => p90), 0.5))],
  ['>worst curve’s median', ([, own]) => percent(Math.max(...own.map(({ median }) => median)))],
], [...groupBy(curves, nameOf)]);

const WORST = 10;

export function worstCurves({ curves }) {
  const sorted = [...curves].sort((a, b) => b.median - a.median ||
    byText(`${a.accelerator} ${a.engine} ${a.class}`, `${b.accelerator} ${b.engine} ${b.class}`));
  return table([
    ['accelerator', ({ accelerator }) => accelerator],
    ['engine', ({ engine }) => engine],
    ['operation', ({ op }) => op],
    ['class', (curve) => curve.class],
    ['>rows', ({ rows }) => count(rows)],
    ['>median', ({ median }) => percent(median)],
    ['>P90', ({ p90 }) => percent(p90)],
  ], sorted.slice(0, WORST));
}

/** What was rejected of the measured tables. */
export function rejectedTable(tables) {
  const bad = tables.filter((t) => t.beyond_physics + t.not_understood > 0);
  const sum = (name) => bad.reduce((all, t) => all + t[name], 0);
  const text = table([
    ['accelerator', ({ accelerator }) => accelerator],
    ['operation', ({ op }) => op],
    ['engine', ({ engine, version }) => `${engine || 'library'} ${version}`],
    ['>rows', ({ rows }) => count(rows)],
    ['>faster than the peaks allow', (t) => count(t.beyond_physics)],
    ['>share', (t) => percent(t.beyond_physics / t.rows)],
    ['>not understood', (t) => count(t.not_understood)],
  ], bad);
  return { text, tables: bad.length, beyond: sum('beyond_physics'), notUnderstood: sum('not_understood') };
}

const MOST_POINTS = 300;
const GROUPS = [
  ['GEMM', /^gemm$/], ['attention', /^(context|generation)_attention$/], ['MLA', /mla/], ['experts of MoE', /^moe$/],
  ['collectives', /nccl|oneccl|allreduce/], ['linear attention', /^(gdn|mamba2)$/],
];

/** Keeps every 2^n-th point, as many as may be: the same of the same rows. */
class Thinned {
  points = [];
  #step = 1;
  #seen = 0;

  add(point) {
    if (this.#seen++ % this.#step) return;
    this.points.push(point);
    if (this.points.length < 2 * MOST_POINTS) return;
    this.points = this.points.filter((_, i) => i % 2 === 0);
    this.#step *= 2;
  }
}

/** In-sample errors of all calls, by operation: {operations, groups, baseline}. */
export async function readKernelRows(path) {
  const operations = new Map();
  const groups = GROUPS.map(([name]) => ({ name, thinned: new Thinned() }));
  await eachKernel(path, (row) => {
    if (row.reason || !row.predicted) return;
    const [measured, predicted] = [Number(row.measured), Number(row.predicted)];
    if (!operations.has(row.op)) operations.set(row.op, { errors: [], ratios: [], inside: 0, roofline: [], flat: [] });
    const found = operations.get(row.op);
    found.ratios.push(predicted / measured);
    found.errors.push(Math.abs(predicted / measured - 1));
    if (measured >= Number(row.low) && measured <= Number(row.high)) found.inside++;
    if (row.limit) found.roofline.push(Math.abs(Number(row.limit) / measured - 1));
    if (row.flat) found.flat.push(Math.abs(Number(row.flat) / measured - 1));
    groups[GROUPS.findIndex(([, ops]) => ops.test(row.op))]?.thinned.add({ measured: measured * 1e6, predicted: predicted * 1e6 });
  });
  return { operations, groups: groups.map(({ name, thinned }) => ({ name, points: thinned.points })) };
}

/** The same calls in-sample, and by plain roofline and flat efficiencies where the rows have them. */
export function fittedTable({ operations }) {
  const lines = [...operations].sort(([a], [b]) => byText(a, b));
  const known = (name) => lines.some(([, found]) => found[name].length);
  return table([
    ['operation', ([op]) => op],
    ['>rows', ([, { errors }]) => count(errors.length)],
    ['>in-sample median', ([, { errors }]) => percent(quantile(errors, 0.5))],
    ['>P90', ([, { errors }]) => percent(quantile(errors, 0.9))],
    ['>ratio', ([, { ratios }]) => factor(quantile(ratios, 0.5))],
    ['>in band', ([, { inside, errors }]) => wholePercent(inside / errors.length)],
    ...['roofline', 'flat'].filter(known).flatMap((name) => [
      [`>${name} median`, ([, found]) => percent(quantile(found[name], 0.5))],
      [`>${name} P90`, ([, found]) => percent(quantile(found[name], 0.9))],
    ]),
  ], lines);
}
