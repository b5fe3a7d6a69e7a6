// How large the catalogue is, where its figures come from, and where it differs from a table of data sheets.
// node tests/presets/statistics.mjs [--hardware FILE.csv]
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { readCsv, root } from '../support.mjs';
import { figures, read } from './presets.mjs';

const budget = 120_000; // all presets, compressed together
const GiB = 2 ** 30;

/** Columns of the table: [column, key of its confidence, pointer of the figure, unit]. */
const columns = [
  ['memory_gb', 'mem', '/memory_bytes', GiB],
  ['memory_gib_usable', 'gib', '/usable_memory_bytes', GiB],
  ['mem_bandwidth_gb_s', 'bw', '/memory_bandwidth_bytes_per_s', 1e9],
  ...['fp32', 'tf32', 'fp16', 'bf16', 'fp8', 'fp4'].map((dtype) => [
    `${dtype}_tflops`,
    dtype,
    `/peak_flops_per_s/${dtype}`,
    1e12,
  ]),
  ...['int8', 'int4'].map((dtype) => [`${dtype}_tops`, dtype, `/peak_flops_per_s/${dtype}`, 1e12]),
  ['fp16_acc16_tflops', 'a16', '/peak_flops_per_s/fp16_accumulate_fp16', 1e12],
  ['fp8_acc16_tflops', 'a8', '/peak_flops_per_s/fp8_accumulate_fp16', 1e12],
  ['link_gb_s_unidir', 'link', '/link/bandwidth_bytes_per_s', 1e9],
  ['nic_gbps_typical', 'nic', '/nic/bandwidth_bytes_per_s', 1e9 / 8],
  ['l2_mb', 'l2', '/cache_bytes', 1e6],
  ['num_sm_cu', 'sm', '/compute_units', 1],
  ['tdp_w', 'tdp', '/tdp_w', 1],
];

/**
 * Differences between presets and rows of a table, [{text, argued}], in figures that either calls a data sheet's. A
 * difference is argued by the note of the figure, or, where the preset leaves the figure out, by its own note.
 */
export function differences(presets, rows) {
  const byId = new Map(presets.map((preset) => [preset.id, preset.file]));
  const found = [];
  for (const row of rows) {
    const file = byId.get(row.id);
    if (!file) continue;
    const confidence = Object.fromEntries(
      row.figure_confidence
        .split(' ')
        .filter(Boolean)
        .map((pair) => pair.split('=')),
    );
    const mine = new Map(figures(file));
    for (const [column, key, pointer, unit] of columns) {
      const figure = mine.get(pointer);
      const theirs = row[column] ? Number(row[column]) * unit : undefined;
      const say = (what, argument) =>
        found.push({
          text: `${row.id} ${pointer}: ${what}${argument ? `. Argued: ${argument}` : ''}`,
          argued: Boolean(argument),
        });
      if (confidence[key] === 'datasheet' && theirs !== undefined) {
        if (!figure) say(`left out, ${row[column]} in ${column}`, file.note);
        else if (Math.abs(figure.value / theirs - 1) > 0.002)
          say(`${figure.value / unit}, ${row[column]} in ${column}`, figure.note);
        else if (figure.confidence !== 'datasheet')
          say(`marked ${figure.confidence}, datasheet in the table`, figure.note ?? file.note);
      } else if (figure?.confidence === 'datasheet') {
        say(`marked datasheet, ${confidence[key] ?? 'nothing'} in the table`, figure.note);
      }
    }
  }
  return found;
}

const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const lines = (...rows) => rows.forEach(([label, text]) => console.log(`${label.padEnd(28)}${text}`));

function main(args) {
  const at = args.indexOf('--hardware');
  const table =
    at >= 0 ? args[at + 1] : join(process.env.TOKENCAST_SHARED ?? join(root, '../shared'), 'hardware/hardware.csv');
  const accelerators = read('accelerators').presets;
  const models = read('models').presets;
  const all = accelerators.flatMap(({ file }) =>
    figures(file).map(([, figure]) => ({ ...figure, sourced: figure.source in file.sources })),
  );
  const count = (confidence) => all.filter((figure) => figure.confidence === confidence).length;
  const bytes = (presets) => {
    const text = presets.map(({ file }) => JSON.stringify(file)).join('\n');
    return brotliCompressSync(text, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
    }).length;
  };
  const [ofAccelerators, ofModels] = [bytes(accelerators), bytes(models)];
  lines(
    ['accelerators', `${accelerators.length}, of ${new Set(accelerators.map(({ file }) => file.vendor)).size} vendors`],
    ['models', `${models.length}, of ${new Set(models.map(({ file }) => file.organisation)).size} organisations`],
    ['figures', `${all.length}; ${percent(all.filter(({ sourced }) => sourced).length, all.length)} name a source`],
    ...['datasheet', 'secondary', 'unconfirmed'].map((confidence) => [
      `  ${confidence}`,
      `${count(confidence)}, ${percent(count(confidence), all.length)}`,
    ]),
    ['prices', `${accelerators.flatMap(({ file }) => file.prices ?? []).length}`],
    [
      'bytes, minified and brotli',
      `${ofAccelerators} accelerators + ${ofModels} models = ${ofAccelerators + ofModels}; the budget is ${budget}`,
    ],
  );
  const tooLarge = ofAccelerators + ofModels > budget;
  if (!existsSync(table)) {
    if (at >= 0) console.log(`error: there is no ${table}`);
    else
      console.log(
        'No table of data sheets beside the repository: nothing to compare with; name one with --hardware FILE.csv',
      );
    return tooLarge || at >= 0 ? 1 : 0;
  }
  const rows = readCsv(table);
  const found = differences(accelerators, rows);
  const open = found.filter(({ argued }) => !argued);
  const missing = rows.map(({ id }) => id).filter((id) => !accelerators.some((preset) => preset.id === id));
  console.log(
    `\nAgainst ${rows.length} rows of ${table}: ${found.length} differences in data sheet figures, ${open.length} without a note`,
  );
  for (const { text } of found) console.log(`  ${text}`);
  console.log(`Rows without a preset: ${missing.join(', ') || 'none'}`);
  return tooLarge || open.length ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.slice(2)));
