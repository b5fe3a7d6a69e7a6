// Prints the fuzzers' dictionary: every text that the engine's readers look for, and what JSON and Python write.
//   node tests/fuzz/dictionary.mjs > tests/fuzz/config.dict
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support.mjs';

const words = new Set(['true', 'false', 'null', 'True', 'False', 'None', 'NaN', 'Infinity', '-Infinity', 'float("inf")',
  'torch.bfloat16', '1e308', '-1', '0', '1', '9223372036854775807', '1e-5', '{}', '[]', '//', '/*', '*/', '#', '\\u0000',
  '\\ud800', '```json', 'config = {', 're:.*', '(q|k)', '[^a]', '\\d+']);
const source = join(root, 'engine/src/model');
for (const file of readdirSync(source, { recursive: true }).filter((name) => name.endsWith('.cpp') || name.endsWith('names.h'))) {
  const text = readFileSync(join(source, file), 'utf8').replace(/^#include.*$/gm, '').replace(/\/\/.*$/gm, '');
  // Texts of one word, and lists of names: keys, values and classes. Other texts are messages.
  for (const [, names] of text.matchAll(/"([A-Za-z_][A-Za-z0-9_. -]{2,})"/g)) {
    const list = names.split(' ');
    const isNames = list.length === 1 || list.every((word) => /_|[a-z][A-Z]/.test(word));
    if (isNames) list.filter((word) => word.length < 60).forEach((word) => words.add(`"${word}"`));
  }
}
for (const word of [...words].sort()) {
  console.log(`"${word.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`);
}
