/** Stands in for the worker: keeps what it is told, and says what a test lets it say. */
import { expect } from 'vitest';
import { Background } from '../src/engine/background';
import type { Report, SimulatorWorker, Task } from '../src/engine/protocol';

export class FakeWorker implements SimulatorWorker {
  onmessage: SimulatorWorker['onmessage'] = null;
  onerror: SimulatorWorker['onerror'] = null;
  readonly tasks: Task[] = [];
  isTerminated = false;

  postMessage(task: Task): void {
    this.tasks.push(task);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** As if the worker said so; nothing comes from one that was terminated, but what was on its way may. */
  says(data: Report): void {
    this.onmessage?.({ data } as MessageEvent<Report>);
  }
}

export const wasm = new ArrayBuffer(1);

/** A background with such workers. */
export class FakeBackground extends Background {
  constructor(
    readonly workers: FakeWorker[] = [],
    /** Fails where the module cannot be fetched. */
    public fetched = (): Promise<void> => Promise.resolve(),
  ) {
    super(async () => {
      await this.fetched();
      const worker = new FakeWorker();
      this.workers.push(worker);
      return { worker, wasm };
    });
  }

  get last(): FakeWorker {
    return this.workers.at(-1) ?? expect.fail('no worker was started');
  }
}
