/**
 * The fields of the section "Under load". `Inputs.load` keeps those that are not as the section opens with
 * them, by their names in a link (share/fields.ts: a promise), as they were typed.
 */
import type { LoadField } from '../errors';
import type { Inputs } from '../inputs';

type Load = Inputs['load'];

interface Field {
  readonly name: string;
  /** As the section opens with it. */
  readonly start: string;
}

/** The fields of the page itself that the section shows as well are not here: users. */
export const loadFields = {
  /** `users` wait for each answer (a closed loop), requests at a `rate` do not (an open one). */
  loadKind: { name: 'ld', start: 'users' },
  requestRate: { name: 'rr', start: '1' },
  /** Seconds */
  thinkTime: { name: 'th', start: '0' },
  arrivals: { name: 'ar', start: 'poisson' },
  burstiness: { name: 'bu', start: '0.25' },
  lengths: { name: 'ln', start: 'fixed' },
  /** Percent of the mean; empty: as is usual for these lengths. */
  inputSpread: { name: 'is', start: '' },
  outputSpread: { name: 'os', start: '' },
  /** Percent */
  prefixHit: { name: 'ph', start: '0' },
  /** At which the limits must hold. */
  statistic: { name: 'ls', start: 'p95' },
  /** Milliseconds; empty: no limit. */
  ttftLimit: { name: 'lt', start: '' },
  tpotLimit: { name: 'lp', start: '' },
  /** Empty: the engine's own. */
  maxSequences: { name: 'ms', start: '' },
  maxBatchedTokens: { name: 'mt', start: '' },
  blockTokens: { name: 'bt', start: '' },
  /** Whether prefill and decode are on instances of their own, and how many of each. */
  disaggregation: { name: 'dg', start: 'together' },
  prefillInstances: { name: 'pi', start: '1' },
  decodeInstances: { name: 'di', start: '1' },
  /** How many are measured at least; as the engine has it. */
  requests: { name: 'rq', start: '1000' },
  /** Of the random numbers; as the engine has it. */
  seed: { name: 'sd', start: '1' },
} as const satisfies Partial<Record<LoadField, Field>>;

export type Typable = keyof typeof loadFields;

/** As the engine takes them. */
export const arrivalKinds = ['poisson', 'bursty', 'constant'] as const;
export const lengthKinds = ['fixed', 'uniform', 'lognormal'] as const;
export const statistics = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;

/** What the engine takes where a spread is left empty, in percent. */
export const usualSpread: Readonly<Record<string, string>> = { uniform: '50', lognormal: '100' };

export function textOf(load: Load, field: Typable): string {
  const { name, start } = loadFields[field];
  return load[name] ?? start;
}

export const isApart = (load: Load): boolean => textOf(load, 'disaggregation') === 'apart';

export const isOpenLoop = (load: Load): boolean => textOf(load, 'loadKind') === 'rate';

/** With a field as it was typed or chosen. */
export function withText(load: Load, field: Typable, text: string): Load {
  const { name, start } = loadFields[field];
  const others = Object.fromEntries(Object.entries(load).filter(([other]) => other !== name));
  return text === start ? others : { ...others, [name]: text };
}
