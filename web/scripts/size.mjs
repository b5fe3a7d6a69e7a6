/** What the first visit downloads, compressed as a host would, and whether that stays within its budget. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const budget = 300_000;
/** All lists and presets, which are fetched later: about twice what 270 of them take. */
const laterBudget = 100_000;
const dist = resolve(import.meta.dirname, '../../dist');
if (!existsSync(resolve(dist, 'index.html'))) throw new Error('dist/ is missing: run npm run build first');

const html = readFileSync(resolve(dist, 'index.html'), 'utf8');
const linked = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path);
// Fetched by the first script once the page stands.
const worker = readdirSync(resolve(dist, 'assets')).filter((name) => name.startsWith('workbox'));
const files = ['index.html', ...linked, ...worker.map((name) => `assets/${name}`)];

const lists = readdirSync(resolve(dist, 'assets'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => `assets/${name}`);

const shown = (bytes) => bytes.toLocaleString('en').padStart(9);

/** Prints each file's size and returns their sum. */
function sum(paths) {
  let total = 0;
  for (const path of paths) {
    const size = brotliCompressSync(readFileSync(resolve(dist, path))).length;
    total += size;
    console.log(`${shown(size)}  ${path}`);
  }
  return total;
}

const total = sum(files);
console.log(
  `${shown(total)}  bytes in all, brotli; the budget is ${budget.toLocaleString('en')}\n\nWhen needed:`,
);
const later = sum(lists);
console.log(`${shown(later)}  bytes in all, brotli; the budget is ${laterBudget.toLocaleString('en')}`);
if (total > budget || later > laterBudget) process.exit(1);
