// The command line as scripts use it: exit status, standard input, JSON Lines.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
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
