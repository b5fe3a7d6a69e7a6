/** What the first visit downloads, compressed as a host would, and whether that stays within its budget. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const budget = 300_000;
/** All lists and presets, which are fetched later: about twice what 270 of them take. */
const laterBudget = 100_000;
/** The calibration of one accelerator, which its first answer waits for. */
const calibrationBudget = 40_000;
/** A section with the second module of the engine, once it is opened. */
const sectionBudget = 300_000;
const dist = resolve(import.meta.dirname, '../../dist');
if (!existsSync(resolve(dist, 'index.html'))) throw new Error('dist/ is missing: run npm run build first');

const html = readFileSync(resolve(dist, 'index.html'), 'utf8');
const linked = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path);
// Fetched by the first script once the page stands.
const worker = readdirSync(resolve(dist, 'assets')).filter((name) => name.startsWith('workbox'));
const files = ['index.html', ...linked, ...worker.map((name) => `assets/${name}`)];

const fetched = readdirSync(resolve(dist, 'assets'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => `assets/${name}`);
const isCalibration = (path) => path.startsWith('assets/calibration-');
const lists = fetched.filter((path) => !isCalibration(path));
const calibrations = fetched.filter(isCalibration);

const shown = (bytes) => bytes.toLocaleString('en').padStart(9);

/** Prints each file's size and returns them. */
function sizesOf(paths) {
  return paths.map((path) => {
    const size = brotliCompressSync(readFileSync(resolve(dist, path))).length;
    console.log(`${shown(size)}  ${path}`);
    return size;
  });
}

const sum = (sizes) => sizes.reduce((total, size) => total + size, 0);
const within = (size, what, most) => {
  console.log(`${shown(size)}  bytes ${what}, brotli; the budget is ${most.toLocaleString('en')}`);
  return size <= most;
};

const first = sum(sizesOf(files));
const named = (pattern) =>
  readdirSync(resolve(dist, 'assets'))
    .filter((name) => pattern.test(name))
    .map((name) => `assets/${name}`);
// The texts of the page in the reader's language, which the first script fetches.
const texts = Math.max(...sizesOf(named(/^(en|zh)-.*\.js$/)));
const checks = [within(first + texts, 'in all, with the larger language', budget)];
console.log('\nWhen needed:');
checks.push(within(sum(sizesOf(lists)), 'in all', laterBudget));
console.log('\nOnce "Under load" is opened:');
const load = sum(
  sizesOf(named(/^(under-load|background|simulator-worker)-.*\.js$|^tokencast-simulate-.*\.wasm$/)),
);
const loadTexts = Math.max(...sizesOf(named(/^load-texts-(en|zh)-.*\.js$/)));
checks.push(within(load + loadTexts, 'in all, with the larger language', sectionBudget));
console.log('\nOnce "Your own measurement" is opened:');
checks.push(
  within(
    sum(sizesOf(named(/^(own-section|background|simulator-worker|tokencast-simulate)-/))),
    'in all',
    sectionBudget,
  ),
);
console.log('\nOne for each accelerator, when it is chosen:');
const sizes = sizesOf(calibrations);
console.log(`${shown(sum(sizes))}  bytes in all, kept for working offline`);
checks.push(within(Math.max(...sizes), 'at most', calibrationBudget));
if (!checks.every(Boolean)) process.exit(1);
