/** What the first visit downloads, compressed as a host would, and whether that stays within its budget. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const budget = 300_000;
const dist = resolve(import.meta.dirname, '../../dist');
if (!existsSync(resolve(dist, 'index.html'))) throw new Error('dist/ is missing: run npm run build first');

const html = readFileSync(resolve(dist, 'index.html'), 'utf8');
const linked = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path);
// Fetched by the first script once the page stands.
const later = readdirSync(resolve(dist, 'assets')).filter((name) => name.startsWith('workbox'));
const files = ['index.html', ...linked, ...later.map((name) => `assets/${name}`)];

let total = 0;
for (const file of files) {
  const size = brotliCompressSync(readFileSync(resolve(dist, file))).length;
  total += size;
  console.log(`${size.toLocaleString('en').padStart(9)}  ${file}`);
}
console.log(
  `${total.toLocaleString('en').padStart(9)}  bytes in all, brotli; the budget is ${budget.toLocaleString('en')}`,
);
if (total > budget) process.exit(1);
