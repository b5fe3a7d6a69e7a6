// The document: its words, with the figures that the other files here work out.
import { count, percent, table, wholePercent } from './markdown.mjs';
import { curvesTable, fittedTable, kernelTargets, pooledMisses, pooledTable, rejectedTable, worstCurves } from './kernels.mjs';
import { badClasses, bandTarget, divisionTables, fasterThanPeaks, gpuTable, leftOut, memoryLine, servingTargets, worstCells }
  from './serving.mjs';
import { leftPart } from './left.mjs';
import { KERNEL_REASONS } from './reasons.mjs';
import { errorsOf, flat, roofline, unseen } from './statistics.mjs';

const figure = ({ file, title }) => `![${title}](accuracy/${file}.svg)`;

function targetsPart(results, calibrated) {
  const { times } = results;
  const band = bandTarget(times);
  const outside = band.outside.length === 0 ? 'So it does in each class of five cells or more.'
    : `In classes of five cells or more it does not: ${band.outside.join(', ')}.`;
  const misses = pooledMisses(calibrated);
  const endToEnd = table([
    ['end to end, cells not fitted; engines of 2025 on unless older', ({ name }) => name],
    ['>rows', ({ rows }) => count(rows)],
    ['>cells', ({ cells }) => cells],
    ['>median', ({ median }) => percent(median)],
    ['>P90', ({ p90 }) => percent(p90)],
    ['>in band', ({ inside }) => wholePercent(inside)],
    ['target of the median', ({ target }) => target],
    ['', ({ verdict }) => verdict],
  ], servingTargets(times));
  const kernels = table([
    ['kernels, geometries not fitted', ({ name }) => name],
    ['>rows', ({ rows }) => count(rows)],
    ['>curves', ({ cells }) => cells],
    ['>median', ({ median }) => percent(median)],
    ['>P90', ({ p90 }) => percent(p90)],
    ['>in band', ({ inside }) => wholePercent(inside)],
    ['target, median / P90', ({ target }) => target],
    ['', ({ verdict }) => verdict],
    ['>curves that meet it', ({ meets }) => wholePercent(meets)],
  ], kernelTargets(calibrated));
  const all = errorsOf(times, unseen);
  return `## Targets

${endToEnd}

The band is meant to hold 80 % of measurements, and may hold 70 to 90 %: it holds ${wholePercent(band.inside)} (${band.verdict}).
${outside}
Over all times and rates the median error is ${percent(all.median)}; a plain roofline is off by
${percent(errorsOf(times, roofline).median)}, flat efficiencies by ${percent(errorsOf(times, flat).median)} on the same rows.

Engines of 2025 on are vLLM from 0.8, SGLang from 0.4.6, TensorRT-LLM from 1.0 and llama.cpp of 2025; results that do not state a
version count by the year of their source. None of these publishes the TTFT of a single user, so that few users stand for none.

${kernels}

A curve is one kernel of one engine on one accelerator in one format; curves count equally, so that the median is of their medians
and the P90 of their P90s. Pooled over all calls of an operation, each counting as one (see Kernels), ${misses.length === 0
    ? 'all operations meet their target too.' : `${misses.join(', ')} ${misses.length === 1 ? 'does' : 'do'} **not** meet the target.${
      misses.filter((op) => KERNEL_REASONS[op]).map((op) => `\n${KERNEL_REASONS[op]}`).join('')}`}`;
}

function servingPart(results, figures) {
  const { times, memory } = results;
  const faster = fasterThanPeaks(times);
  const kept = memoryLine(memory);
  return `## End to end

\`measured/serving/train.csv\` holds ${count(results.rows.length)} published results. ${count(times.length)} times and rates are
predicted here without their cell; ${faster === 0 ? 'none of the predictions is' : `**${count(faster)} predictions are**`} faster
than the peaks allow. Memory is computed, not fitted: ${count(kept.rows)} results in ${kept.cells} cells, median
${percent(kept.median)}, P90 ${percent(kept.p90)}.

${figures.filter(({ file }) => file !== 'kernels').map(figure).join('\n')}

The line is equality, the grey band ±20 %.

${divisionTables(times)}

### One GPU and several

Results of several GPUs are meant to be as well predicted as those of one, within 5 points. Engines that publish only results of
one GPU (llama.cpp of 2025) make the one easier than the others, so that those with results of both are compared on their own too.

${gpuTable(times)}

### Worse than 40 %

Every class of the tables above whose median is worse than 40 %, with the likely reason. Where there are several, each has its share
of the cells' results that are off by more than 20 %; below a fifth a reason is not named.

${badClasses(times)}

### The worst 20 cells

By the median of the cell's rows, without the cell. Reasons are chosen by rules (\`tests/accuracy/document/reasons.mjs\`) from what is
known of the sources and of the model; where no rule applies it says so.

${worstCells(times)}

### Left out

${leftOut(results)}`;
}

