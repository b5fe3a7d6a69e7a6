// What docs/accuracy.md is worked out with.
import assert from 'node:assert/strict';
import test from 'node:test';
import { percent, table, wholePercent } from './document/markdown.mjs';
import { scatter } from './document/scatter.mjs';
import { gpuTable } from './document/serving.mjs';
import { errorsOf, weightedQuantile } from './document/statistics.mjs';

test('a quantile is the least value at which the share of the weight is reached', () => {
  assert.equal(weightedQuantile([[3, 1], [1, 1], [2, 1]], 0.5), 2);
  // Of a weight of 5, half is reached in the value that has 3 of it.
  assert.equal(weightedQuantile([[1, 1], [2, 1], [9, 3]], 0.5), 9);
});

test('each cell counts as one, whatever its rows', () => {
  // Cell a is right three times, cell b is 50 % off once: half of the weight is reached at 0, 90 % at 0.5.
  const right = { cell: 'a', measured: 10 };
  const rows = [right, right, right, { cell: 'b', measured: 20 }];
  const errors = errorsOf(rows, ({ measured }) => ({ value: measured === 20 ? 30 : 10, low: 9, high: 11 }));
  assert.deepEqual(errors, { rows: 4, cells: 2, median: 0, p90: 0.5, speed: 1, inside: 0.5 });
});

test('the speed of a time is inverted: half the time is twice the speed', () => {
  assert.equal(errorsOf([{ cell: 'a', measured: 10, time: true }], () => 5).speed, 2);
  assert.equal(errorsOf([{ cell: 'a', measured: 10, time: false }], () => 5).speed, 0.5);
});

test('shares as text, and tables that a bar does not break', () => {
  assert.equal(percent(0.0612), '6.1 %');
  assert.equal(percent(0.0996), '10 %');
  assert.equal(percent(12.34), '1,234 %');
  assert.equal(wholePercent(NaN), '');
  assert.equal(table([['a', (x) => x], ['>b', () => 1]], ['x|y']), '| a | b |\n|---|---:|\n| x\\|y | 1 |');
});

test('a plot draws points of one pixel once', () => {
  const points = Array.from({ length: 1000 }, () => ({ measured: 20, predicted: 30 }));
  const svg = scatter({ title: 'a & b', what: 'ms', groups: [{ name: 'x', points }] });
  assert.match(svg, /a &amp; b/);
  assert.equal(svg.match(/M\d+ \d+h0/g).length, 1);
});

test('results of several GPUs may be worse by five points', () => {
  const row = (cell, gpus, value) => ({ cell, gpus, era: 'vllm >=0.12', set: 'x', engine: 'vllm', metric: 'tpot_ms', time: true,
    measured: 100, unseen: { value, low: 50, high: 200 } });
  const verdicts = (severalMs, others = []) => gpuTable([row('a', 1, 110), row('b', 2, severalMs), ...others])
    .split('\n').slice(2).map((line) => line.split('|').at(-2).trim());
  // 10 % and 14 %: over all engines, over those with results of both, and of vLLM
  assert.deepEqual(verdicts(114), ['met', 'met', 'met']);
  assert.deepEqual(verdicts(118), ['**not met**', '**not met**', '**not met**']);
  // What has only one GPU counts among all engines alone: 0 %, 10 % and 14 %, of which the lower middle is 0 %.
  const alone = { ...row('c', 1, 100), era: 'llama.cpp ?', engine: 'llama.cpp' };
  assert.deepEqual(verdicts(114, [alone]), ['**not met**', 'met', 'met']);
});
