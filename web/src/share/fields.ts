/**
 * The fields of a share link. Their names are a promise: a link that was once sent must open for ever, so a
 * name is never reused for something else.
 */
import {
  defaultInputs,
  kvCacheTypes,
  memoryUnits,
  weightTypes,
  type CustomAccelerator,
  type Inputs,
} from '../inputs';
import { accelerators, findPreset, models } from '../presets';

type TextInput = Exclude<keyof Inputs, 'custom' | 'config'>;

interface Field {
  readonly name: string;
  readonly input: TextInput;
  /** The value to use, or undefined for one that makes no sense. */
  readonly read: (text: string) => string | undefined;
}

const whole = (text: string): string | undefined => (/^[1-9]\d{0,7}$/.test(text) ? text : undefined);

const place = (text: string): string | undefined => (/^([1-9]\d?|100)$/.test(text) ? text : undefined);

const percentage = (text: string): string | undefined =>
  /^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) > 0 && Number(text) <= 100 ? text : undefined;

const oneOf =
  (values: readonly string[]) =>
  (text: string): string | undefined =>
    values.includes(text) ? text : undefined;

export const fields: readonly Field[] = [
  { name: 'm', input: 'modelPreset', read: (text) => findPreset(models, text)?.id },
  { name: 'a', input: 'acceleratorPreset', read: (text) => findPreset(accelerators, text)?.id },
  { name: 'n', input: 'gpus', read: whole },
  { name: 'in', input: 'inputTokens', read: whole },
  { name: 'out', input: 'outputTokens', read: whole },
  { name: 'b', input: 'concurrency', read: whole },
  { name: 'w', input: 'weights', read: oneOf(weightTypes) },
  { name: 'kv', input: 'kvCache', read: oneOf(kvCacheTypes) },
  { name: 'mf', input: 'memoryFraction', read: percentage },
  { name: 'u', input: 'utilisation', read: percentage },
  { name: 'c', input: 'choice', read: place },
];

/** Name → text of each field that is not as the page opens with it. */
export function written(inputs: Inputs): Record<string, string> {
  const pairs = fields
    .map(({ name, input }) => [name, inputs[input], defaultInputs[input]] as const)
    .filter(([, value, preset]) => value !== null && value !== preset)
    .map(([name, value]) => [name, value ?? ''] as const);
  return Object.fromEntries(pairs);
}

export interface Read {
  readonly inputs: Inputs;
  /** Names of fields whose value made no sense: they are as the page opens with them. */
  readonly bad: readonly string[];
  /** Names that this version does not know. */
  readonly unknown: readonly string[];
}

export function readFields(given: ReadonlyMap<string, string>): Read {
  const patch: Partial<Record<TextInput, string>> = {};
  const bad: string[] = [];
  for (const { name, input, read } of fields) {
    const text = given.get(name);
    if (text === undefined) continue;
    const value = read(text);
    if (value === undefined) bad.push(name);
    else patch[input] = value;
  }
  const known = new Set(fields.map(({ name }) => name));
  const unknown = [...given.keys()].filter((name) => !known.has(name));
  return { inputs: { ...defaultInputs, ...patch } as Inputs, bad, unknown };
}

/** An accelerator as a link holds it: all texts, as they were typed. */
export function readCustom(given: unknown): CustomAccelerator | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const values = new Map<string, unknown>(Object.entries(given));
  const names = Object.keys(defaultInputs.custom);
  const texts = names.map((name) => [name, values.get(name)] as const);
  const sound = texts.every(([, text]) => typeof text === 'string' && text.length <= 100);
  const unit = memoryUnits.some((name) => name === values.get('memoryUnit'));
  return sound && unit ? (Object.fromEntries(texts) as unknown as CustomAccelerator) : undefined;
}
