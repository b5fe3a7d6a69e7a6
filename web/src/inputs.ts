/**
 * What the reader has chosen and typed. Numbers are kept as text, exactly as typed: whether they make sense
 * is for the engine to say, and the field must show what was typed even when they do not.
 */

/** Every format that the engine takes (test/formats.test.ts), larger before smaller. */
export const weightGroups = [
  { id: 'bits16', types: ['bf16', 'fp16'] },
  { id: 'bits8', types: ['fp8', 'fp8_block', 'mxfp8', 'int8', 'int8_weight_only'] },
  { id: 'bits4', types: ['int4', 'nvfp4', 'mxfp4'] },
  {
    id: 'gguf',
    types: [
      'q8_0',
      'q6_k',
      'q5_k_m',
      'q5_k_s',
      'q5_0',
      'q4_k_m',
      'q4_k_s',
      'q4_0',
      'iq4_nl',
      'iq4_xs',
      'mxfp4_moe',
      'q3_k_l',
      'q3_k_m',
      'iq3_m',
      'q3_k_s',
      'iq3_xxs',
      'q2_k',
      'iq2_m',
      'iq2_xs',
      'iq2_xxs',
    ],
  },
] as const;
export const kvCacheTypes = ['auto', 'bf16', 'fp16', 'fp8', 'int8'] as const;
export const memoryUnits = ['GiB', 'GB'] as const;

export type WeightType = 'auto' | (typeof weightGroups)[number]['types'][number];
export type KvCacheType = (typeof kvCacheTypes)[number];

export const weightTypes: readonly WeightType[] = ['auto', ...weightGroups.flatMap(({ types }) => types)];

export interface CustomAccelerator {
  readonly name: string;
  readonly memory: string;
  readonly memoryUnit: (typeof memoryUnits)[number];
  /** GB/s */
  readonly bandwidth: string;
  /** TFLOPS, dense */
  readonly fp16: string;
  readonly bf16: string;
  readonly fp8: string;
  readonly int8: string;
  /** GB/s in one direction */
  readonly link: string;
}

export interface Inputs {
  /** Null: the config is the reader's own, in `config`. */
  readonly modelPreset: string | null;
  readonly config: string;
  /** Which of several configs in the text, from 1; empty: not chosen. */
  readonly choice: string;
  /** Null: the accelerator is described by `custom`. */
  readonly acceleratorPreset: string | null;
  readonly custom: CustomAccelerator;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly concurrency: string;
  readonly gpus: string;
  readonly weights: WeightType;
  readonly kvCache: KvCacheType;
  /** Percent */
  readonly memoryFraction: string;
  /** Percent: the article's GPU utilisation */
  readonly utilisation: string;
}

export const defaultInputs: Inputs = {
  modelPreset: 'qwen2.5-32b',
  config: '',
  choice: '',
  acceleratorPreset: 'h20-96-sxm',
  custom: {
    name: 'Custom',
    memory: '96',
    memoryUnit: 'GiB',
    bandwidth: '4000',
    fp16: '148',
    bf16: '148',
    fp8: '296',
    int8: '296',
    link: '450',
  },
  inputTokens: '1024',
  outputTokens: '1024',
  concurrency: '1',
  gpus: '1',
  weights: 'auto',
  kvCache: 'auto',
  memoryFraction: '90',
  utilisation: '60',
};
