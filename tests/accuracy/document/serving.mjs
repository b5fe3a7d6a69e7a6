// The part on serving results: targets, tables by class, what is worse than 40 %, worst cells, what was left out.
import { count, factor, percent, table, verdict, wholePercent } from './markdown.mjs';
import { errorOf, reasonsOf } from './reasons.mjs';
import { byText, errorsOf, fitted, flat, groupBy, quantile, roofline, unseen } from './statistics.mjs';

const WITHOUT_REASON = 0.4;
const WORST = 20;
/** TTFT at few users: of engines of 2025 on nobody publishes one alone. */
const UNLOADED = 4;

// Those that a plot shows apart, and the rest.
const FAMILIES = { vllm: 'vLLM', sglang: 'SGLang', trtllm: 'TensorRT-LLM', 'llama.cpp': 'llama.cpp', transformers: 'Transformers' };
const NAMES = { ...FAMILIES, deepspeed: 'DeepSpeed-MII', exllama: 'ExLlama', lmdeploy: 'LMDeploy', mindie: 'MindIE',
  mlc: 'MLC LLM', tgi: 'TGI' };
const OTHERS = 'others';
const familyOf = ({ era }) => FAMILIES[era.split(' ')[0]] ?? OTHERS;
const engineOf = ({ era }) => era.replace(/^\S+/, (name) => NAMES[name] ?? name).replace(' ?', ', version not stated');

/** vLLM from 0.8, SGLang from 0.4.6, TensorRT-LLM from 1.0, llama.cpp of 2025; a version not stated is of its source's year. */
export function recent({ era, engine, set }) {
  if (set.startsWith('argonne') || set === 'mlc-bench' || set === 'lmdeploy') return false;
  if (era.startsWith('llama.cpp')) return set !== 'xdai-llamacpp';
  return ['vllm 0.8-0.11', 'vllm >=0.12', 'vllm ?', 'sglang 0.5', 'sglang ?', 'trtllm 1.x', 'trtllm ?'].includes(era) ||
    (era === 'sglang 0.4' && /0\.4\.([6-9]|\d\d)/.test(engine));
}

const alone = (row) => row.metric === 'prefill_tok_s' || (row.metric === 'ttft_ms' && row.concurrency <= UNLOADED);
const decode = (row) => row.metric === 'tpot_ms' || row.metric === 'decode_tok_s';
const throughput = (row) => !decode(row) && !row.time && row.metric !== 'prefill_tok_s';

// [name, which rows, target of the median]
const TARGETS = [
  ['TPOT, and decode rates', (r) => recent(r) && decode(r), 0.12],
  ['… TPOT alone', (r) => recent(r) && r.metric === 'tpot_ms', null],
  ['… decode rates alone', (r) => recent(r) && r.metric === 'decode_tok_s', null],
  ['TTFT unloaded: at most 4 users, and prefill rates', (r) => recent(r) && alone(r), 0.2],
  ['… TTFT alone', (r) => recent(r) && alone(r) && r.time, null],
  ['… prefill rates alone', (r) => recent(r) && alone(r) && !r.time, null],
  ['throughput', (r) => recent(r) && throughput(r), 0.2],
  ['older engines, all metrics', (r) => !recent(r), 0.25],
  ['TTFT under load', (r) => recent(r) && r.metric === 'ttft_ms' && r.concurrency > UNLOADED, null],
];
const BAND = [0.7, 0.9];

/** Lines of the table of targets. */
export function servingTargets(times) {
  return TARGETS.flatMap(([name, holds, target]) => {
    const rows = times.filter(holds);
    if (!rows.length) return [];
    const errors = errorsOf(rows, unseen);
    return [{ name, target: target === null ? 'none' : `≤ ${wholePercent(target)}`, ...errors,
      verdict: target === null ? '' : verdict(errors.median <= target) }];
  });
}

/** Points that results of several GPUs may be worse by. */
const GPU_POINTS = 0.05;

