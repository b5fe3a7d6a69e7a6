// The module answers as the native engine does, byte for byte.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { answerOf, goldens, inlined } from '../golden/goldens.mjs';
import { root, run } from '../support.mjs';
import { engine } from './module.mjs';

for (const golden of goldens()) {
  test(`estimate: ${golden.name}`, () => {
    assert.equal(engine.estimate(inlined(golden.request)) + '\n', answerOf(golden));
  });
}

for (const file of readdirSync(join(root, 'presets/models'))) {
  test(`describe: ${file}`, () => {
    const { config } = JSON.parse(readFileSync(join(root, 'presets/models', file), 'utf8'));
    const text = JSON.stringify(config);
    assert.equal(engine.describe(text) + '\n', run(['describe'], text).stdout);
  });
}

test('version', () => assert.equal(engine.version() + '\n', run(['version']).stdout));

test('nothing is thrown across the boundary, whatever is sent', () => {
  const texts = ['', '{', 'null', '[[[[', '\u0000', '{"schema":1}', '"\ud800"', '['.repeat(4_000_000), 'x'.repeat(10_000_000)];
  for (const text of texts) {
    assert.equal(JSON.parse(engine.estimate(text)).ok, false);
    assert.equal(JSON.parse(engine.describe(text)).ok, false);
  }
});
