/**
 * What takes long, in a worker: one job at a time, of which the latest wins. One that is given up takes the worker
 * with it, as nothing else ends a computation; a worker that is idle is used again.
 */
import { loadWasm } from 'virtual:simulator-wasm';
import Worker from 'virtual:simulator-worker';
import { Lazy } from '../presets/lazy';
import type { Ending, Job, Report, SimulatorWorker } from './protocol';

export interface Started {
  readonly worker: SimulatorWorker;
  readonly wasm: ArrayBuffer;
}

const wasm = new Lazy(loadWasm);

/** So that the first job does not wait for it; where it cannot be fetched, that job says so. */
export function fetchAhead(): void {
  wasm.load().catch(() => undefined);
}

const startWorker = async (): Promise<Started> => ({ wasm: await wasm.load(), worker: new Worker() });

export class Background {
  #worker: SimulatorWorker | null = null;
  /** Whether the worker computes; it cannot be told anything meanwhile. */
  #isBusy = false;
  /** Counts jobs, so that what arrives late for an earlier one is dropped. */
  #turn = 0;

  constructor(private readonly start: () => Promise<Started> = startWorker) {}

  /** Instead of what runs; of a job that is given up, nothing more is told. */
  run(job: Job, ended: (ending: Ending) => void, advanced?: (progress: number) => void): void {
    this.giveUp();
    const turn = this.#turn;
    const told = (report: Report): void => {
      if (turn !== this.#turn) return;
      if ('progress' in report) {
        advanced?.(report.progress);
        return;
      }
      if ('stopped' in report) this.#dismiss();
      this.#isBusy = false;
      ended(report);
    };
    this.#post(job, turn, told).catch((cause: unknown) => {
      told({ stopped: cause instanceof Error ? cause.message : String(cause) });
    });
  }

  giveUp(): void {
    this.#turn++;
    if (this.#isBusy) this.#dismiss();
  }

  #dismiss(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isBusy = false;
  }

  async #post(job: Job, turn: number, told: (report: Report) => void): Promise<void> {
    const started = this.#worker ? { worker: this.#worker } : await this.start();
    const { worker } = started;
    if (turn !== this.#turn) {
      worker.terminate();
      return;
    }
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      told(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      // A worker that could not even start gives no message.
      told({ stopped: event.message || 'Worker' });
    };
    this.#isBusy = true;
    worker.postMessage('wasm' in started ? { ...job, wasm: started.wasm } : job);
  }
}
