/** The engine's requests and responses, field by field as docs/wire-format.md has them. */
import type { Json } from '../presets/types';

/** A number, or what was typed where it is none: the engine, not the page, says what is wrong with it. */
export type Typed = number | string;

export interface EstimateRequest {
  readonly schema: 1;
  readonly model: { readonly preset?: string; readonly config?: string | Json; readonly choice?: number };
  readonly accelerator: { readonly preset?: string; readonly custom?: unknown };
  readonly deployment: {
    readonly gpus: Typed;
    readonly pp?: Typed;
    readonly dp?: Typed;
    readonly ep?: Typed;
    readonly nodes?: Typed;
    readonly engine?: string;
    /** "0.11.0"; without it the newest that was measured. */
    readonly engine_version?: string;
    readonly weights: string;
    readonly kv_cache: string;
    readonly memory_fraction: Typed;
    readonly max_sequences?: Typed;
    readonly max_batched_tokens?: Typed;
    readonly block_tokens?: Typed;
    /** What each accelerator has in the host's memory. */
    readonly offload?: { readonly weight_bytes?: Typed; readonly kv_bytes?: Typed };
    readonly overlap?: string;
    readonly expert_skew?: Typed;
    readonly speculative?: {
      readonly method: string;
      /** Of the method draft_model. */
      readonly model?: EstimateRequest['model'];
      readonly draft_tokens?: Typed;
      readonly acceptance?: Typed;
    };
    /** Of one accelerator; without it the newest rental price of the preset, if it has one. */
    readonly price_per_hour?: { readonly value: Typed; readonly currency: string };
  };
  readonly workload: {
    readonly input_tokens: Typed;
    readonly output_tokens: Typed;
    readonly concurrency: Typed;
  };
  readonly article: { readonly utilisation: Typed };
  readonly measured?: Factors;
}

/** Of the reader's own measurement, on times and the KV cache: what `compare` found of them. */
export interface Factors {
  readonly prefill_time_factor?: number;
  readonly decode_time_factor?: number;
  /** Half of the 80 % band, relative. */
  readonly prefill_time_spread?: number;
  readonly decode_time_spread?: number;
  readonly kv_capacity_factor?: number;
  /** Of times: absent where the KV cache alone was measured. */
  readonly rows?: number;
}

export type Bound = 'compute' | 'memory' | 'link' | 'overhead';
export type Source = 'measured' | 'transferred' | 'generic';
export type Params = Readonly<Record<string, string>>;

export interface Quantity {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly bound: Bound;
  readonly source: Source;
}

export interface Note {
  readonly code: string;
  readonly message: string;
  readonly params?: Params;
}

export interface EngineError {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly hint: string;
  readonly params?: Params;
}

interface Timing {
  readonly flops: number;
  readonly bytes: number;
  readonly compute_s: number;
  readonly memory_s: number;
  readonly link_s: number;
  readonly overhead_s: number;
  readonly time_s: number;
  readonly bound: Bound;
  readonly source: Source;
}

export interface Operator extends Timing {
  readonly name: string;
  readonly kind: string;
  readonly shape: string;
  readonly count: number;
  readonly link_bytes: number;
}

/** What would bind without the part that binds, and how much faster the phase would then be. */
export interface NextBound {
  readonly bound: Bound;
  /** Null where it has no end. */
  readonly speedup: number | null;
}

export interface Phase extends Timing {
  readonly next_bound?: NextBound | null;
  /** Of the operators' time, what runs beside others; absent without overlap. */
  readonly overlapped_s?: number;
  readonly operators: readonly Operator[];
}

/** Layers that are alike. */
export interface LayerRow {
  /** What mixes tokens: "gqa", "gated_delta_net", several joined by " + ", or "none". */
  readonly attention: string;
  /** "gated", "plain", "moe", several joined by " + ", or "none". */
  readonly ffn: string;
  /** How often it runs for each token. */
  readonly count: number;
  /** How often its weights are stored, where layers share them. */
  readonly stored?: number;
  readonly window?: number;
  readonly experts?: number;
  readonly experts_per_token?: number;
}

export type Component =
  | 'embedding'
  | 'attention'
  | 'recurrent'
  | 'ffn'
  | 'experts'
  | 'shared_experts'
  | 'router'
  | 'norms'
  | 'lm_head'
  | 'other';

