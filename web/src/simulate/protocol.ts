/** What the page and the simulator's worker say to each other. */

export interface Task {
  /** The bytes of the module; only with a worker's first task. */
  readonly wasm?: ArrayBuffer;
  /** Texts, the index first: those that the worker does not have yet are added. */
  readonly calibrations: readonly string[];
  readonly request: string;
}

export type Report =
  | { readonly progress: number }
  | { readonly response: string }
  /** The module could not be started, or stopped: the worker is of no more use. */
  | { readonly stopped: string };

/** The part of a Worker that is used here, which tests stand in for. */
export interface SimulatorWorker {
  onmessage: ((event: MessageEvent<Report>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(task: Task): void;
  terminate(): void;
}
