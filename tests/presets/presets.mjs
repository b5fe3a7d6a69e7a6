// What the checks of presets/ share: reading the files, and telling what is wrong with one.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { root } from '../support.mjs';

export const folder = (kind) => join(root, 'presets', kind);

/** A problem, as it is printed: which file, where in it, what is wrong, what to do. */
export const problem = (path, pointer, message, hint = '') =>
  `${relative(root, path)} ${pointer || '/'}: ${message}${hint ? `\n    ${hint}` : ''}`;

/** The files of presets/models/ or presets/accelerators/, or those named: {presets: [{id, path, file}], problems}. */
export function read(kind, paths) {
  paths ??= readdirSync(folder(kind))
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder(kind), name));
  const presets = [];
  const problems = [];
  for (const path of paths) {
    try {
      presets.push({ id: basename(path, '.json'), path, file: JSON.parse(readFileSync(path, 'utf8')) });
    } catch (error) {
      problems.push(
        problem(
          path,
          '',
          `not JSON: ${error.message}`,
          'write one JSON object; a comma after the last member is no JSON',
        ),
      );
    }
  }
  return { presets, problems };
}

/** A figure's number. */
export const value = (figure) => (typeof figure === 'object' && figure !== null ? figure.value : figure);

/** Every figure of a file: [pointer, {value, confidence, source, note}]. Prices are not figures. */
export function figures(file) {
  const found = [];
  const walk = (node, pointer) => {
    if (typeof node !== 'object' || node === null) return;
    if ('value' in node && 'confidence' in node) found.push([pointer, node]);
    else for (const [key, member] of Object.entries(node)) if (key !== 'prices') walk(member, `${pointer}/${key}`);
  };
  walk(file, '');
  return found;
}

/** Prints problems, or what was checked where there are none; the exit status. */
export function report(problems, checked) {
  for (const line of problems) console.log(line);
  console.log(problems.length ? `${problems.length} problems` : checked);
  return problems.length ? 1 : 0;
}
