// What the tests in Node share: where things are, and how to ask the native command line.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cli = process.env.TOKENCAST_CLI ?? join(root, 'build/native/tokencast');

/** Path of reference data that lives beside the repository; null, and a line that says so, where it is absent. */
export function shared(path) {
  const full = join(process.env.TOKENCAST_SHARED ?? join(root, '../shared'), path);
  if (existsSync(full)) return full;
  console.log(`skipped: no reference data (${path}); set TOKENCAST_SHARED to its folder`);
  return null;
}

/** Runs the command line: {status, stdout, stderr}. */
export function run(args, input = '', program = cli) {
  return spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
}

/** Answers of one command to many inputs, in order. */
export function answerLines(command, inputs, program = cli) {
  const lines = inputs.map((input) => JSON.stringify(input)).join('\n') + '\n';
  return run([command, '--jsonl'], lines, program).stdout.trim().split('\n').map((line) => JSON.parse(line));
}

/** Rows of a CSV file as objects; fields may be quoted. */
export function readCsv(path) {
  const text = readFileSync(path, 'utf8');
  const records = [];
  let record = [''];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') record[record.length - 1] += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ',') record.push('');
    else if (!quoted && c === '\n') {
      records.push(record);
      record = [''];
    } else if (c !== '\r') record[record.length - 1] += c;
  }
  const [header, ...rows] = record.length > 1 ? [...records, record] : records;
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
}
