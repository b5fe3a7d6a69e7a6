/** Which field an error of the engine belongs to, by its path into the request. */
import type { EngineError } from './engine/types';
import type { Inputs } from './inputs';

export type FieldId =
  | 'model'
  | 'config'
  | 'accelerator'
  | 'customName'
  | 'customMemory'
  | 'customBandwidth'
  | 'customFp16'
  | 'customBf16'
  | 'customFp8'
  | 'customInt8'
  | 'customLink'
  | 'inputTokens'
  | 'outputTokens'
  | 'concurrency'
  | 'gpus'
  | 'weights'
  | 'kvCache'
  | 'memoryFraction'
  | 'utilisation'
  /** No field in particular. */
  | 'form';

const byPrefix: readonly (readonly [string, FieldId])[] = [
  ['/accelerator/custom/link/domain_size', 'gpus'],
  ['/accelerator/custom/link', 'customLink'],
  ['/accelerator/custom/name', 'customName'],
  ['/accelerator/custom/memory_bytes', 'customMemory'],
  ['/accelerator/custom/usable_memory_bytes', 'customMemory'],
  ['/accelerator/custom/memory_bandwidth_bytes_per_s', 'customBandwidth'],
  ['/accelerator/custom/peak_flops_per_s/fp16', 'customFp16'],
  ['/accelerator/custom/peak_flops_per_s/fp8', 'customFp8'],
  ['/accelerator/custom/peak_flops_per_s/int8', 'customInt8'],
  ['/accelerator/custom/peak_flops_per_s', 'customBf16'],
  ['/accelerator', 'accelerator'],
  ['/workload/input_tokens', 'inputTokens'],
  ['/workload/output_tokens', 'outputTokens'],
  ['/workload/concurrency', 'concurrency'],
  ['/deployment/weights', 'weights'],
  ['/deployment/kv_cache', 'kvCache'],
  ['/deployment/memory_fraction', 'memoryFraction'],
  ['/deployment', 'gpus'],
  ['/article/utilisation', 'utilisation'],
];

export function fieldOf({ code, path }: Pick<EngineError, 'code' | 'path'>, inputs: Inputs): FieldId {
  // Only a pasted text can make the whole request too large.
  if (code === 'text_too_large' && inputs.modelPreset === null) return 'config';
  if (path.startsWith('/model')) return inputs.modelPreset === null ? 'config' : 'model';
  const field = byPrefix.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1] ?? 'form';
  return field.startsWith('custom') && inputs.acceleratorPreset !== null ? 'accelerator' : field;
}

/** Of the configs that a pasted text holds, where it is refused because there are several. */
export function titlesOf({ code, params = {} }: EngineError): readonly string[] {
  if (code !== 'several_configs') return [];
  const titles = (params['titles'] ?? '').split('\n');
  const count = Number(params['count']);
  // A class name with a line break in it would shift all after it: then none has a title.
  return titles.length === count ? titles : Array.from({ length: count }, (_, index) => String(index + 1));
}
