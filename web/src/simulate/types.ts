/** What the simulator answers, field by field as docs/wire-format.md has it. */
import type { Note, Refusal, Source } from '../engine/types';

/** Of the band around a value. */
interface Ends {
  readonly low: number;
  readonly high: number;
  readonly source: Source;
}

export interface Banded extends Ends {
  readonly value: number;
}

export interface Distributed extends Banded {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Few {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** One load, in short. */
export interface Point {
  readonly ttft_s: Few;
  /** Null where every request has one output token. */
  readonly tpot_s: Few | null;
  readonly latency_s: Few;
  readonly requests_per_s: number;
  readonly output_tokens_per_s: number;
  readonly total_tokens_per_s: number;
}

export interface CurvePoint extends Point {
  readonly users: number;
}

/** What the first in the queue may wait for. */
export type Waiting = 'kv_cache' | 'max_sequences' | 'compute';

/** `transfer`, of KV between instances, is of disaggregation only. */
export type LimitedBy = 'users' | 'request_rate' | Waiting | 'transfer';

/** What would limit if what limits did not. */
export interface NextLimit {
  readonly limited_by: Waiting;
  /** How many run at once before it does, or the rate that it allows: one of the two. */
  readonly sequences?: number;
  readonly requests_per_s?: number;
}

export interface Utilisation {
  readonly busy: number;
  readonly kv_cache: number;
  readonly step_tokens: number;
}

/** The instances that only prefill or only decode. */
export interface Pool {
  readonly instances: number;
  readonly gpus: number;
  /** Null of decode where each request has one output token. */
  readonly saturation_requests_per_s: Banded | null;
  readonly utilisation: Utilisation;
}

export type PoolBound = 'prefill' | 'decode' | 'transfer';

export interface Pools {
  readonly bound_by: PoolBound;
  readonly next_bound?: { readonly bound_by: PoolBound; readonly requests_per_s: number } | null;
  readonly prefill: Pool;
  readonly decode: Pool;
  /** Of a prompt's KV from one to the other. */
  readonly transfer: {
    readonly over: 'link' | 'network';
    /** Each accelerator of a prefill instance sends it. */
    readonly bytes_per_gpu: number;
    readonly mean_s: number;
    readonly saturation_requests_per_s: Banded;
  };
}

/** A field of the request, changed alone. */
export interface MeetChange {
  readonly change:
    'kv_cache' | 'dp' | 'tp' | 'prefill_instances' | 'decode_instances' | 'concurrency' | 'request_rate';
  readonly value: number | string;
  /** In all. */
  readonly gpus: number;
  /** What is then simulated; absent where the limits are not kept. */
  readonly at?: Point;
}

export interface Capacity {
  /** `at` is absent where no load at all keeps the limits. */
  readonly rate: Ends & { readonly requests_per_s: number; readonly at?: Point };
  readonly users: Ends & { readonly users: number; readonly at?: Point };
  /** Whether the load that was asked for does. */
  readonly keeps?: boolean;
  /** Where it does not: each of the one does, and of the other does not. */
  readonly to_meet?: readonly MeetChange[];
  readonly tried?: readonly MeetChange[];
}

export interface Simulation {
  readonly engine_profile: string | null;
  readonly workload: Readonly<Record<string, number | string>>;
  /** These two are null where more arrives than can be served. */
  readonly ttft_s: Distributed | null;
  readonly latency_s: Distributed | null;
  /** These two where every request has one output token. */
  readonly tpot_s: Distributed | null;
  readonly itl_s: Distributed | null;
  readonly requests_per_s: Banded;
  readonly output_tokens_per_s: Banded;
  readonly total_tokens_per_s: Banded;
  readonly output_tokens_per_s_per_gpu: Banded;
  readonly total_tokens_per_s_per_gpu: Banded;
  readonly service: {
    readonly stable: boolean;
    readonly limited_by: LimitedBy;
    readonly next_limit?: NextLimit | null;
    readonly in_system: number;
    readonly running: number;
    readonly queue: number;
    readonly utilisation: Utilisation;
    /** Shares of the time. */
    readonly waiting_for: Readonly<Record<Waiting, number>>;
    readonly preemptions: number;
    readonly requests: number;
    readonly duration_s: number;
    /** Of a rate. */
    readonly saturation_requests_per_s?: Banded;
    /** Of disaggregation. */
    readonly pools?: Pools;
  };
  readonly capacity?: Capacity;
  readonly curve?: readonly CurvePoint[];
}

export interface Simulated {
  readonly ok: true;
  readonly schema: 1;
  readonly result: Simulation;
  readonly notes: readonly Note[];
}

export type SimulateResponse = Simulated | Refusal;