/** The classes with a target that hold results of one GPU and of several, over all engines and by engine. */
export function gpuTable(times) {
  const classes = TARGETS.filter(([, , target]) => target !== null).flatMap(([name, holds]) => {
    const rows = times.filter(holds);
    const families = [...groupBy(rows, familyOf)];
    const isOfBoth = ([, of]) => of.some(({ gpus }) => gpus === 1) && of.some(({ gpus }) => gpus > 1);
    const both = families.filter(isOfBoth).flatMap(([, of]) => of);
    return [['all engines', rows], ['engines with results of both', both], ...families]
      .map(([engine, of]) => ({ name, engine, rows: of }));
  });
  const lines = classes.flatMap(({ name, engine, rows }) => {
    const one = errorsOf(rows.filter(({ gpus }) => gpus === 1), unseen);
    const several = errorsOf(rows.filter(({ gpus }) => gpus > 1), unseen);
    if (!one.cells || !several.cells) return [];
    return [{ name, engine, one, several, verdict: verdict(several.median - one.median <= GPU_POINTS) }];
  });
  return table([
    ['', ({ name }) => name],
    ['engine', ({ engine }) => engine],
    ['>cells of one GPU', ({ one }) => one.cells],
    ['>median', ({ one }) => percent(one.median)],
    ['>cells of several', ({ several }) => several.cells],
    ['>median', ({ several }) => percent(several.median)],
    [`within ${Math.round(100 * GPU_POINTS)} points`, (line) => line.verdict],
  ], lines);
}

const FEW_CELLS = 5;

/** The share of all, and the classes of some cells whose share is outside of what the band may hold. */
export function bandTarget(times) {
  const held = (rows) => errorsOf(rows, unseen).inside;
  const may = (inside) => inside >= BAND[0] && inside <= BAND[1];
  const outside = ['metric', 'engine', 'model class'].flatMap((wanted) => {
    const [division, nameOf] = DIVISIONS.find(([name]) => name === wanted);
    return [...groupBy(times, nameOf)].filter(([, rows]) => errorsOf(rows, unseen).cells >= FEW_CELLS && !may(held(rows)))
      .map(([name, rows]) => `${division} ${name} ${wholePercent(held(rows))}`);
  });
  return { inside: held(times), verdict: verdict(may(held(times))), outside };
}

function lineOf(name, rows) {
  const ours = errorsOf(rows, unseen);
  return { name, ...ours, fitted: errorsOf(rows, fitted).median, roofline: errorsOf(rows, roofline),
    flat: errorsOf(rows, flat) };
}

const COLUMNS = [
  ['', ({ name }) => name],
  ['>rows', ({ rows }) => count(rows)],
  ['>cells', ({ cells }) => cells],
  ['>median', ({ median }) => percent(median)],
  ['>P90', ({ p90 }) => percent(p90)],
  ['>speed', ({ speed }) => factor(speed)],
  ['>in band', ({ inside }) => wholePercent(inside)],
  ['>in-sample median', (line) => percent(line.fitted)],
  ['>roofline median', (line) => percent(line.roofline.median)],
  ['>flat median', (line) => percent(line.flat.median)],
];

const WITH_P90 = [
  ...COLUMNS,
  ['>roofline P90', (line) => percent(line.roofline.p90)],
  ['>flat P90', (line) => percent(line.flat.p90)],
];

const DIVISIONS = [
  ['metric', ({ metric }) => metric],
  ['engine', engineOf],
  ['accelerator', ({ gpu }) => gpu],
  ['model class', (row) => row.model_class],
  ['weights', ({ weights }) => weights],
  ['number of GPUs', ({ gpus }) => (gpus > 1 ? 'several' : 'one')],
  ['source of kernel times', ({ source }) => source],
  ['source of the results', ({ set }) => set],
];

const groupsOf = (times) => DIVISIONS.map(([division, nameOf]) => [division, groupBy(times, nameOf)]);

export function divisionTables(times) {
  const all = table(WITH_P90, [lineOf('all times and rates', times)]);
  const parts = groupsOf(times).map(([division, groups]) =>
    `### By ${division}\n\n${table([[division, ({ name }) => name], ...COLUMNS.slice(1)],
      [...groups].map(([name, rows]) => lineOf(name, rows)))}`);
  return [all, ...parts].join('\n\n');
}

/** Classes of any division whose median is worse than 40 %, each with its reason. */
export function badClasses(times) {
  const targets = TARGETS.map(([name, holds]) => [name, times.filter(holds)]).filter(([, rows]) => rows.length);
  const bad = [['engines of 2025 on:', targets], ...groupsOf(times)].flatMap(([division, groups]) => [...groups].flatMap(([name, rows]) => {
    const { median, cells } = errorsOf(rows, unseen);
    return median > WITHOUT_REASON ? [{ division, name, median, cells, reason: reasonsOf(rows) }] : [];
  }));
  if (!bad.length) return 'None.';
  return table([
    ['class', ({ division, name }) => `${division} ${name}`],
    ['>cells', ({ cells }) => cells],
    ['>median', ({ median }) => percent(median)],
    ['likely reason', ({ reason }) => reason],
  ], bad);
}

