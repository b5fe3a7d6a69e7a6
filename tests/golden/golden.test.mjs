// Answers to fixed requests, kept as files: a change of the engine shows as their diff. After one that is meant:
// node tests/golden/update.mjs NAME…
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { answerOf, goldens, pretty } from './goldens.mjs';

for (const golden of goldens()) {
  test(golden.name, () => {
    assert.equal(pretty(answerOf(golden)), readFileSync(golden.response, 'utf8'));
  });
}
