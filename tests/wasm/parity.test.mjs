// The module answers as the native engine does, byte for byte.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { answerOf, goldens, inlined } from '../golden/goldens.mjs';
import { root, run } from '../support.mjs';
import { bareEngine, engine, simulator } from './module.mjs';

for (const golden of goldens()) {
  test(`${golden.command}: ${golden.name}`, () => {
    const answer = golden.command === 'simulate' ? (text) => simulator.simulate(text, () => {}) : engine.estimate;
    assert.equal(answer(inlined(golden.request)) + '\n', answerOf(golden));
  });
}

for (const file of readdirSync(join(root, 'presets/models'))) {
  test(`describe: ${file}`, () => {
    const { config } = JSON.parse(readFileSync(join(root, 'presets/models', file), 'utf8'));
    const text = JSON.stringify(config);
    assert.equal(engine.describe(text) + '\n', run(['describe'], text).stdout);
  });
}

const accelerator = (id) => readFileSync(join(root, `presets/accelerators/${id}.json`), 'utf8');

/** One request on an accelerator with an engine, as the module and as the command line take it. */
const request = (id, serving) => JSON.stringify({
  schema: 1,
  model: { preset: 'deepseek-r1' },
  accelerator: { preset: id },
  deployment: { gpus: 8, ...serving },
  workload: { input_tokens: 3000, output_tokens: 500, concurrency: 32 },
});

const servings = ['generic', 'vllm', 'sglang', 'tensorrt-llm', 'llama.cpp', 'transformers'].map((name) => ({ engine: name }));
for (const serving of [...servings, { engine: 'vllm', engine_version: '0.8.5' }]) {
  test(`estimate on measured accelerators and on those like them: ${Object.values(serving).join(' ')}`, () => {
    for (const id of ['h100-80-sxm', 'h20-96-sxm', 'b300-288-sxm', 'mi300x', 'l40s']) {
      const asked = request(id, serving);
      assert.equal(engine.estimate(inlined(asked)) + '\n', run(['estimate'], asked).stdout, id);
    }
  });
}

for (const load of [
  { concurrency: 32 },
  { request_rate: 0.5, lengths: 'lognormal', arrivals: 'bursty' },
  { request_rate: 1000 },
  { concurrency: 300, think_time_s: 5, lengths: 'uniform', prefix_hit: 0.5, limits: { ttft_s: { p95: 3 } }, curve: true },
]) {
  test(`simulate: ${JSON.stringify(load)}`, () => {
    const asked = JSON.parse(request('h200-141-sxm', { engine: 'vllm' }));
    asked.workload = { input_tokens: 3000, output_tokens: 300, ...load };
    const text = JSON.stringify(asked);
    const shares = [];
    const answer = simulator.simulate(inlined(text), (share) => shares.push(share));
    assert.equal(answer + '\n', run(['simulate'], text).stdout);
    assert.ok(shares.length > 0 && shares.every((share, i) => share <= 1 + 1e-9 && share >= (shares[i - 1] ?? 0)));
  });
}

test('without calibrations every estimate is generic, and an accelerator has none', async () => {
  const bare = await bareEngine();
  const { result } = JSON.parse(bare.estimate(inlined(request('h100-80-sxm', {}))));
  assert.equal(result.ttft_s.source, 'generic');
  assert.deepEqual(JSON.parse(bare.calibrationOf(accelerator('h100-80-sxm'))).result, { calibration: null });
});

test('an accelerator rests on its own calibration, one like it on that of its architecture, others on none', () => {
  const calibration = (id) => JSON.parse(engine.calibrationOf(accelerator(id))).result.calibration;
  assert.equal(calibration('h100-80-sxm'), 'h100-80-sxm');
  assert.equal(calibration('h20-96-sxm'), 'h200-141-sxm');
  assert.equal(calibration('mi300x'), null);
});

test('version', () => assert.equal(engine.version() + '\n', run(['version']).stdout));

test('nothing is thrown across the boundary, whatever is sent', () => {
  const texts = ['', '{', 'null', '[[[[', '\u0000', '{"schema":1}', '"\ud800"', '['.repeat(4_000_000), 'x'.repeat(10_000_000)];
  for (const text of texts) {
    assert.equal(JSON.parse(engine.estimate(text)).ok, false);
    assert.equal(JSON.parse(engine.describe(text)).ok, false);
    assert.equal(JSON.parse(engine.addCalibration(text)).ok, false);
    assert.equal(JSON.parse(engine.calibrationOf(text)).ok, false);
  }
});
