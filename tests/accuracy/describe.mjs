// Compares `describe` with the true parameter counts and KV sizes of published configs, and prints the table:
//   node tests/accuracy/describe.mjs [--all]      TOKENCAST_SHARED names the folder with configs/truth.csv
// Fails when a row of a supported family that is known exactly is not met to the element.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readCsv, run, shared } from '../support.mjs';

const truth = shared('configs/truth.csv');
if (!truth) process.exit(77);

const same = (value, text) => text === '' || value === Number(text);
let supported = 0;
let exact = 0;
let wrong = 0;
const refused = [];
for (const row of readCsv(truth)) {
  const answer = JSON.parse(run(['describe', join(dirname(truth), row.file)]).stdout);
  if (!answer.ok) {
    refused.push(`${row.model_id}: ${answer.error.message}`);
    continue;
  }
  const r = answer.result;
  supported++;
  const met = same(r.total_parameters, row.computed_lm_params) &&
    same(r.active_parameters, row.active_params_computed_incl_embeddings) &&
    same(r.kv_bytes_per_token, row.kv_bytes_per_token_bf16) &&
    same(r.kv_bytes_per_token_growing, row.kv_bytes_per_token_global_layers_only);
  const knownExactly = row.precision.startsWith('exact');
  if (knownExactly && met) exact++;
  if (knownExactly && !met) wrong++;
  const verdict = met ? 'equal' : 'DIFFERS';
  console.log(`${row.model_id.padEnd(52)} ${String(r.total_parameters).padStart(13)} ${verdict}  ${row.precision}`);
}
if (process.argv.includes('--all')) refused.forEach((line) => console.log(line));
console.log(`${supported} configs of supported families: ${exact} known exactly and equal, ${wrong} known exactly and not; ` +
  `${refused.length} refused`);
// The families of the first release have 40 such rows; fewer would mean that the comparison itself broke.
process.exit(wrong > 0 || exact < 40 ? 1 : 0);
