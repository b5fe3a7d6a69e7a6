// What a schema cannot say of the model presets: names are theirs alone, and all of them together stay small.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';
import { root } from '../support.mjs';

const BUDGET = 45_000;
const files = readdirSync(join(root, 'presets/models'));
const models = files.map((file) => ({ file, ...JSON.parse(readFileSync(join(root, 'presets/models', file), 'utf8')) }));

/** What more than one model has: [what, file, file…]. */
function shared(of) {
  const found = new Map();
  for (const model of models) {
    const names = new Set(of(model).map((text) => text.toLowerCase()));
    for (const name of names) found.set(name, [...(found.get(name) ?? []), model.file]);
  }
  return [...found].filter(([, { length }]) => length > 1).map(([name, of]) => [name, ...of]);
}

test('the id is the name of the file', () => {
  assert.deepEqual(models.filter(({ file, id }) => file !== `${id}.json`).map(({ file }) => file), []);
});

test('no two models share an id, a name or an alias', () => {
  assert.deepEqual(shared(({ id, name, aliases }) => [id, name, ...aliases]), []);
});

test('no two models, and no two variants, name one repository', () => {
  assert.deepEqual(shared(({ links, variants = [] }) => [links.hub, ...variants.map(({ hub }) => hub).filter(Boolean)]), []);
});

test('no config keeps a key of the tokenizer, of training or of the library', () => {
  const noise =
    /^_(name|commit|attn|from)|_token_id$|dropout|_eps$|^(initializer|rope)|^(auto_map|use_cache|hidden_act)$|^transformers/;
  const found = [];
  const walk = (node, path) => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, value] of Object.entries(node)) {
      if (!Array.isArray(node) && noise.test(key)) found.push(`${path}/${key}`);
      walk(value, `${path}/${key}`);
    }
  };
  for (const { file, config } of models) walk(config, file);
  assert.deepEqual(found, []);
});

test(`all of them are below ${BUDGET} bytes, minified and compressed`, () => {
  const text = models.map(({ file, ...model }) => JSON.stringify(model)).join('');
  const bytes = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  console.log(`${models.length} models, ${bytes} bytes`);
  assert.ok(bytes < BUDGET, `${bytes} bytes`);
});
