/** From what was typed to what the engine is asked. */
import type { EstimateRequest, Typed } from './engine/types';
import type { CustomAccelerator, Inputs } from './inputs';
import type { AcceleratorFile, ModelFile } from './presets/types';

const GB = 1e9;
const GiB = 2 ** 30;
const TERA = 1e12;

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number in units of `unit`, or the text itself: the engine then says what is wrong with it. */
export function typed(text: string, unit = 1): Typed {
  const trimmed = text.trim();
  if (!decimal.test(trimmed)) return text;
  const value = Number(trimmed) * unit;
  return Number.isFinite(value) ? value : text;
}

function percent(text: string): Typed {
  const value = typed(text);
  return typeof value === 'number' ? value / 100 : value;
}

const isFilled = ([, text]: readonly [string, string]): boolean => text.trim() !== '';

function customFile(custom: CustomAccelerator, gpus: Typed): object {
  const peaks = Object.entries({
    fp16: custom.fp16,
    bf16: custom.bf16,
    fp8: custom.fp8,
    int8: custom.int8,
  }).filter(isFilled);
  const link = {
    topology: 'switch',
    bandwidth_bytes_per_s: typed(custom.link, GB),
    // One link joins as many as are asked for: a custom accelerator has no domain of its own.
    domain_size: typeof gpus === 'number' ? gpus : 1,
  };
  return {
    name: custom.name,
    memory_bytes: typed(custom.memory, custom.memoryUnit === 'GiB' ? GiB : GB),
    memory_bandwidth_bytes_per_s: typed(custom.bandwidth, GB),
    peak_flops_per_s: Object.fromEntries(peaks.map(([dtype, text]) => [dtype, typed(text, TERA)])),
    ...(custom.link.trim() === '' ? {} : { link }),
  };
}

export interface Presets {
  readonly model: ModelFile | null;
  readonly accelerator: AcceleratorFile | null;
}

function common(inputs: Inputs): Omit<EstimateRequest, 'model' | 'accelerator'> {
  return {
    schema: 1,
    deployment: {
      gpus: typed(inputs.gpus),
      weights: inputs.weights,
      kv_cache: inputs.kvCache,
      memory_fraction: percent(inputs.memoryFraction),
    },
    workload: {
      input_tokens: typed(inputs.inputTokens),
      output_tokens: typed(inputs.outputTokens),
      concurrency: typed(inputs.concurrency),
    },
    article: { utilisation: percent(inputs.utilisation) },
  };
}

function pasted({ config, choice }: Inputs): EstimateRequest['model'] {
  return { config, ...(choice === '' ? {} : { choice: Number(choice) }) };
}

/** For the engine in the page, which has no presets of its own: each goes along as a whole. */
export function requestForEngine(inputs: Inputs, { model, accelerator }: Presets): EstimateRequest {
  const { schema, ...rest } = common(inputs);
  return {
    schema,
    model: model ? { preset: model.id, config: model.config } : pasted(inputs),
    accelerator: accelerator
      ? { preset: accelerator.id, custom: accelerator }
      : { custom: customFile(inputs.custom, rest.deployment.gpus) },
    ...rest,
  };
}

/** For the command line, which has every preset built in. */
export function requestForCommandLine(inputs: Inputs): EstimateRequest {
  const { schema, ...rest } = common(inputs);
  return {
    schema,
    model: inputs.modelPreset === null ? pasted(inputs) : { preset: inputs.modelPreset },
    accelerator:
      inputs.acceleratorPreset === null
        ? { custom: customFile(inputs.custom, rest.deployment.gpus) }
        : { preset: inputs.acceleratorPreset },
    ...rest,
  };
}

/** A command that any POSIX shell takes as it is: nothing is expanded inside a quoted here-document. */
export function commandLine(request: EstimateRequest): string {
  return `tokencast estimate <<'JSON'\n${JSON.stringify(request)}\nJSON\n`;
}
