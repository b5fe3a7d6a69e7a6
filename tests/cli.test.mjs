// The command line as scripts use it: exit status, standard input, JSON Lines.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { run } from './support.mjs';

const request = JSON.stringify({
  schema: 1,
  model: { preset: 'qwen2.5-7b' },
  accelerator: { preset: 'rtx-4090' },
  workload: { input_tokens: 100, output_tokens: 10 },
});

test('0 answered, 1 refused, 2 misuse', () => {
  assert.equal(run(['estimate'], request).status, 0);
  assert.equal(run(['version']).status, 0);
  assert.equal(run(['--help']).status, 0);
  assert.equal(run(['estimate'], '{}').status, 1);
  assert.equal(run(['describe'], 'not json').status, 1);
  assert.equal(run([]).status, 2);
  assert.equal(run(['frobnicate']).status, 2);
  assert.equal(run(['describe', '--frobnicate']).status, 2);
  const missing = run(['describe', 'no-such-file.json']);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /cannot read no-such-file.json/);
});

test('a file, standard input by - and standard input by default are the same', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tokencast-')), 'request.json');
  writeFileSync(file, request);
  const answer = run(['estimate', file]).stdout;
  assert.equal(JSON.parse(answer).ok, true);
  assert.equal(run(['estimate', '-'], request).stdout, answer);
  assert.equal(run(['estimate'], request).stdout, answer);
});

test('JSON Lines: one answer per line, in order; a bad line does not stop the rest', () => {
  const lines = [request, 'oops', '', request].join('\n') + '\n';
  const { stdout, status } = run(['estimate', '--jsonl'], lines);
  const answers = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(answers.map((answer) => answer.ok), [true, false, false, true]);
  assert.deepEqual(answers[3], answers[0]);
  assert.equal(status, 1);
});

test('pasting 10 MB ends in an error, not a crash', () => {
  const answer = JSON.parse(run(['describe'], '{"a":"' + 'x'.repeat(10_000_000)).stdout);
  assert.equal(answer.error.code, 'text_too_large');
});

test('accuracy: tables, and a line for each row with its prediction or the reason against it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokencast-'));
  const results = join(folder, 'results.csv');
  const rows = join(folder, 'rows.csv');
  writeFileSync(results, [
    'id,set,cell,model_id,config,gpu_id,num_gpus,tp,weight_dtype,engine_family,engine,batch_or_concurrency,input_len,' +
      'output_len,metric,value,mode',
    'a,mine,c1,Qwen/Qwen3-4B,,h100-80-sxm,1,1,bf16,vllm,vLLM 0.11,8,1000,100,tpot_ms,5,fixed-batch',
    'b,mine,c2,"a model, unknown",,h100-80-sxm,1,1,bf16,vllm,vLLM 0.11,8,1000,100,tpot_ms,5,fixed-batch',
  ].join('\n'));
  const answer = run(['accuracy', '--serving', results, '--configs', folder, '--rows', rows]);
  assert.equal(answer.status, 0);
  assert.match(answer.stdout, /by metric .*\n  tpot_ms +1 +1 /);
  assert.match(answer.stdout, /not predicted\n  no_config: 1/);
  const [header, first, second] = readFileSync(rows, 'utf8').trim().split('\n');
  assert.match(header, /^id,measured,predicted,low,high,source,reason,/);
  assert.match(first, /^a,5,[\d.]+,[\d.]+,[\d.]+,measured,,/);
  assert.match(second, /^b,5,,,,,"no_config: /);
  assert.equal(run(['accuracy', '--serving', results]).status, 2);
  assert.equal(run(['accuracy', '--serving', join(folder, 'none.csv'), '--configs', folder]).status, 2);
});

test('compare: a table of measurements gives factors that estimate takes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokencast-'));
  const file = join(folder, 'measured.csv');
  writeFileSync(file, 'concurrency,tpot_ms\n1,40\n');
  const asked = JSON.parse(request);
  const { result } = JSON.parse(run(['compare', '--measured', file], JSON.stringify(asked)).stdout);
  assert.equal(result.rows.length, 1);
  assert.ok(Math.abs(result.rows[0].with_factors / 0.04 - 1) < 0.03, JSON.stringify(result.rows[0]));
  const scaled = JSON.parse(run(['estimate'], JSON.stringify({ ...asked, measured: result.measured })).stdout);
  assert.ok(Math.abs(scaled.result.tpot_s.value / 0.04 - 1) < 0.05, scaled.result.tpot_s.value);
  writeFileSync(file, 'nothing\n');
  const refused = run(['compare', '--measured', file], JSON.stringify(asked));
  assert.equal(refused.status, 1);
  assert.equal(JSON.parse(refused.stdout).error.code, 'measurement_not_understood');
});

test('simulate: percentiles, and what estimate does not know', () => {
  const asked = JSON.parse(request);
  asked.workload.request_rate = 2;
  const { result } = JSON.parse(run(['simulate'], JSON.stringify(asked)).stdout);
  assert.equal(result.service.stable, true);
  assert.ok(result.ttft_s.p50 <= result.ttft_s.p99);
  assert.equal(JSON.parse(run(['estimate'], JSON.stringify(asked)).stdout).error.code, 'needs_simulate');
  asked.workload.concurrency = 2;
  assert.equal(JSON.parse(run(['simulate'], JSON.stringify(asked)).stdout).error.code, 'conflicting_fields');
});
