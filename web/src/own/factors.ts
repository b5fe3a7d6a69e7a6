/**
 * The factors of the reader's own measurement, as text: what `compare` found, to the last digit, and what it was
 * measured on. The same text is in the inputs and in links:
 *
 *   prefill factor,decode factor,prefill spread,decode spread,rows,KV factor,engine,model,accelerator
 *
 * A factor that the measurement does not tell is empty, and so is its spread; that of the KV cache is left out, comma
 * and all, as it was in links before it. Where the KV cache alone was measured, there are no rows.
 */
import type { Estimate, EstimateRequest, Factors } from '../engine/types';
import type { Inputs } from '../inputs';

const numbers: readonly (readonly [name: keyof Factors, least: number, most: number])[] = [
  ['prefill_time_factor', 0.05, 20],
  ['decode_time_factor', 0.05, 20],
  ['prefill_time_spread', 0.05, 5],
  ['decode_time_spread', 0.05, 5],
  ['rows', 1, 1e6],
  ['kv_capacity_factor', 0.05, 20],
];

/** The text of each number, in their order, that of the KV cache empty where it is left out. */
function partsOf(text: string): string[] {
  const parts = text.split(',');
  return [...parts.slice(0, -3), ...(parts.length === numbers.length + 2 ? [''] : [])];
}

/** Whether a link's text is one that the engine takes. */
export function isFactors(text: string): boolean {
  const parts = partsOf(text);
  const [prefill = '', decode = '', , , rows = '', kv = ''] = parts;
  const isTimed = `${prefill}${decode}` !== '';
  return (
    text.length <= 300 &&
    parts.length === numbers.length &&
    (isTimed || kv !== '') &&
    (rows === '' ? !isTimed : /^[1-9]\d*$/.test(rows)) &&
    numbers.every(([, least, most], index) => {
      const part = parts[index] ?? '';
      return part === '' || (/^\d+(\.\d+)?$/.test(part) && Number(part) >= least && Number(part) <= most);
    })
  );
}

export function factorsOf({ measured }: Pick<Inputs, 'measured'>): Pick<EstimateRequest, 'measured'> {
  if (measured === '') return {};
  const parts = partsOf(measured);
  const given = numbers
    .map(([name], index) => [name, parts[index] ?? ''] as const)
    .filter(([, part]) => part !== '');
  return {
    measured: Object.fromEntries(given.map(([name, part]) => [name, Number(part)])),
  };
}

export const textOf = (factors: Factors, on: string): string =>
  [
    ...numbers
      .filter(([name]) => name !== 'kv_capacity_factor' || factors[name] !== undefined)
      .map(([name]) => factors[name] ?? ''),
    on,
  ].join(',');

export const scalesTimes = (factors: Factors): boolean =>
  (factors.prefill_time_factor ?? factors.decode_time_factor) !== undefined;

/** With what was applied before of the same: a benchmark tells times, and a log the size of the KV cache. */
export function withApplied(found: Factors, applied: string, on: string): Factors {
  const before = applied.endsWith(`,${on}`) ? (factorsOf({ measured: applied }).measured ?? {}) : {};
  const kv = found.kv_capacity_factor ?? before.kv_capacity_factor;
  return {
    ...(scalesTimes(found) ? found : before),
    ...(kv === undefined ? {} : { kv_capacity_factor: kv }),
  };
}

/** What a measurement of these inputs would be of: its engine, model and accelerator. */
export function measuredOn(
  { engine, modelPreset, acceleratorPreset, custom }: Inputs,
  { model }: Estimate,
): string {
  // A config of one's own has no name.
  const own = `${model.architecture} ${(model.total_parameters / 1e9).toPrecision(3)}B`;
  return [engine, modelPreset ?? own, acceleratorPreset ?? custom.name]
    .map((name) => name.replaceAll(',', ' ').trim().slice(0, 60) || '?')
    .join(',');
}
