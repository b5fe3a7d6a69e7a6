// Prints how measured end-to-end times compare with estimates, as factors measured / estimated: the figures behind the
// bands in engine/src/cost/efficiency.cpp. Cells (one model on one GPU from one source) weigh equally.
//
//   node tests/accuracy/bands.mjs [tokencast]      TOKENCAST_SHARED names the folder with measured/ and configs/
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { answerLines, readCsv, root, shared } from '../support.mjs';

const data = shared('measured/serving/train.csv');
if (!data) process.exit(77);
const configOf = (row) => join(dirname(data), `../../configs/${row.config}.json`);
const presets = readdirSync(join(root, 'presets/accelerators')).map((file) => file.replace('.json', ''));
const weightFormats = ['bf16', 'fp16', 'fp8', 'int8', 'int4'];

const time = ({ value, low, high }) => ({ value, low, high });
const inverse = ({ value, low, high }) => ({ value: 1 / value, low: 1 / high, high: 1 / low });

// Time per sequence from what a row measured. A closed loop's TTFT holds queueing, which a static batch has not.
const timeOf = {
  ttft_ms: { cls: 'prefill', measured: (v) => v / 1e3, estimated: (r) => time(r.ttft_s) },
  tpot_ms: { cls: 'decode', measured: (v) => v / 1e3, estimated: (r) => time(r.tpot_s) },
  decode_tok_s: { cls: 'decode', measured: (v, batch) => batch / v, estimated: (r) => time(r.tpot_s) },
  output_tok_s: { cls: 'end to end', measured: (v) => 1 / v, estimated: (r) => inverse(r.output_tokens_per_s) },
  output_tok_s_per_gpu: {
    cls: 'end to end', measured: (v) => 1 / v, estimated: (r) => inverse(r.output_tokens_per_s_per_gpu) },
  total_tok_s: { cls: 'end to end', measured: (v) => 1 / v, estimated: (r) => inverse(r.total_tokens_per_s) },
};

function comparable(row) {
  const queued = row.metric === 'ttft_ms' && row.mode !== 'prefill-only' && row.set !== 'argonne-ttft';
  return timeOf[row.metric] && !queued && ['single-stream', 'fixed-batch', 'prefill-only'].includes(row.mode) &&
    ['vllm', 'sglang', 'trtllm'].includes(row.engine_family) && presets.includes(row.gpu_id) &&
    weightFormats.includes(row.weight_dtype) && Number(row.pp || 1) === 1 && Number(row.batch_or_concurrency) >= 1 &&
    Number(row.tp || row.num_gpus) === Number(row.num_gpus) &&
    existsSync(configOf(row));
}

const rows = readCsv(data).filter(comparable);
const requests = rows.map((row) => ({
  schema: 1,
  model: { config: readFileSync(configOf(row), 'utf8') },
  accelerator: { preset: row.gpu_id },
  deployment: {
    tp: Number(row.num_gpus), weights: row.weight_dtype, kv_cache: row.kv_dtype === 'fp8' ? 'fp8' : 'auto' },
  workload: {
    input_tokens: Math.max(1, Number(row.input_len)), output_tokens: Math.max(2, Number(row.output_len)),
    concurrency: Number(row.batch_or_concurrency) },
}));
const answers = answerLines('estimate', requests, process.argv[2]);

const classes = new Map();
let refused = 0;
rows.forEach((row, i) => {
  if (!answers[i].ok) return void refused++;
  const { cls, measured, estimated } = timeOf[row.metric];
  const seconds = measured(Number(row.value), Number(row.batch_or_concurrency));
  const { value, low, high } = estimated(answers[i].result);
  const found = classes.get(cls) ?? classes.set(cls, { cells: new Map(), rows: 0, inside: 0 }).get(cls);
  found.rows++;
  found.inside += seconds >= low && seconds <= high ? 1 : 0;
  found.cells.set(row.cell, [...(found.cells.get(row.cell) ?? []), seconds / value]);
});

const quantile = (values, q) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
console.log('class        rows  cells   P10   P50   P90  inside   (measured / estimated, by cell; rows inside the band)');
for (const [cls, { cells, rows: count, inside }] of classes) {
  const medians = [...cells.values()].map((factors) => quantile(factors, 0.5));
  const shown = [0.1, 0.5, 0.9].map((q) => quantile(medians, q).toFixed(2).padStart(5)).join(' ');
  const share = `${Math.round((100 * inside) / count)} %`.padStart(6);
  console.log(`${cls.padEnd(11)} ${String(count).padStart(5)} ${String(medians.length).padStart(6)} ${shown} ${share}`);
}
console.log(`${refused} of ${rows.length} rows are of models not supported yet`);
