// Compares the model presets with the true parameter counts and KV sizes of the repositories they name, and prints the
// table:
//   node tests/accuracy/presets.mjs [--all]      TOKENCAST_SHARED names the folder with configs/truth.csv
// A row belongs to the preset that has its repository as links.hub or as a variant's hub: a quantized repository has
// the same parameters. Without --all only rows that are not known exactly, or not met, are printed. Fails when a row that
// is known exactly is not met to the element, another by more than 2.5 %, or a KV column is not, and
// docs/describe-differences.md does not list it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { models } from '../golden/goldens.mjs';
import { answerLines, readCsv, root, shared } from '../support.mjs';

const truth = shared('configs/truth.csv');
if (!truth) process.exit(77);

const TOLERANCE = 0.025;
const explained = readFileSync(join(root, 'docs/describe-differences.md'), 'utf8');
const all = process.argv.includes('--all');

/** OWNER/NAME in lower case: names that hubs redirect are one. */
const repository = (text) =>
  text
    .toLowerCase()
    .replace('https://huggingface.co/', '')
    .replace('/meta-llama-3.1', '/llama-3.1')
    .replace(/^thudm\//, 'zai-org/');

const presets = models();
const answers = answerLines('describe', presets.map(({ config }) => config));
const presetOf = new Map();
for (const own of [false, true]) {
  // A preset's own repository wins over another's variant.
  presets.forEach(({ links, variants = [] }, i) => {
    for (const hub of own ? [links.hub] : variants.map((variant) => variant.hub ?? '')) presetOf.set(repository(hub), i);
  });
}

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
  return found;
}

const counts = { equal: 0, close: 0, explained: 0, wrong: 0 };
const met = new Set();
for (const row of readCsv(truth)) {
  const index = presetOf.get(repository(row.model_id));
  if (index === undefined || row.file.startsWith('NEGATIVE')) continue;
  met.add(index);
  const { id } = presets[index];
  const name = `${id.padEnd(30)} ${row.model_id.padEnd(52)}`;
  if (!answers[index].ok) {
    counts.wrong++;
    console.log(`${name} REFUSED: ${answers[index].error.message}`);
    continue;
  }
  const { result } = answers[index];
  const found = differences(result, row);
  const exact = row.precision.startsWith('exact');
  let verdict = exact ? 'equal' : 'close';
  if (found.length) verdict = explained.includes(row.model_id) ? 'explained' : 'wrong';
  counts[verdict]++;
  if (!all && verdict === 'equal') continue;
  const off = 100 * (result.total_parameters / Number(row.computed_lm_params || row.total_params) - 1);
  console.log(`${name}${String(result.total_parameters).padStart(14)} ${verdict === 'wrong' ? 'DIFFERS' : verdict} ` +
    `(${off.toFixed(3)} %) ${found.join('; ')} [${row.precision}]`);
}
console.log(`${presets.length} presets, ${met.size} with a known repository: ${counts.equal} rows known exactly and equal, ` +
  `${counts.close} others within ${100 * TOLERANCE} %, ${counts.explained} explained in docs/describe-differences.md, ` +
  `${counts.wrong} wrong`);
process.exit(counts.wrong > 0 || counts.equal < 60 ? 1 : 0);
