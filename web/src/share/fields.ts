/**
 * The fields of a share link. Their names are a promise: a link that was once sent must open for ever, so a
 * name is never reused for something else.
 */
import {
  acceleratorClasses,
  currencies,
  defaultInputs,
  draftMethods,
  kvCacheTypes,
  memoryUnits,
  overlaps,
  servingEngines,
  topologies,
  versionLength,
  weightTypes,
  type CustomAccelerator,
  type Inputs,
} from '../inputs';
import { isFactors } from '../own/factors';
import { findPreset } from '../presets';
import type { AcceleratorFile, Catalogue } from '../presets/types';
import { typed } from '../typed';

type TextInput = Exclude<keyof Inputs, 'custom' | 'config' | 'load'>;

interface Field {
  readonly name: string;
  readonly input: TextInput;
  /** The value to use, or undefined for one that makes no sense. */
  readonly read: (text: string, catalogue: Catalogue) => string | undefined;
}

const whole = (text: string): string | undefined => (/^[1-9]\d{0,7}$/.test(text) ? text : undefined);

const place = (text: string): string | undefined => (/^([1-9]\d?|100)$/.test(text) ? text : undefined);

const percentage = (text: string): string | undefined =>
  /^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) > 0 && Number(text) <= 100 ? text : undefined;

const share = (text: string): string | undefined =>
  /^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) <= 100 ? text : undefined;

const amount = (text: string): string | undefined => (/^\d{1,9}(\.\d{1,9})?$/.test(text) ? text : undefined);

/** Any text that could be one: what is no version counts as none. */
const version = (text: string): string | undefined =>
  text.length > 0 && text.length <= versionLength ? text : undefined;

const oneOf =
  (values: readonly string[]) =>
  (text: string): string | undefined =>
    values.includes(text) ? text : undefined;

export const fields: readonly Field[] = [
  { name: 'm', input: 'modelPreset', read: (text, { models }) => findPreset(models, text)?.id },
  {
    name: 'a',
    input: 'acceleratorPreset',
    read: (text, { accelerators }) => findPreset(accelerators, text)?.id,
  },
  { name: 'n', input: 'gpus', read: whole },
  { name: 'pp', input: 'pp', read: whole },
  { name: 'dp', input: 'dp', read: whole },
  { name: 'ep', input: 'ep', read: whole },
  { name: 'nn', input: 'nodes', read: whole },
  { name: 'in', input: 'inputTokens', read: whole },
  { name: 'out', input: 'outputTokens', read: whole },
  { name: 'b', input: 'concurrency', read: whole },
  { name: 'e', input: 'engine', read: oneOf(servingEngines) },
  { name: 'ev', input: 'engineVersion', read: version },
  { name: 'w', input: 'weights', read: oneOf(weightTypes) },
  { name: 'kv', input: 'kvCache', read: oneOf(kvCacheTypes) },
  { name: 'mf', input: 'memoryFraction', read: percentage },
  { name: 'u', input: 'utilisation', read: percentage },
  { name: 'c', input: 'choice', read: place },
  { name: 'p', input: 'price', read: amount },
  { name: 'pc', input: 'currency', read: oneOf(currencies) },
  { name: 'ov', input: 'overlap', read: oneOf(overlaps) },
  { name: 'sk', input: 'expertSkew', read: amount },
  { name: 'ow', input: 'offloadWeights', read: amount },
  { name: 'ok', input: 'offloadKv', read: amount },
  { name: 'sp', input: 'speculation', read: oneOf(draftMethods) },
  { name: 'dm', input: 'draftModel', read: (text, { models }) => findPreset(models, text)?.id },
  { name: 'dt', input: 'draftTokens', read: whole },
  { name: 'da', input: 'acceptance', read: share },
  { name: 'own', input: 'measured', read: (text) => (isFactors(text) ? text : undefined) },
];

