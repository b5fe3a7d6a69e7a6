// What the document is made of: rows of `tokencast accuracy`, and what `calibrate` predicts without having seen them.
import { createReadStream, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readCsv } from '../../support.mjs';
import { byText } from './statistics.mjs';

const NUMBERS = ['measured', 'predicted', 'low', 'high', 'limit', 'flat', 'gpus', 'tp', 'concurrency', 'input_tokens',
  'output_tokens', 'running', 'layers'];

const isTime = (metric) => metric === 'ttft_ms' || metric === 'tpot_ms';

const withNumbers = (row) => ({
  ...row,
  time: isTime(row.metric),
  ...Object.fromEntries(NUMBERS.map((name) => [name, row[name] === '' ? NaN : Number(row[name])])),
});

/**
 * Serving results: times are those with an unseen prediction, memory and unfitted those without (nothing is fitted to
 * them), refused those without any.
 */
export function readServing(rowsPath, unseenPath) {
  const unseenOf = new Map(readCsv(unseenPath).map(({ id, predicted, low, high }) =>
    [id, { value: Number(predicted), low: Number(low), high: Number(high) }]));
  const rows = readCsv(rowsPath).map(withNumbers);
  const known = rows.filter((row) => row.predicted > 0 && row.measured > 0);
  const times = known.filter((row) => unseenOf.has(row.id)).map((row) => ({ ...row, unseen: unseenOf.get(row.id) }));
  return {
    rows,
    times,
    memory: known.filter((row) => row.metric === 'memory_gib'),
    unfitted: known.filter((row) => row.metric !== 'memory_gib' && !unseenOf.has(row.id)),
    refused: rows.filter((row) => row.reason !== ''),
  };
}

const HEAD = /^(\S+) (\S+) (\S+) (\S+): (\d+) rows, (\d+) not understood, (\d+) faster than the peaks allow$/;
const ERRORS = new RegExp(String.raw`^( *)(\S.*?) +(\d+)  median +([\d.]+) %  P90 +([\d.]+) %   above 20 us +(\d+) +` +
  String.raw`([\d.]+) % +([\d.]+) %   in band +([\d.]+) %$`);

/** What `calibrate --kernels` printed: {curves, pooled}, errors as shares, on geometries that were not fitted. */
export function readCalibrated(path) {
  const curves = [];
  const pooled = [];
  let table = null;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const head = HEAD.exec(line);
    if (head) table = { accelerator: head[1], op: head[2], engine: head[3] };
    const found = ERRORS.exec(line);
    if (!found) continue;
    const [rows, median, p90, longRows, longMedian, longP90, inside] = found.slice(3).map(Number);
    const errors = { rows, median: median / 100, p90: p90 / 100, longRows, longMedian: longMedian / 100,
      longP90: longP90 / 100, inside: inside / 100 };
    if (found[1]) curves.push({ ...table, class: found[2].split(' ')[0], ...errors });
    else pooled.push({ op: found[2], ...errors });
  }
  if (!curves.length || !pooled.length) throw new Error(`${path} is not what calibrate --kernels prints`);
  return { curves, pooled };
}

const SUMMARY = /^ {2}(\S.*?) +(\d+) +\d+ +([\d.]+)% +([\d.]+)% +[\d.]+ +([\d.]+)%$/;

/** What `accuracy --kernels --leave-out-accelerator` printed: {operations, accelerators, both}, errors as shares. */
export function readLeftKernels(path) {
  const found = { operations: [], accelerators: [], both: [] };
  const lists = { '1 operation': found.operations, '3 accelerator': found.accelerators,
    '6 accelerator and operation': found.both };
  let list = null;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const head = /^by (.+?) {2,}rows/.exec(line);
    if (head) list = lists[head[1]];
    const summary = SUMMARY.exec(line);
    if (!summary || !list) continue;
    const [rows, median, p90, inside] = summary.slice(2).map(Number);
    list.push({ name: summary[1], rows, median: median / 100, p90: p90 / 100, inside: inside / 100 });
  }
  if (!found.both.length) throw new Error(`${path} is not what accuracy --leave-out-accelerator prints`);
  return found;
}

/** The measured tables of the calibration: {accelerator, op, engine, version, rows, beyond_physics, not_understood}. */
export function readTables(folder) {
  return readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'index.json').sort(byText)
    .flatMap((file) => {
      const { accelerator, tables } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return tables.map((table) => ({ accelerator, ...table }));
    });
}

function fieldsOf(line) {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}

/** Calls each(row) for every measured kernel of a file too large to hold. */
export async function eachKernel(path, each) {
  let header = null;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const fields = fieldsOf(line);
    if (header) each(Object.fromEntries(header.map((name, i) => [name, fields[i]])));
    else header = fields;
  }
}