/** An encoder of images or sound beside the language model. */
export interface Tower {
  readonly kind: string;
  /** Null where the config does not say enough to count them. */
  readonly parameters: number | null;
}

/** What the model hub counts, or does not, beside the total. */
export interface HubDifference {
  readonly code: string;
  readonly parameters: number;
  readonly message: string;
}

/** Layers whose cache stops growing. */
export interface Window {
  readonly window: number;
  readonly layers: number;
  /** Of one sequence. */
  readonly kv_bytes_at_most: number;
}

/** A model in the formats of its deployment. */
export interface Description {
  readonly name: string;
  readonly family: string;
  readonly architecture: string;
  /** What is special about it, in codes. */
  readonly traits: readonly string[];
  readonly attention: string;
  readonly layers: number;
  readonly hidden_size: number;
  readonly vocabulary: number;
  /** Null where the config does not say. */
  readonly max_context_tokens: number | null;
  readonly tied_embeddings: boolean;
  readonly layer_table: readonly LayerRow[];
  readonly total_parameters: number;
  readonly active_parameters: number;
  readonly active_parameters_without_embedding: number;
  readonly parameters: Readonly<Record<Component, number>>;
  /** Not in the total, and neither are those of towers. */
  readonly mtp_parameters: number;
  readonly towers: readonly Tower[];
  readonly hub_differences: readonly HubDifference[];
  /** The format of most weights: "bf16", "fp8_block", "q4_k_m". */
  readonly weights: string;
  readonly weight_bits: number;
  readonly weight_bytes: number;
  readonly weight_bytes_by_format: Readonly<Record<string, number>>;
  readonly kv_cache: string;
  /** Null where the config does not say in which format its cache is meant to be kept. */
  readonly checkpoint_kv_cache: string | null;
  readonly kv_bytes_per_token: number;
  readonly kv_bytes_per_token_growing: number;
  readonly indexer_bytes_per_token: number;
  /** Of recurrent layers, whatever the length. */
  readonly state_bytes_per_sequence: number;
  readonly windows: readonly Window[];
  readonly notes: readonly Note[];
}

export interface Memory {
  readonly weight_bytes: number;
  /** Of encoders beside the language model. */
  readonly tower_bytes: number;
  /** Of the model that drafts; absent without speculative decoding. */
  readonly draft_bytes?: number;
  /** In the host's memory, of each accelerator: the sum of the two after it; absent without offload. */
  readonly host_bytes?: number;
  readonly host_weight_bytes?: number;
  readonly host_kv_bytes?: number;
  readonly kv_bytes: number;
  /** Of recurrent layers, a part of kv_bytes. */
  readonly state_bytes: number;
  readonly activation_bytes: number;
  /** The sum of the three after it. */
  readonly other_bytes: number;
  readonly runtime_bytes: number;
  readonly communication_bytes: number;
  readonly graph_bytes: number;
  readonly used_bytes: number;
  readonly free_bytes: number;
  readonly missing_bytes: number;
  readonly kv_pool_bytes: number;
  readonly kv_block_tokens: number;
  readonly kv_blocks: number;
  readonly capacity_bytes: number;
  readonly usable_bytes: number;
  readonly fits: boolean;
  readonly max_concurrency: number;
  readonly max_context_tokens: number;
  readonly kv_capacity_tokens: number;
  readonly to_fit: readonly Change[];
}

export interface Change {
  readonly change: string;
  readonly value: number | string;
  /** Of `tp`: in all. */
  readonly gpus?: number;
  /** What is then left on each GPU. */
  readonly free_bytes: number;
  /** Of `offload`: what a token then takes; absent with one output token. */
  readonly tpot_s?: number;
}

export interface Cost {
  readonly currency: string;
  /** Of one accelerator. */
  readonly price_per_hour: number;
  readonly per_million_output_tokens: number;
  readonly per_million_tokens: number;
  readonly source: 'request' | 'preset';
  /** Of the preset's price: "2026-05", and where it was read. */
  readonly date?: string;
  readonly reference?: string;
}

interface ArticleTimes {
  readonly parameters: number;
  readonly prefill_flops: number;
  readonly decode_flops_per_token: number;
  readonly ttft_s: number;
  readonly decode_tokens_per_s: number;
  readonly ttft_at_utilisation_s: number;
  readonly decode_tokens_per_s_at_utilisation: number;
}

