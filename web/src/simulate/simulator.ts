/**
 * Simulations in the background: one made stale by another input is given up. The last good answer is kept until
 * the next one is here.
 */
import type { Background } from '../engine/background';
import type { EngineError } from '../engine/types';
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
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly background: Background,
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
    else this.#run(job, isFirst ? 0 : pause);
  }

  cancel(): void {
    this.#giveUp();
    this.#status = { kind: 'cancelled' };
    this.changed();
  }

  again(): void {
    this.#giveUp();
    if (this.#wanted) this.#run(this.#wanted, 0);
    this.changed();
  }

  #giveUp(): void {
    clearTimeout(this.#timer);
    this.background.giveUp();
  }

  #run(job: Kind, delay: number): void {
    this.#status = { kind: 'running', progress: 0 };
    this.#timer = setTimeout(() => {
      const { calibrations, request } = job;
      this.background.run(
        { kind: 'simulate', calibrations, request },
        (ending) => {
          if ('stopped' in ending) this.#set({ kind: 'stopped', reason: ending.stopped });
          else this.#answered(job, JSON.parse(ending.response) as SimulateResponse);
        },
        (progress) => {
          this.#set({ kind: 'running', progress });
        },
      );
    }, delay);
  }

  #answered(job: Kind, response: SimulateResponse): void {
    if (response.ok) this.#done = { job, answer: response };
    this.#set(response.ok ? { kind: 'idle' } : { kind: 'refused', error: response.error });
  }

  #set(status: Status): void {
    this.#status = status;
    this.changed();
  }
}
