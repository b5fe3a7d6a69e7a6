// The part on what was left out whole: accelerators, models, and the kernels of an accelerator.
import { count, percent, table, verdict, wholePercent } from './markdown.mjs';
import { recent } from './serving.mjs';
import { errorsOf, groupBy, unseen } from './statistics.mjs';

const ACCELERATOR_TARGET = 0.25;
const KERNEL_TARGET = 0.15;

const columns = (first) => [
  [first, ({ name }) => name],
  ['>rows', ({ rows }) => count(rows)],
  ['>cells', ({ cells }) => cells],
  ['>median', ({ median }) => percent(median)],
  ['>P90', ({ p90 }) => percent(p90)],
  ['>in band', ({ inside }) => wholePercent(inside)],
];

const lineOf = (name, rows) => ({ name, ...errorsOf(rows, unseen) });

function linesOf(times, nameOf) {
  const modern = times.filter(recent);
  return [
    lineOf('all times and rates', times),
    ...(modern.length ? [lineOf('… engines of 2025 on', modern)] : []),
    ...[...groupBy(times, nameOf)].map(([name, rows]) => lineOf(name, rows)),
  ];
}

const kernelTable = (first, lines) => table([
  [first, ({ name }) => name],
  ['>rows', ({ rows }) => count(rows)],
  ['>median', ({ median }) => percent(median)],
  ['>P90', ({ p90 }) => percent(p90)],
  ['>in band', ({ inside }) => wholePercent(inside)],
  ['', ({ median }) => verdict(median <= KERNEL_TARGET)],
], lines);

/** accelerators and models: times predicted without them; kernels: what `accuracy --leave-out-accelerator` printed. */
export function leftPart({ accelerators, models, kernels }) {
  const { median } = errorsOf(accelerators, unseen);
  return `## Left out whole

What a fit says of what it has never seen at all: every accelerator in turn, with its results and its kernels, and every model (five
folds of models). A calibration of another accelerator of the same architecture stands in, or generic shares of the peaks.

### Accelerators never measured

The median over all is ${percent(median)} (target ≤ ${wholePercent(ACCELERATOR_TARGET)}: ${verdict(median <= ACCELERATOR_TARGET)}).

${table(columns('accelerator that is left out'), linesOf(accelerators, ({ gpu }) => gpu))}

### Models never measured

${table(columns('class of models that are left out'), linesOf(models, (row) => row.model_class))}

### Kernels of an accelerator that is left out

Where another of its architecture was measured: by the curves of that one, efficiencies carried over to the peaks of this one. The
target is a median of ${wholePercent(KERNEL_TARGET)}. RTX PRO 6000 is Blackwell by name only: its multiprocessors, caches and memory are those of
another design than B200's, and their kernels differ.

${kernelTable('accelerator', kernels.accelerators)}

${kernelTable('operation', kernels.operations)}

${kernelTable('accelerator and operation', kernels.both)}`;
}