export function worstCells(times) {
  const cells = [...groupBy(times, ({ cell }) => cell)].map(([name, rows]) => ({
    name, rows, median: quantile(rows.map(errorOf), 0.5), speed: errorsOf(rows, unseen).speed,
    roofline: errorsOf(rows, roofline).median,
  }));
  cells.sort((a, b) => b.median - a.median || byText(a.name, b.name));
  const distinct = (rows, of) => [...new Set(rows.map(of))].sort(byText).join(', ');
  return table([
    ['cell', ({ rows: [row] }) => `${row.model}, ${row.gpu} (${row.set})`],
    ['engine', ({ rows }) => distinct(rows, ({ engine }) => engine)],
    ['metrics', ({ rows }) => distinct(rows, ({ metric }) => metric)],
    ['>rows', ({ rows }) => rows.length],
    ['>median', ({ median }) => percent(median)],
    ['>speed', ({ speed }) => factor(speed)],
    ['>roofline median', (cell) => percent(cell.roofline)],
    ['likely reason', ({ rows }) => reasonsOf(rows)],
  ], cells.slice(0, WORST));
}

const REASONS = {
  no_accelerator: 'accelerator not in the catalogue',
  layout_not_modelled: 'layout not modelled, or not stated',
  beyond_physics: 'faster than the hardware allows',
  inconsistent_measurement: 'contradicts other figures of the same run',
  does_not_fit: 'weights exceed the memory of the GPUs that are stated',
  lengths_not_stated: 'lengths not stated',
  format_not_modelled: 'weight format not modelled',
  no_config: 'no config',
};

export function leftOut({ refused, unfitted }) {
  const byCode = groupBy(refused, ({ reason }) => reason.split(':')[0]);
  const cellsOf = (rows) => [...groupBy(rows, ({ cell }) => cell)];
  const reasons = table([
    ['reason', ([code]) => REASONS[code] ?? code],
    ['>rows', ([, rows]) => count(rows.length)],
    ['>cells', ([, rows]) => cellsOf(rows).length],
  ], [...byCode]);
  const limitOf = ({ reason }) => Number(/allows ([\d.e+-]+)/.exec(reason)?.[1]);
  const beyond = table([
    ['cell', ([, [row]]) => `${row.model}, ${row.gpu} (${row.set})`],
    ['engine', ([, [row]]) => row.engine],
    ['>rows', ([, rows]) => rows.length],
    ['>faster than the hardware allows by', ([, rows]) => {
      const factors = rows.map((row) => (row.time ? limitOf(row) / row.measured : row.measured / limitOf(row)));
      const [low, high] = [Math.min(...factors), Math.max(...factors)].map(factor);
      return low === high ? low : `${low} to ${high}`;
    }],
  ], cellsOf(byCode.get('beyond_physics') ?? []));
  const apart = unfitted.length === 0 ? '' : `\n\n${count(unfitted.length)} results of engines without a profile are predicted, ` +
    `but nothing is fitted to them: median ${percent(errorsOf(unfitted, fitted).median)}. They are not in the tables above.`;
  return `${reasons}\n\nFaster than the hardware allows, by cell:\n\n${beyond}${apart}`;
}

/** Predictions, without their cell, that are faster than the peaks allow. */
export function fasterThanPeaks(times) {
  const slack = 1 + 1e-3;
  return times.filter(({ time, unseen: { value }, limit }) =>
    (time ? value * slack < limit : value > limit * slack)).length;
}

export const memoryLine = (memory) => errorsOf(memory, fitted);

/** Points of the plots: by family of engines. */
export function plots(times) {
  const groups = (rows, valueOf) => [...Object.values(FAMILIES), OTHERS].map((name) => ({
    name,
    points: rows.filter((row) => familyOf(row) === name).map((row) => valueOf(row)),
  }));
  const point = ({ measured, unseen: { value } }) => ({ measured, predicted: value });
  const MS = 1000;
  const perToken = (row) => {
    const { measured, predicted } = point(row);
    return row.metric === 'tpot_ms' ? { measured, predicted } : { measured: MS / measured, predicted: MS / predicted };
  };
  const single = (row) => row.metric === 'tpot_ms' || (row.metric === 'decode_tok_s' && row.concurrency === 1);
  return [
    { file: 'tpot', title: 'Time per output token, without its cell', what: 'TPOT, ms', groups: groups(times.filter(single), perToken) },
    { file: 'ttft', title: 'Time to first token, without its cell', what: 'TTFT, ms',
      groups: groups(times.filter(({ metric }) => metric === 'ttft_ms'), point) },
    { file: 'throughput', title: 'Throughput, without its cell', what: 'tokens/s',
      groups: groups(times.filter(throughput), point) },
  ];
}

