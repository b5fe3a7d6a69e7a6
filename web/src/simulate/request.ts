/** From what was typed to what the simulator is asked, and back from its errors to the fields. */
import type { EngineError, EstimateRequest, Typed } from '../engine/types';
import { fieldOf, type FieldId } from '../errors';
import type { Inputs } from '../inputs';
import { typed } from '../typed';
import { isApart, isOpenLoop, textOf, type Typable } from './fields';

type Load = Inputs['load'];

export interface SimulateRequest extends Omit<EstimateRequest, 'workload' | 'article' | 'deployment'> {
  readonly deployment: EstimateRequest['deployment'] & { readonly disaggregation?: object };
  readonly workload: Readonly<Record<string, Typed | boolean | object>>;
}

/** The same deployment and lengths as the estimate's, under the section's load. */
export function simulateRequest(
  { schema, model, accelerator, deployment, workload, measured }: EstimateRequest,
  load: Load,
): SimulateRequest {
  const { input_tokens, output_tokens, concurrency } = workload;
  return {
    schema,
    model,
    accelerator,
    deployment: { ...deployment, ...disaggregation(load) },
    workload: {
      input_tokens,
      output_tokens,
      ...(isOpenLoop(load) ? openLoop(load) : closedLoop(load, concurrency)),
      ...lengths(load),
      ...unlessStart(load, 'prefixHit', 'prefix_hit', 0.01),
      ...limits(load),
      ...unlessStart(load, 'requests', 'requests'),
      ...unlessStart(load, 'seed', 'seed'),
      curve: true,
    },
    ...(measured ? { measured } : {}),
  };
}

function disaggregation(load: Load): object {
  if (!isApart(load)) return {};
  const pool = (field: Typable): object => ({ instances: typed(textOf(load, field)) });
  return { disaggregation: { prefill: pool('prefillInstances'), decode: pool('decodeInstances') } };
}

const closedLoop = (load: Load, concurrency: Typed): object => ({
  concurrency,
  ...unlessStart(load, 'thinkTime', 'think_time_s'),
});

function openLoop(load: Load): object {
  const arrivals = textOf(load, 'arrivals');
  return {
    request_rate: typed(textOf(load, 'requestRate')),
    arrivals,
    ...(arrivals === 'bursty' ? { burstiness: typed(textOf(load, 'burstiness')) } : {}),
  };
}

function lengths(load: Load): object {
  const kind = textOf(load, 'lengths');
  if (kind === 'fixed') return {};
  return {
    lengths: kind,
    ...unlessEmpty(load, 'inputSpread', 'input_spread', 0.01),
    ...unlessEmpty(load, 'outputSpread', 'output_spread', 0.01),
  };
}

function limits(load: Load): object {
  const statistic = textOf(load, 'statistic');
  const all = {
    ...unlessEmpty(load, 'ttftLimit', 'ttft_s', 1e-3),
    ...unlessEmpty(load, 'tpotLimit', 'tpot_s', 1e-3),
  };
  const entries = Object.entries(all).map(([metric, most]) => [metric, { [statistic]: most }] as const);
  return entries.length === 0 ? {} : { limits: Object.fromEntries(entries) };
}

const unlessStart = (load: Load, field: Typable, key: string, unit = 1): Record<string, Typed> =>
  textOf(load, field) === textOf({}, field) ? {} : { [key]: typed(textOf(load, field), unit) };

const unlessEmpty = (load: Load, field: Typable, key: string, unit: number): Record<string, Typed> =>
  textOf(load, field).trim() === '' ? {} : { [key]: typed(textOf(load, field), unit) };

const byKey: readonly (readonly [RegExp, FieldId])[] = [
  [/^request_rate$/, 'requestRate'],
  [/^think_time_s$/, 'thinkTime'],
  [/^arrivals$/, 'arrivals'],
  [/^burstiness$/, 'burstiness'],
  [/^lengths$/, 'lengths'],
  [/^input_spread$/, 'inputSpread'],
  [/^output_spread$/, 'outputSpread'],
  [/^prefix_hit$/, 'prefixHit'],
  [/^limits\/ttft_s(\/(mean|p\d\d))?$/, 'ttftLimit'],
  [/^limits\/tpot_s(\/(mean|p\d\d))?$/, 'tpotLimit'],
  [/^limits\//, 'statistic'],
  [/^requests$/, 'requests'],
  [/^seed$/, 'seed'],
  [/^concurrency$/, 'users'],
];

export function loadFieldOf(error: EngineError, inputs: Inputs): FieldId {
  const key = error.path.replace(/^\/workload\//, '');
  return byKey.find(([pattern]) => pattern.test(key))?.[1] ?? fieldOf(error, inputs);
}