interface ArticleCommon {
  readonly parameters: number;
  readonly peak_flops_per_s: number;
  readonly utilisation: number;
  readonly estimate: ArticleTimes;
}

export type Article =
  | (ArticleCommon & ArticleTimes & { readonly applies: true; readonly prefill_flops_quick: number })
  | (ArticleCommon & { readonly applies: false; readonly reason: string });

export interface Estimate {
  readonly model: Description;
  readonly accelerator: {
    readonly id: string;
    readonly vendor: string;
    readonly name: string;
    readonly memory_bytes: number;
    readonly memory_bandwidth_bytes_per_s: number;
    readonly compute_dtype: string;
    readonly peak_flops_per_s: number;
    readonly ridge_flops_per_byte: number;
  };
  readonly deployment: {
    readonly gpus: number;
    readonly tp: number;
    readonly pp: number;
    readonly dp: number;
    readonly ep: number;
    readonly nodes: number;
    readonly engine: string;
    readonly weights: string;
    readonly kv_cache: string;
    readonly memory_fraction: number;
    readonly max_batched_tokens: number;
    readonly max_sequences: number;
    readonly block_tokens: number;
    readonly offload?: { readonly weight_bytes: number; readonly kv_bytes: number };
    readonly overlap?: string;
    readonly expert_skew?: number;
    readonly speculative?: {
      readonly method: string;
      readonly model?: string;
      readonly draft_tokens: number;
      readonly acceptance: number;
      /** What a sequence gains in a decode step, on average. */
      readonly tokens_per_step: number;
    };
  };
  /** The fitted profile of what the engine adds to its kernels: "vllm 0.12", from that version on. */
  readonly engine_profile: string | null;
  readonly workload: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly concurrency: number;
  };
  readonly ttft_s: Quantity;
  readonly tpot_s: Quantity | null;
  readonly latency_s: Quantity;
  readonly tokens_per_s_per_user: Quantity | null;
  readonly output_tokens_per_s: Quantity;
  readonly total_tokens_per_s: Quantity;
  readonly requests_per_s: Quantity;
  readonly output_tokens_per_s_per_gpu: Quantity;
  readonly total_tokens_per_s_per_gpu: Quantity;
  readonly limits: {
    readonly decode_tokens_per_s_per_user: number;
    readonly decode_memory_s: number;
    readonly decode_compute_s: number;
    /** Of reading the host's memory, at the link's whole bandwidth; absent without offload. */
    readonly decode_host_s?: number;
    readonly compute_bound_from_concurrency: number | null;
  };
  readonly memory: Memory;
  /** Absent where no price is known. */
  readonly cost?: Cost;
  /** As the request has it. */
  readonly measured?: Factors;
  readonly phases: { readonly prefill: Phase; readonly decode: Phase };
  readonly article: Article;
}

export interface Answer {
  readonly ok: true;
  readonly schema: 1;
  readonly result: Estimate;
  readonly notes: readonly Note[];
}

export interface Refusal {
  readonly ok: false;
  readonly schema: 1;
  readonly error: EngineError;
}

export type EstimateResponse = Answer | Refusal;

export type OwnMetric = 'ttft_s' | 'tpot_s' | 'output_tokens_per_s' | 'total_tokens_per_s' | 'requests_per_s';

/** A figure of the reader's own measurement, and what is predicted for its load. */
export interface ComparedRow {
  /** Of the text, where its benchmark begins. */
  readonly line: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly concurrency: number;
  readonly metric: OwnMetric;
  readonly measured: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** Predicted over measured. */
  readonly ratio: number;
  /** Predicted, with the factors that follow. */
  readonly with_factors: number;
}

export interface Comparison {
  readonly engine_profile: string | null;
  readonly rows: readonly ComparedRow[];
  /** Null where nothing was measured that it could scale. */
  readonly measured: Factors | null;
  readonly kv_capacity_tokens?: {
    readonly measured: number;
    readonly predicted: number;
    readonly ratio: number;
  };
}

export type CompareResponse =
  | { readonly ok: true; readonly schema: 1; readonly result: Comparison; readonly notes: readonly Note[] }
  | Refusal;

export type CalibrationResponse =
  | { readonly ok: true; readonly schema: 1; readonly result: { readonly calibration: string | null } }
  | Refusal;