function kernelsPart({ calibrated, kernelRows, tables, figures }) {
  const rejected = rejectedTable(tables);
  const [rows, curves] = [tables, calibrated.curves].map((items) => items.reduce((sum, item) => sum + item.rows, 0));
  const noRoofline = [...kernelRows.operations.values()].every(({ roofline: errors }) => errors.length === 0);
  return `## Kernels

${count(rows)} measured calls in ${tables.length} tables; ${count(curves)} of them in ${count(calibrated.curves.length)} curves. Errors
are of calls whose geometry (all but the number of sequences and tokens) was not fitted. Pooled over accelerators and engines, each
call counting as one:

${pooledTable(calibrated)}

${curvesTable('accelerator', calibrated, ({ accelerator }) => accelerator)}

${curvesTable('engine', calibrated, ({ engine }) => engine)}

The curves that are worst:

${worstCurves(calibrated)}

In-sample, as the engine answers, of all calls that physics allows${noRoofline ? '' : '; beside it plain roofline and flat efficiencies'}:

${fittedTable(kernelRows)}

${figures.filter(({ file }) => file === 'kernels').map(figure).join('\n')}

### Rejected

${count(rejected.beyond)} calls in ${rejected.tables} tables are measured faster than the peaks allow, and are not fitted: caches that
hold what a cold call would read, or wrong timing. ${rejected.notUnderstood === 0 ? 'None was not understood.'
    : `${count(rejected.notUnderstood)} were not understood.`} Tables that are not here had none.

${rejected.text}`;
}

const HEAD = `# Accuracy

How far Tokencast is from published measurements. This page is written by a command (see the end); figures are not edited by hand.

- **Unseen.** What is claimed is measured on what was not fitted: cells of serving results are dealt to five folds, and each is
  predicted by engine profiles fitted to the other four; kernels on geometries left out likewise. *In-sample* figures stand beside, as such.
- **Cells count equally.** A cell is one model on one accelerator from one source; its rows share everything unstated. Median and
  P90 are of |predicted / measured − 1|; *speed* is the median of predicted / measured speed, with times inverted: above ×1, the
  estimate is too fast.
- **In band**: the share of measurements between \`low\` and \`high\`. Bands of end to end results come from the residuals of the
  other folds, so that none has seen what it is judged by; one factor for each class of models widens them, from all folds together.
- **Roofline**: the same schedule at 100 % of peak and bandwidth, nothing added. **Flat**: at 60 % of the peak and 80 % of the bandwidth.
- What is not unseen: kernels' curves are the same for all folds, and interpretation of the sources (lengths, formats, limits of
  engines) was mended while looking at all cells. Measurements kept back (\`holdout.enc\`) are not among these.`;

const TAIL = `## How to re-run

With the reference data beside the repository (or \`TOKENCAST_SHARED\` naming its folder) and the native build
(\`cmake --preset native && cmake --build --preset native\`):

\`\`\`sh
node tests/accuracy/document.mjs
\`\`\`

It runs, into \`build/accuracy/\`:

\`\`\`sh
build/native/calibrate --serving ../shared/measured/serving/train.csv --configs ../shared/configs \\
  --unseen build/accuracy/unseen.csv                                                   # 5 minutes
# … and the same with --leave-out accelerator and --leave-out model
build/native/calibrate --kernels ../shared/measured/kernels > build/accuracy/calibrated.txt   # 2 minutes
build/native/tokencast accuracy --serving ../shared/measured/serving/train.csv --configs ../shared/configs \\
  --rows build/accuracy/serving.csv
build/native/tokencast accuracy --kernels ../shared/measured/kernels --rows build/accuracy/kernels.csv
build/native/tokencast accuracy --kernels ../shared/measured/kernels --leave-out-accelerator > build/accuracy/left-kernels.txt
\`\`\`

What is there already is named instead of made: \`--unseen\`, \`--accelerators\`, \`--models\`, \`--left-kernels\`, \`--calibrated\`, \`--rows\`, \`--kernel-rows\`. To fit anew, add
\`--out presets/calibration\` to either \`calibrate\` (kernels first), and build.`;

/** Returns the text of docs/accuracy.md. */
export function documentText({ results, figures, kernelRows, calibrated, tables, left }) {
  return `${[HEAD, targetsPart(results, calibrated), servingPart(results, figures), leftPart(left),
    kernelsPart({ calibrated, kernelRows, tables, figures }), TAIL].join('\n\n')}\n`;
}