/** Those of the section "Under load", which tells itself what of them makes no sense. `ul`: it is open, or was closed, 0. */
export const loadNames = 'ul ld rr th ar bu ln is os ph ls lt lp ms mt bt dg pi di rq sd'.split(' ');

export const noPresets: Catalogue = { models: [], accelerators: [], makers: {} };

/** Name → text of each field that is not as the page opens with it. */
export function written(inputs: Inputs): Record<string, string> {
  const pairs = fields
    .filter(({ input }) => inputs[input] !== null && inputs[input] !== defaultInputs[input])
    .map(({ name, input, read }) => [name, linked(inputs[input] ?? '', read)] as const);
  return { ...Object.fromEntries(pairs), ...inputs.load };
}

/** A number that a link would not take as it was typed, 1e3 or ８, as one that it takes. */
function linked(text: string, read: Field['read']): string {
  const value = typed(text);
  return typeof value === 'number' && read(text, noPresets) === undefined ? String(value) : text;
}

export interface Read {
  readonly inputs: Inputs;
  /** Names of fields whose value made no sense: they are as the page opens with them. */
  readonly bad: readonly string[];
  /** Names that this version does not know. */
  readonly unknown: readonly string[];
}

export const isPreset = (name: string): boolean => ['m', 'a', 'dm'].includes(name);

export const namesPreset = (given: ReadonlyMap<string, unknown>): boolean => [...given.keys()].some(isPreset);

export function readFields(given: ReadonlyMap<string, string>, catalogue: Catalogue): Read {
  const patch: Partial<Record<TextInput, string>> = {};
  const bad: string[] = [];
  for (const { name, input, read } of fields) {
    const text = given.get(name);
    if (text === undefined) continue;
    const value = read(text, catalogue);
    if (value === undefined) bad.push(name);
    else patch[input] = value;
  }
  const load: Record<string, string> = {};
  for (const name of loadNames) {
    const text = given.get(name);
    if (text === undefined) continue;
    if (text.length > versionLength) bad.push(name);
    else Object.assign(load, { ul: given.get('ul') === '0' ? '0' : '1', [name]: text });
  }
  const known = new Set([...fields.map(({ name }) => name), ...loadNames]);
  const unknown = [...given.keys()].filter((name) => !known.has(name));
  return { inputs: { ...defaultInputs, ...patch, load } as Inputs, bad, unknown };
}

const texts = Object.keys(defaultInputs.custom).filter((name) => name !== 'file');

/** What every link with an own accelerator has; what came later may be left out. */
const required = ['name', 'memory', 'memoryUnit', 'bandwidth', 'fp16', 'bf16', 'fp8', 'int8', 'link'];

/** An accelerator as a link holds it: all texts as they were typed, and the file that it started from. */
export function writtenCustom({ file, ...custom }: CustomAccelerator): object {
  const filled = Object.entries(custom).filter(([name, text]) => text !== '' || required.includes(name));
  return { ...Object.fromEntries(filled), ...(file === null ? {} : { file }) };
}

export function readCustom(given: unknown): CustomAccelerator | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const values = new Map<string, unknown>(Object.entries(given));
  const text = (name: string): unknown => values.get(name) ?? (required.includes(name) ? undefined : '');
  const read = texts.map((name) => [name, text(name)] as const);
  const sound = read.every(([, value]) => typeof value === 'string' && value.length <= 100);
  const chosen = new Map(read);
  const file = values.get('file') ?? null;
  const isOneOf = (names: readonly string[], name: string): boolean =>
    names.some((known) => known === chosen.get(name));
  return sound &&
    isOneOf(memoryUnits, 'memoryUnit') &&
    isOneOf(['', ...topologies], 'topology') &&
    isOneOf(['', ...acceleratorClasses], 'class') &&
    typeof file === 'object' &&
    !Array.isArray(file)
    ? { ...(Object.fromEntries(read) as unknown as CustomAccelerator), file: file as AcceleratorFile | null }
    : undefined;
}
