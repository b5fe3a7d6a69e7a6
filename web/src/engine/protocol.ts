/** What the page and the worker with the engine's second module say to each other. */

interface Asking {
  /** Texts, the index first: those that the worker does not have yet are added. */
  readonly calibrations: readonly string[];
  readonly request: string;
}

export type Job =
  | (Asking & { readonly kind: 'simulate' })
  | (Asking & { readonly kind: 'compare'; readonly measurement: string });

/** The bytes of the module come with a worker's first task only. */
export type Task = Job & { readonly wasm?: ArrayBuffer };

/** What ends a job. */
export type Ending =
  /** tookMs: without what it takes to start. */
  | { readonly response: string; readonly tookMs: number }
  /** The module could not be started, or stopped: the worker is of no more use. */
  | { readonly stopped: string };

export type Report = { readonly progress: number } | Ending;

/** The part of a Worker that is used here, which tests stand in for. */
export interface SimulatorWorker {
  onmessage: ((event: MessageEvent<Report>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(task: Task): void;
  terminate(): void;
}
