/** What was typed as a number, in units of SI. */
import type { Typed } from './engine/types';

export const GB = 1e9;
export const GiB = 2 ** 30;

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number in units of `unit`, or the text itself: the engine then says what is wrong with it. */
export function typed(text: string, unit = 1): Typed {
  // Chinese keyboards type digits in full width too.
  const trimmed = text.normalize('NFKC').trim();
  if (!decimal.test(trimmed)) return text;
  const value = Number(trimmed) * unit;
  return Number.isFinite(value) ? value : text;
}
