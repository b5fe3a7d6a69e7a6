/** The engine's sources, for tests that compare the page with what the engine can say. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../engine/src');

/** One file, by its path below engine/src. */
export const engineFile = (name: string): string => readFileSync(resolve(folder, name), 'utf8');

/** Every file's text, one after the other, but for those named. */
export function engineSource(...except: readonly string[]): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cpp|h)$/.test(name) && !except.includes(name))
    .sort()
    .map(engineFile)
    .join('\n');
}

/** What the groups of a pattern match, each text once. */
export const found = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].flatMap(([, ...groups]) => groups.filter(Boolean))),
];

/** The part of a text from one mark to the next. */
export function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`No ${start} … ${end} in the engine's source`);
  return text.slice(from, to);
}
