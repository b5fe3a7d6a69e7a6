/**
 * What the reader has chosen and typed. Numbers are kept as text, exactly as typed: whether they make sense
 * is for the engine to say, and the field must show what was typed even when they do not.
 */
import type { AcceleratorFile } from './presets/types';

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

/** As the engine takes them (test/engine-names.test.ts); the first asks for none in particular. */
export const servingEngines = [
  'generic',
  'vllm',
  'sglang',
  'tensorrt-llm',
  'llama.cpp',
  'transformers',
] as const;

/** Of speculative decoding, as the engine takes them (test/engine-names.test.ts). */
export const draftMethods = ['mtp', 'draft_model', 'ngram'] as const;
export const overlaps = ['none', 'two_batch'] as const;

export const versionLength = 40;

export const currencies = ['USD', 'CNY'] as const;
export const topologies = ['switch', 'mesh', 'pcie', 'host'] as const;
export const acceleratorClasses = ['datacentre', 'workstation', 'consumer', 'soc', 'edge', 'cpu'] as const;
/** The dtypes of `peak_flops_per_s`, those that people ask for first. */
export const peakTypes = ['bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4', 'tf32', 'fp32'] as const;

export type PeakType = (typeof peakTypes)[number];

/** An accelerator of the reader's own: texts as typed, an empty one for what is not known. */
export interface CustomAccelerator extends Readonly<Record<PeakType, string>> {
  readonly name: string;
  readonly vendor: string;
  readonly class: '' | (typeof acceleratorClasses)[number];
  readonly architecture: string;
  readonly year: string;
  /** "HBM3e" */
  readonly memoryType: string;
  readonly memory: string;
  readonly memoryUnit: (typeof memoryUnits)[number];
  /** What the driver leaves of it, in the same unit. */
  readonly usable: string;
  /** GB/s */
  readonly bandwidth: string;
  /** GB/s in one direction */
  readonly link: string;
  readonly topology: '' | (typeof topologies)[number];
  /** Accelerators that the link joins; empty: as many as are asked for. */
  readonly domain: string;
  /** GB/s in one direction */
  readonly nic: string;
  readonly pcie: string;
  readonly pcieGeneration: string;
  /** W */
  readonly tdp: string;
  /** The preset or imported file that it started from: what the form does not show stays as it is there. */
  readonly file: AcceleratorFile | null;
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
  /** Stages of a pipeline, replicas, and ranks that experts are spread over. */
  readonly pp: string;
  readonly dp: string;
  readonly ep: string;
  /** Empty: as few as the link joins. */
  readonly nodes: string;
  /** Of experts over ranks: whether half batches overlap, and the load of the busiest over the usual. */
  readonly overlap: (typeof overlaps)[number];
  readonly expertSkew: string;
  /** What runs the model. */
  readonly engine: (typeof servingEngines)[number];
  /** "0.11.0"; empty: the newest that was measured. */
  readonly engineVersion: string;
  /** Empty: no speculative decoding. */
  readonly speculation: '' | (typeof draftMethods)[number];
  /** A preset, of the method draft_model. */
  readonly draftModel: string;
  /** Empty: as the model's own MTP layers are known to do; other methods have to be told. */
  readonly draftTokens: string;
  /** Percent */
  readonly acceptance: string;
  readonly weights: WeightType;
  readonly kvCache: KvCacheType;
  /** Percent */
  readonly memoryFraction: string;
  /** GiB of each accelerator's that are in the host's memory; empty: none. */
  readonly offloadWeights: string;
  readonly offloadKv: string;
  /** Percent: the article's GPU utilisation */
  readonly utilisation: string;
  /** Of one accelerator for an hour; empty: the preset's, if it has one. */
  readonly price: string;
  readonly currency: (typeof currencies)[number];
  /** Of the section "Under load", by name (simulate/fields.ts): those that are not as it opens with them. */
  readonly load: Readonly<Record<string, string>>;
  /** Factors of the reader's own measurement, as links have them (own/factors.ts); empty: none. */
  readonly measured: string;
}

export const defaultInputs: Inputs = {
  modelPreset: 'qwen2.5-32b',
  config: '',
  choice: '',
  acceleratorPreset: 'h20-96-sxm',
  custom: {
    name: 'Custom',
    vendor: '',
    class: '',
    architecture: '',
    year: '',
    memoryType: '',
    memory: '96',
    memoryUnit: 'GiB',
    usable: '',
    bandwidth: '4000',
    bf16: '148',
    fp16: '148',
    fp8: '296',
    int8: '296',
    fp4: '',
    int4: '',
    tf32: '',
    fp32: '',
    link: '450',
    topology: '',
    domain: '',
    nic: '',
    pcie: '',
    pcieGeneration: '',
    tdp: '',
    file: null,
  },
  inputTokens: '1024',
  outputTokens: '1024',
  concurrency: '1',
  gpus: '1',
  pp: '1',
  dp: '1',
  ep: '1',
  nodes: '',
  overlap: 'none',
  expertSkew: '1',
  engine: 'generic',
  engineVersion: '',
  speculation: '',
  draftModel: '',
  draftTokens: '',
  acceptance: '',
  weights: 'auto',
  kvCache: 'auto',
  memoryFraction: '90',
  offloadWeights: '',
  offloadKv: '',
  utilisation: '60',
  price: '',
  currency: 'USD',
  load: {},
  measured: '',
};
