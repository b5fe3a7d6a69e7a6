/** From what was typed to what the engine is asked. */
import type { EstimateRequest, Typed } from './engine/types';
import type { Inputs } from './inputs';
import { factorsOf } from './own/factors';
import { fileOf } from './presets/custom';
import type { AcceleratorFile, ModelFile } from './presets/types';
import { GiB, typed } from './typed';

function percent(text: string): Typed {
  const value = typed(text);
  return typeof value === 'number' ? value / 100 : value;
}

export interface Presets {
  readonly model: ModelFile | null;
  readonly accelerator: AcceleratorFile | null;
  /** Of speculative decoding, where it is a model's. */
  readonly draft?: ModelFile | null;
}

/** The preset that drafts, if one does. */
export const draftOf = ({ speculation, draftModel }: Inputs): string | null =>
  speculation === 'draft_model' && draftModel !== '' ? draftModel : null;

type Model = EstimateRequest['model'];

function common(inputs: Inputs, draft: Model | null): Omit<EstimateRequest, 'model' | 'accelerator'> {
  return {
    schema: 1,
    deployment: {
      gpus: typed(inputs.gpus),
      ...layout(inputs),
      ...serving(inputs),
      weights: inputs.weights,
      kv_cache: inputs.kvCache,
      memory_fraction: percent(inputs.memoryFraction),
      ...offload(inputs),
      ...scheduler(inputs),
      ...experts(inputs),
      ...speculation(inputs, draft),
      ...price(inputs),
    },
    workload: {
      input_tokens: typed(inputs.inputTokens),
      output_tokens: typed(inputs.outputTokens),
      concurrency: typed(inputs.concurrency),
    },
    article: { utilisation: percent(inputs.utilisation) },
    ...factorsOf(inputs),
  };
}

/** What is as it is without being asked for is left out. */
const layout = ({ pp, dp, ep, nodes }: Inputs): Partial<EstimateRequest['deployment']> => ({
  ...(pp === '1' ? {} : { pp: typed(pp) }),
  ...(dp === '1' ? {} : { dp: typed(dp) }),
  ...(ep === '1' ? {} : { ep: typed(ep) }),
  ...(nodes.trim() === '' ? {} : { nodes: typed(nodes) }),
});

/** Whole bytes, which a share of a GiB need not be. */
function bytes(text: string): Typed {
  const value = typed(text, GiB);
  return typeof value === 'number' ? Math.round(value) : value;
}

function offload({ offloadWeights, offloadKv }: Inputs): Pick<EstimateRequest['deployment'], 'offload'> {
  const given = {
    ...(offloadWeights.trim() === '' ? {} : { weight_bytes: bytes(offloadWeights) }),
    ...(offloadKv.trim() === '' ? {} : { kv_bytes: bytes(offloadKv) }),
  };
  return Object.keys(given).length === 0 ? {} : { offload: given };
}

const experts = ({ overlap, expertSkew }: Inputs): Partial<EstimateRequest['deployment']> => ({
  ...(overlap === 'none' ? {} : { overlap }),
  ...(expertSkew === '1' ? {} : { expert_skew: typed(expertSkew) }),
});

/** Only of a model's own layers does the engine know how they do: of others it asks, so they are sent empty too. */
function speculation(
  { speculation: method, draftTokens, acceptance }: Inputs,
  model: Model | null,
): Pick<EstimateRequest['deployment'], 'speculative'> {
  if (method === '') return {};
  const given = (text: string): boolean => method !== 'mtp' || text.trim() !== '';
  return {
    speculative: {
      method,
      ...(model === null ? {} : { model }),
      ...(given(draftTokens) ? { draft_tokens: typed(draftTokens) } : {}),
      ...(given(acceptance) ? { acceptance: percent(acceptance) } : {}),
    },
  };
}

/** A version says nothing without an engine. */
const serving = ({ engine, engineVersion }: Inputs): Partial<EstimateRequest['deployment']> =>
  engine === 'generic'
    ? {}
    : { engine, ...(engineVersion.trim() === '' ? {} : { engine_version: engineVersion.trim() }) };

/** Limits of the engine's scheduler, which are its own where they are left empty. */
export const schedulerFields = { ms: 'max_sequences', mt: 'max_batched_tokens', bt: 'block_tokens' } as const;

const scheduler = ({ load }: Inputs): Partial<EstimateRequest['deployment']> =>
  Object.fromEntries(
    Object.entries(schedulerFields).flatMap(([name, key]) => {
      const text = load[name] ?? '';
      return text.trim() === '' ? [] : [[key, typed(text)]];
    }),
  );

const price = ({ price: text, currency }: Inputs): Pick<EstimateRequest['deployment'], 'price_per_hour'> =>
  text.trim() === '' ? {} : { price_per_hour: { value: typed(text), currency } };

function pasted({ config, choice }: Inputs): Model {
  return { config, ...(choice === '' ? {} : { choice: Number(choice) }) };
}

const presetModel = ({ id, config }: ModelFile): Model => ({ preset: id, config });

/** For the engine in the page, which has no presets of its own: each goes along as a whole. */
export function requestForEngine(inputs: Inputs, presets: Presets): EstimateRequest {
  const { model, accelerator, draft } = presets;
  const { schema, ...rest } = common(inputs, draft ? presetModel(draft) : null);
  return {
    schema,
    model: model ? presetModel(model) : pasted(inputs),
    accelerator: accelerator
      ? { preset: accelerator.id, custom: accelerator }
      : { custom: fileOf(inputs.custom, rest.deployment.gpus) },
    ...rest,
  };
}

/** For the command line, which has every preset built in. */
export function requestForCommandLine(inputs: Inputs): EstimateRequest {
  const draft = draftOf(inputs);
  const { schema, ...rest } = common(inputs, draft === null ? null : { preset: draft });
  return {
    schema,
    model: inputs.modelPreset === null ? pasted(inputs) : { preset: inputs.modelPreset },
    accelerator:
      inputs.acceleratorPreset === null
        ? { custom: fileOf(inputs.custom, rest.deployment.gpus) }
        : { preset: inputs.acceleratorPreset },
    ...rest,
  };
}

/** A command that any POSIX shell takes as it is: nothing is expanded inside a quoted here-document. */
export function commandLine(request: object, command = 'estimate'): string {
  return `tokencast ${command} <<'JSON'\n${JSON.stringify(request)}\nJSON\n`;
}
