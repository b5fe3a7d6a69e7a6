// Writes docs/accuracy.md and docs/accuracy/*.svg: how far estimates are from published measurements.
//
//   node tests/accuracy/document.mjs [--unseen FILE] [--accelerators FILE] [--models FILE] [--left-kernels FILE] [--calibrated FILE] [--rows FILE] [--kernel-rows FILE] [--out DIR]
//
// TOKENCAST_SHARED names the folder with measured/ and configs/, TOKENCAST_CLI the command line; calibrate is taken from
// beside it. What no option names is made first: --unseen by `calibrate --serving` (five minutes), --accelerators and --models
// by the same with --leave-out, --left-kernels, what `tokencast accuracy --leave-out-accelerator` prints, --calibrated, what
// `calibrate --kernels` prints (five minutes), the rows by `tokencast accuracy` (seconds). Same inputs, same bytes.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cli, root, shared } from '../support.mjs';
import { readCalibrated, readLeftKernels, readServing, readTables } from './document/inputs.mjs';
import { readKernelRows } from './document/kernels.mjs';
import { scatter } from './document/scatter.mjs';
import { plots } from './document/serving.mjs';
import { documentText } from './document/text.mjs';

const { values: given } = parseArgs({ options: {
  unseen: { type: 'string' }, accelerators: { type: 'string' }, models: { type: 'string' }, 'left-kernels': { type: 'string' },
  calibrated: { type: 'string' }, rows: { type: 'string' }, 'kernel-rows': { type: 'string' },
  out: { type: 'string', default: join(root, 'docs') },
} });

const serving = shared('measured/serving/train.csv');
const kernels = shared('measured/kernels');
const configs = shared('configs');
if (!serving || !kernels || !configs) process.exit(77);

const work = join(root, 'build/accuracy');
mkdirSync(work, { recursive: true });

/** Runs a command, with what it prints in a file; the process ends when it fails. */
function make(program, args, printed) {
  console.log(`${program} ${args.join(' ')}`);
  const file = openSync(printed, 'w');
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', file, 'inherit'], cwd: root });
  closeSync(file);
  if (status === 0) return;
  console.error(`${program} failed: ${error?.message ?? `status ${status}`}`);
  process.exit(1);
}

const inWork = (name) => join(work, name);
const calibrate = join(dirname(cli), 'calibrate');
const sources = ['--serving', serving, '--configs', configs];

/** Path of an input: as given, or made by the command. */
function input(option, file, command) {
  if (given[option]) return given[option];
  command(inWork(file));
  return inWork(file);
}

const unseenPath = input('unseen', 'unseen.csv', (path) =>
  make(calibrate, [...sources, '--unseen', path], inWork('profiles.txt')));
const leavingOut = (what, file) => input(`${what}s`, file, (path) =>
  make(calibrate, [...sources, '--leave-out', what, '--unseen', path], inWork(`profiles-${what}.txt`)));
const acceleratorsPath = leavingOut('accelerator', 'accelerators.csv');
const modelsPath = leavingOut('model', 'models.csv');
const leftKernelsPath = input('left-kernels', 'left-kernels.txt', (path) =>
  make(cli, ['accuracy', '--kernels', kernels, '--leave-out-accelerator'], path));
const calibratedPath = input('calibrated', 'calibrated.txt', (path) => make(calibrate, ['--kernels', kernels], path));
const rowsPath = input('rows', 'serving.csv', (path) =>
  make(cli, ['accuracy', ...sources, '--rows', path], inWork('serving.txt')));
const kernelRowsPath = input('kernel-rows', 'kernels.csv', (path) =>
  make(cli, ['accuracy', '--kernels', kernels, '--rows', path], inWork('kernels.txt')));

const results = readServing(rowsPath, unseenPath);
const kernelRows = await readKernelRows(kernelRowsPath);
const figures = [
  ...plots(results.times),
  { file: 'kernels', title: 'Kernels, in-sample, thinned', what: 'time, µs', groups: kernelRows.groups },
];

mkdirSync(join(given.out, 'accuracy'), { recursive: true });
for (const figure of figures) writeFileSync(join(given.out, `accuracy/${figure.file}.svg`), scatter(figure));
const text = documentText({
  results,
  figures,
  kernelRows,
  calibrated: readCalibrated(calibratedPath),
  left: {
    accelerators: readServing(rowsPath, acceleratorsPath).times,
    models: readServing(rowsPath, modelsPath).times,
    kernels: readLeftKernels(leftKernelsPath),
  },
  tables: readTables(join(root, 'presets/calibration')),
});
writeFileSync(join(given.out, 'accuracy.md'), text);
console.log(`wrote ${join(given.out, 'accuracy.md')} and ${figures.length} figures`);
