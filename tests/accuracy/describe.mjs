// Compares `describe` with the true parameter counts and KV sizes of published configs, and prints the table:
//   node tests/accuracy/describe.mjs [--all]      TOKENCAST_SHARED names the folder with configs/truth.csv
// Without --all only rows that are not known exactly, or not met, are printed. Fails when a row that is known
// exactly is not met to the element, another by more than 2.5 %, a KV column is not, or a negative is not refused,
// and docs/describe-differences.md does not list it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readCsv, root, run, shared } from '../support.mjs';

const truth = shared('configs/truth.csv');
if (!truth) process.exit(77);

const TOLERANCE = 0.025;
const explained = readFileSync(join(root, 'docs/describe-differences.md'), 'utf8');
const all = process.argv.includes('--all');
const counts = { equal: 0, close: 0, explained: 0, refused: 0, wrong: 0 };

/** What differs between an answer and a row of the truth, in words. */
function differences(result, row) {
  const found = [];
  const exact = row.precision.startsWith('exact');
  const expected = Number(row.computed_lm_params || row.total_params);
  const off = result.total_parameters / expected - 1;
  if (exact ? result.total_parameters !== expected : Math.abs(off) > TOLERANCE) {
    found.push(`parameters ${result.total_parameters}, known ${expected} (${(100 * off).toFixed(3)} %)`);
  }
  const equal = (name, value, text) => {
    if (text !== '' && value !== Number(text)) found.push(`${name} ${value}, known ${Number(text)}`);
  };
  if (exact) equal('active', result.active_parameters, row.active_params_computed_incl_embeddings);
  equal('KV', result.kv_bytes_per_token, row.kv_bytes_per_token_bf16);
  equal('KV growing', result.kv_bytes_per_token_growing, row.kv_bytes_per_token_global_layers_only);
  if (Number(row.computed_mtp_params) > 0) equal('MTP', result.mtp_parameters, row.computed_mtp_params);
  const tower = result.towers.find((t) => t.parameters);
  if (tower && Number(row.computed_vision_params) > 0) equal('vision', tower.parameters, row.computed_vision_params);
  return found;
}

for (const row of readCsv(truth)) {
  // KV in the configs' own format may be fp8: the truth is of 16 bit.
  const answer = JSON.parse(run(['describe', join(dirname(truth), row.file)]).stdout);
  const name = row.model_id.padEnd(52);
  if (row.file.startsWith('NEGATIVE')) {
    const refused = !answer.ok && answer.error.code === 'not_a_decoder';
    counts[refused ? 'refused' : 'wrong']++;
    if (all || !refused) console.log(`${name} ${refused ? 'refused' : 'NOT REFUSED'}: ${answer.ok ? '' : answer.error.message}`);
    continue;
  }
  if (!answer.ok) {
    counts.wrong++;
    console.log(`${name} REFUSED: ${answer.error.message}`);
    continue;
  }
  const found = differences(answer.result, row);
  const exact = row.precision.startsWith('exact');
  let verdict = exact ? 'equal' : 'close';
  if (found.length) verdict = explained.includes(row.model_id) ? 'explained' : 'wrong';
  counts[verdict]++;
  const total = String(answer.result.total_parameters).padStart(14);
  const off = 100 * (answer.result.total_parameters / Number(row.computed_lm_params || row.total_params) - 1);
  if (all || found.length) console.log(`${name}${total} ${verdict === 'wrong' ? 'DIFFERS' : verdict} ${found.join('; ')} [${row.precision}]`);
  else if (!exact) console.log(`${name}${total} ${verdict} (${off.toFixed(3)} %) [${row.precision}]`);
}
console.log(`${counts.equal} known exactly and equal, ${counts.close} others within ${100 * TOLERANCE} %, ` +
  `${counts.explained} explained in docs/describe-differences.md, ${counts.refused} negatives refused, ${counts.wrong} wrong`);
process.exit(counts.wrong > 0 || counts.equal < 100 ? 1 : 0);
