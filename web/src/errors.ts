/** Which field an error of the engine belongs to, by its path into the request. */
import type { EngineError } from './engine/types';
import { peakTypes, type Inputs, type PeakType } from './inputs';

export const peakField = (type: PeakType): `custom${Capitalize<PeakType>}` =>
  `custom${type.charAt(0).toUpperCase()}${type.slice(1)}` as `custom${Capitalize<PeakType>}`;

/** Of the section "Under load"; those of the scheduler are of the deployment, and so of the estimate too. */
export type LoadField =
  | 'maxSequences'
  | 'maxBatchedTokens'
  | 'blockTokens'
  | 'disaggregation'
  | 'prefillInstances'
  | 'decodeInstances'
  | 'loadKind'
  | 'users'
  | 'requestRate'
  | 'thinkTime'
  | 'arrivals'
  | 'burstiness'
  | 'lengths'
  | 'inputSpread'
  | 'outputSpread'
  | 'prefixHit'
  | 'statistic'
  | 'ttftLimit'
  | 'tpotLimit'
  | 'requests'
  | 'seed';

export type FieldId =
  | 'model'
  | 'config'
  | 'accelerator'
  | 'customName'
  | 'customVendor'
  | 'customClass'
  | 'customArchitecture'
  | 'customYear'
  | 'customMemoryType'
  | 'customMemory'
  | 'customUsable'
  | 'customBandwidth'
  | `custom${Capitalize<PeakType>}`
  | 'customLink'
  | 'customTopology'
  | 'customDomain'
  | 'customNic'
  | 'customPcie'
  | 'customPcieGeneration'
  | 'customTdp'
  | 'inputTokens'
  | 'outputTokens'
  | 'concurrency'
  | 'gpus'
  | 'pp'
  | 'dp'
  | 'ep'
  | 'nodes'
  | 'overlap'
  | 'expertSkew'
  | 'price'
  | 'engine'
  | 'engineVersion'
  | 'speculation'
  | 'draftModel'
  | 'draftTokens'
  | 'acceptance'
  | 'weights'
  | 'kvCache'
  | 'memoryFraction'
  | 'offloadWeights'
  | 'offloadKv'
  | 'utilisation'
  | LoadField
  /** No field in particular. */
  | 'form';

const custom = '/accelerator/custom';

const byPrefix: readonly (readonly [string, FieldId])[] = [
  [`${custom}/link/domain_size`, 'customDomain'],
  [`${custom}/link/topology`, 'customTopology'],
  [`${custom}/link`, 'customLink'],
  [`${custom}/nic`, 'customNic'],
  [`${custom}/pcie/generation`, 'customPcieGeneration'],
  [`${custom}/pcie`, 'customPcie'],
  [`${custom}/tdp_w`, 'customTdp'],
  [`${custom}/name`, 'customName'],
  [`${custom}/vendor`, 'customVendor'],
  [`${custom}/class`, 'customClass'],
  [`${custom}/architecture`, 'customArchitecture'],
  [`${custom}/year`, 'customYear'],
  [`${custom}/memory_type`, 'customMemoryType'],
  [`${custom}/memory_bytes`, 'customMemory'],
  [`${custom}/usable_memory_bytes`, 'customUsable'],
  [`${custom}/memory_bandwidth_bytes_per_s`, 'customBandwidth'],
  ...peakTypes.map((type) => [`${custom}/peak_flops_per_s/${type}`, peakField(type)] as const),
  [`${custom}/peak_flops_per_s`, 'customBf16'],
  ['/accelerator', 'accelerator'],
  ['/workload/input_tokens', 'inputTokens'],
  ['/workload/output_tokens', 'outputTokens'],
  ['/workload/concurrency', 'concurrency'],
  ['/deployment/price_per_hour', 'price'],
  ['/deployment/engine', 'engine'],
  ['/deployment/engine_version', 'engineVersion'],
  ['/deployment/weights', 'weights'],
  ['/deployment/kv_cache', 'kvCache'],
  ['/deployment/memory_fraction', 'memoryFraction'],
  ['/deployment/max_sequences', 'maxSequences'],
  ['/deployment/max_batched_tokens', 'maxBatchedTokens'],
  ['/deployment/block_tokens', 'blockTokens'],
  ['/deployment/offload/kv_bytes', 'offloadKv'],
  ['/deployment/offload', 'offloadWeights'],
  ['/deployment/overlap', 'overlap'],
  ['/deployment/expert_skew', 'expertSkew'],
  ['/deployment/speculative/model', 'draftModel'],
  ['/deployment/speculative/draft_tokens', 'draftTokens'],
  ['/deployment/speculative/acceptance', 'acceptance'],
  ['/deployment/speculative', 'speculation'],
  ['/deployment/disaggregation/prefill', 'prefillInstances'],
  ['/deployment/disaggregation/decode', 'decodeInstances'],
  ['/deployment/disaggregation', 'disaggregation'],
  ['/deployment/pp', 'pp'],
  ['/deployment/dp', 'dp'],
  ['/deployment/ep', 'ep'],
  ['/deployment/nodes', 'nodes'],
  ['/deployment', 'gpus'],
  ['/article/utilisation', 'utilisation'],
];

export function fieldOf({ code, path }: Pick<EngineError, 'code' | 'path'>, inputs: Inputs): FieldId {
  // Only a pasted text can make the whole request too large.
  if (code === 'text_too_large' && inputs.modelPreset === null) return 'config';
  if (path.startsWith('/model')) return inputs.modelPreset === null ? 'config' : 'model';
  const field = byPrefix.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1] ?? 'form';
  if (field.startsWith('custom') && inputs.acceleratorPreset !== null) return 'accelerator';
  // What refuses offload as a whole stands at the one that was filled.
  if (field === 'offloadWeights' && inputs.offloadWeights.trim() === '') return 'offloadKv';
  // Left empty, the link joins as many as are asked for.
  return field === 'customDomain' && inputs.custom.domain.trim() === '' ? 'gpus' : field;
}

/** Where in the accelerator's own file an error is, as a JSON pointer; undefined for one that is not in it. */
export function pointerInFile({ path }: Pick<EngineError, 'path'>): string | undefined {
  if (path !== custom && !path.startsWith(`${custom}/`)) return undefined;
  return path.slice(custom.length);
}

/** Of the configs that a pasted text holds, where it is refused because there are several. */
export function titlesOf({ code, params = {} }: EngineError): readonly string[] {
  if (code !== 'several_configs') return [];
  const titles = (params['titles'] ?? '').split('\n');
  const count = Number(params['count']);
  // A class name with a line break in it would shift all after it: then none has a title.
  return titles.length === count ? titles : Array.from({ length: count }, (_, index) => String(index + 1));
}
