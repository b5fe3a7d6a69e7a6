// Answers to fixed requests, and the sizes of every model preset, kept as files: a change of the engine shows as their
// diff. After one that is meant: node tests/golden/update.mjs NAME…
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { answerLines } from '../support.mjs';
import { answerOf, describedModels, goldens, models, modelsCsv, pretty } from './goldens.mjs';

for (const golden of goldens()) {
  test(golden.name, () => {
    assert.equal(pretty(answerOf(golden)), readFileSync(golden.response, 'utf8'));
  });
}

test('models', () => {
  // Line by line: a diff of the whole would not say which.
  const lines = describedModels().split('\n');
  const kept = readFileSync(modelsCsv, 'utf8').split('\n');
  const without = (from, those) => from.filter((line) => !those.includes(line));
  assert.deepEqual({ found: without(lines, kept), kept: without(kept, lines) }, { found: [], kept: [] });
});

test('the weights of every variant are a format that the engine takes', () => {
  const ofModel = ({ id, config, variants = [] }) => variants.map((variant) => ({ id, config, ...variant }));
  const variants = models().flatMap(ofModel);
  const requests = variants.map(({ config, weights }) => ({
    schema: 1,
    model: { config },
    accelerator: { preset: 'h200-141-sxm' },
    deployment: { weights },
    workload: { input_tokens: 1000, output_tokens: 100 },
  }));
  const answers = answerLines('estimate', requests);
  const refused = variants.filter((_, i) => !answers[i].ok).map(({ id, name, weights }) => `${id}, ${name}: ${weights}`);
  assert.deepEqual(refused, []);
});
