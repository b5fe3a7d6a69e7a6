/**
 * Simulations in a worker, of which the latest wins: one made stale by another input is given up, and with it
 * the worker, as nothing else ends a computation. The last good answer is kept until the next one is here.
 */
import type { EngineError } from '../engine/types';
import type { SimulatorWorker, Task } from './protocol';
import type { Simulated, SimulateResponse } from './types';

/** Told apart by their requests and by whether they rest on measurements. */
export interface Job {
  readonly calibrations: readonly string[];
  readonly request: string;
}

export type Status =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly progress: number }
  | { readonly kind: 'cancelled' }
  /** By the engine: something is wrong with the input. */
  | { readonly kind: 'refused'; readonly error: EngineError }
  /** The simulator could not be loaded, or stopped. */
  | { readonly kind: 'stopped'; readonly reason: string };

export interface Started {
  readonly worker: SimulatorWorker;
  readonly wasm: ArrayBuffer;
}

/** Of typing: a number is rarely of one digit. */
const pause = 300;

const same = (one: Job | null, other: Job | null): boolean =>
  one === other ||
  (one?.request === other?.request && one?.calibrations.length === other?.calibrations.length);

export interface Done<Kind extends Job> {
  readonly job: Kind;
  readonly answer: Simulated;
}

export class Simulator<Kind extends Job = Job> {
  #wanted: Kind | null = null;
  #done: Done<Kind> | null = null;
  #status: Status = { kind: 'idle' };
  #worker: SimulatorWorker | null = null;
  /** Whether the worker computes; it cannot be told anything meanwhile. */
  #isBusy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts runs, so that what arrives late for an earlier one is dropped. */
  #turn = 0;

  constructor(
    private readonly start: () => Promise<Started>,
    private readonly changed: () => void,
  ) {}

  get status(): Status {
    return this.#status;
  }

  /** The last good answer, and what it answers. */
  get done(): Done<Kind> | null {
    return this.#done;
  }

  /** Whether that is something else than what is wanted now. */
  get isStale(): boolean {
    return this.#done !== null && !same(this.#done.job, this.#wanted);
  }

  /** Null: nothing, so that nothing runs. What is wanted already goes on, or stays cancelled. */
  want(job: Kind | null): void {
    if (same(job, this.#wanted)) return;
    const isFirst = this.#wanted === null;
    this.#wanted = job;
    this.#giveUp();
    if (job === null || same(job, this.#done?.job ?? null)) this.#status = { kind: 'idle' };
    else this.#run(isFirst ? 0 : pause);
  }

  cancel(): void {
    this.#giveUp();
    this.#status = { kind: 'cancelled' };
    this.changed();
  }

  again(): void {
    this.#giveUp();
    this.#run(0);
    this.changed();
  }

  #giveUp(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    if (this.#isBusy) this.#dismiss();
  }

  #dismiss(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isBusy = false;
  }

  #run(delay: number): void {
    const turn = ++this.#turn;
    this.#status = { kind: 'running', progress: 0 };
    this.#timer = setTimeout(() => {
      this.#post(turn).catch((cause: unknown) => {
        this.#stopped(turn, cause instanceof Error ? cause.message : String(cause));
      });
    }, delay);
  }

  async #post(turn: number): Promise<void> {
    const started = this.#worker ? { worker: this.#worker } : await this.start();
    const { worker } = started;
    if (turn !== this.#turn || this.#wanted === null) {
      worker.terminate();
      return;
    }
    this.#worker = worker;
    const job = this.#wanted;
    worker.onmessage = ({ data }) => {
      if (turn !== this.#turn) return;
      if ('stopped' in data) this.#stopped(turn, data.stopped);
      else if ('progress' in data) this.#set({ kind: 'running', progress: data.progress });
      else this.#answered(job, JSON.parse(data.response) as SimulateResponse);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      // A worker that could not even start gives no message.
      this.#stopped(turn, event.message || 'Worker');
    };
    const { calibrations, request } = job;
    const task: Task = { calibrations, request };
    this.#isBusy = true;
    worker.postMessage('wasm' in started ? { ...task, wasm: started.wasm } : task);
  }

  #answered(job: Kind, response: SimulateResponse): void {
    this.#isBusy = false;
    if (response.ok) this.#done = { job, answer: response };
    this.#set(response.ok ? { kind: 'idle' } : { kind: 'refused', error: response.error });
  }

  #stopped(turn: number, reason: string): void {
    if (turn !== this.#turn) return;
    this.#dismiss();
    this.#set({ kind: 'stopped', reason });
  }

  #set(status: Status): void {
    this.#status = status;
    this.changed();
  }
}
