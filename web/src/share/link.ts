/**
 * The whole state of the page in the hash of its address, which no browser sends to a server.
 *
 *   #v1?m=llama-3.1-8b&in=4096      presets: readable, and only what differs from what the page opens with
 *   #v1z=<base64url(deflate-raw)>   with a pasted config or an own accelerator: the same fields as JSON
 */
import { defaultInputs, type Inputs } from '../inputs';
import { draftOf } from '../request';
import { pack, TooLarge, unpack } from './codec';
import { catalogue } from '../presets';
import {
  isPreset,
  namesPreset,
  noPresets,
  readCustom,
  readFields,
  written,
  writtenCustom,
  type Read,
} from './fields';

export const linkLimit = 16 * 1024;
export const textLimit = 256 * 1024;

export type LinkProblem =
  | { readonly kind: 'broken' | 'too-large' }
  /** The presets that it names could not be looked up. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'newer'; readonly version: string }
  | { readonly kind: 'bad' | 'unknown'; readonly fields: string };

export interface Opened {
  readonly inputs: Inputs;
  readonly problems: readonly LinkProblem[];
}

/** The hash without its '#', empty for the page as it opens; undefined if it would be too long to share. */
export async function writeLink(inputs: Inputs): Promise<string | undefined> {
  // A choice belongs to the pasted text, a currency to a price, a version to an engine, a draft to speculation:
  // without they say nothing.
  const isSpeculative = inputs.speculation !== '';
  const values = written({
    ...inputs,
    ...(inputs.modelPreset === null ? {} : { choice: '' }),
    ...(inputs.price === '' ? { currency: defaultInputs.currency } : {}),
    ...(inputs.engine === defaultInputs.engine ? { engineVersion: '' } : {}),
    draftModel: draftOf(inputs) ?? '',
    ...(isSpeculative ? {} : { draftTokens: '', acceptance: '' }),
  });
  const own = {
    ...(inputs.modelPreset === null ? { config: inputs.config } : {}),
    ...(inputs.acceleratorPreset === null ? { custom: writtenCustom(inputs.custom) } : {}),
  };
  if (Object.keys(own).length === 0) {
    // A comma needs no escape in a hash.
    const query = new URLSearchParams(values).toString().replaceAll('%2C', ',');
    return query === '' ? '' : `v1?${query}`;
  }
  if (inputs.modelPreset === null && inputs.config.length > textLimit) return undefined;
  const link = `v1z=${await pack(JSON.stringify({ ...values, ...own }))}`;
  return link.length > linkLimit ? undefined : link;
}

const nothingRead = (problem: LinkProblem): Opened => ({ inputs: defaultInputs, problems: [problem] });

export async function readLink(hash: string): Promise<Opened> {
  const text = hash.replace(/^#/, '');
  if (text === '') return { inputs: defaultInputs, problems: [] };
  if (text.length > linkLimit) return nothingRead({ kind: 'too-large' });
  if (text === 'v1' || text.startsWith('v1?')) return readPlain(text.slice('v1?'.length));
  if (text.startsWith('v1z=')) return readPacked(text.slice('v1z='.length));
  const version = /^v(\d+)/.exec(text)?.[1];
  if (version !== undefined && Number(version) > 1) return nothingRead({ kind: 'newer', version });
  return nothingRead({ kind: 'broken' });
}

async function readPlain(query: string): Promise<Opened> {
  const read = await readNamed(new Map(new URLSearchParams(query)));
  return { inputs: read.inputs, problems: problemsOf(read) };
}

type NamedRead = Read & { readonly unreachable: boolean };

/** The fields, for which the list of all presets is fetched where one is named. */
async function readNamed(given: ReadonlyMap<string, string>): Promise<NamedRead> {
  if (!namesPreset(given)) return { ...readFields(given, noPresets), unreachable: false };
  try {
    const read = readFields(given, await catalogue.load());
    // With what it says: the name alone means nothing to whoever opens the link.
    const shown = (name: string): string => `${name}=${(given.get(name) ?? '').slice(0, 40)}`;
    return {
      ...read,
      bad: read.bad.map((name) => (isPreset(name) ? shown(name) : name)),
      unreachable: false,
    };
  } catch {
    const read = readFields(given, noPresets);
    return { ...read, bad: read.bad.filter((name) => !isPreset(name)), unreachable: true };
  }
}

async function readPacked(text: string): Promise<Opened> {
  try {
    const state: unknown = JSON.parse(await unpack(text, textLimit));
    if (typeof state !== 'object' || state === null || Array.isArray(state)) {
      return nothingRead({ kind: 'broken' });
    }
    return await readState(new Map<string, unknown>(Object.entries(state)));
  } catch (cause) {
    return nothingRead({ kind: cause instanceof TooLarge ? 'too-large' : 'broken' });
  }
}

async function readState(state: Map<string, unknown>): Promise<Opened> {
  const config = state.get('config');
  const customGiven = state.has('custom');
  const custom = readCustom(state.get('custom'));
  state.delete('config');
  state.delete('custom');
  const read = await readNamed(new Map([...state].map(([name, value]) => [name, String(value)])));
  const bad = [...read.bad];
  if (config !== undefined && typeof config !== 'string') bad.push('config');
  if (customGiven && custom === undefined) bad.push('custom');
  const inputs: Inputs = {
    ...read.inputs,
    ...(typeof config === 'string' ? { modelPreset: null, config } : {}),
    ...(custom === undefined ? {} : { acceleratorPreset: null, custom }),
  };
  return { inputs, problems: problemsOf({ ...read, bad }) };
}

function problemsOf({ bad, unknown, unreachable }: NamedRead): LinkProblem[] {
  return [
    ...(unreachable ? [{ kind: 'unreachable' } as const] : []),
    ...(bad.length === 0 ? [] : [{ kind: 'bad', fields: bad.join(', ') } as const]),
    ...(unknown.length === 0 ? [] : [{ kind: 'unknown', fields: unknown.join(', ') } as const]),
  ];
}
