// Data flows one way: a folder of engine/src includes only from folders before it in the chain, and JSON stays with those
// that read or write it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support.mjs';

const chain = ['base', 'model', 'graph', 'hardware', 'cost', 'memory', 'serving', 'sizing', 'report'];
// Files that know JSON: its readers, what reads configs and presets, and what writes results.
const knowsJson = (path) => path.startsWith('base/json_reader') || path.startsWith('base/relaxed_json') || path.startsWith('model/') ||
  path.startsWith('hardware/read_') || path.startsWith('cost/read_') || path.startsWith('report/');

const problems = [];
const source = join(root, 'engine/src');
for (const folder of readdirSync(source)) {
  if (!chain.includes(folder)) problems.push(`engine/src/${folder} is not in the chain`);
  for (const file of readdirSync(join(source, folder), { recursive: true }).filter((name) => /\.(h|cpp)$/.test(name))) {
    const path = `${folder}/${file}`;
    for (const [, included] of readFileSync(join(source, path), 'utf8').matchAll(/^#include ["<]([^">]+)[">]/gm)) {
      // <memory> and its like are of the standard library.
      const from = included.includes('/') ? included.split('/')[0] : '';
      if (chain.indexOf(from) > chain.indexOf(folder)) problems.push(`${path} includes ${included}, later in the chain`);
      const json = included === 'base/json_reader.h' || included.startsWith('nlohmann/');
      if (json && !knowsJson(path)) problems.push(`${path} includes ${included}: no JSON among physics`);
    }
  }
}
for (const problem of problems) console.log(problem);
console.log(problems.length ? `${problems.length} breaches of the chain` : `layers hold: ${chain.join(' → ')}`);
process.exit(problems.length ? 1 : 0);
