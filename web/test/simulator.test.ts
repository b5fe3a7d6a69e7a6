import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../src/engine/protocol';
import { Simulator, type Job } from '../src/simulate/simulator';
import { FakeBackground, wasm, type FakeWorker } from './fake-worker';

const job = (request: string, calibrations: readonly string[] = ['index']): Job => ({
  request,
  calibrations,
});
const answerTo = (request: string): Report => ({
  response: JSON.stringify({ ok: true, schema: 1, result: { request }, notes: [] }),
  tookMs: 1,
});
const refused: Report = {
  response: JSON.stringify({ ok: false, schema: 1, error: { code: 'x', path: '', message: 'no', hint: '' } }),
  tookMs: 1,
};

let background: FakeBackground;
let workers: FakeWorker[] = [];
let changes = 0;
let simulator: Simulator;

const later = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);
const last = (): FakeWorker => background.last;
const answered = (): unknown => simulator.done?.answer.result;

beforeEach(() => {
  vi.useFakeTimers();
  background = new FakeBackground();
  ({ workers } = background);
  changes = 0;
  simulator = new Simulator(background, () => changes++);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the simulator', () => {
  it('runs what is wanted at once, tells how far it is, and keeps the answer', async () => {
    simulator.want(job('a'));
    expect(simulator.status).toEqual({ kind: 'running', progress: 0 });
    await vi.advanceTimersByTimeAsync(0);
    expect(last().tasks).toEqual([{ kind: 'simulate', wasm, request: 'a', calibrations: ['index'] }]);
    last().says({ progress: 0.5 });
    expect(simulator.status).toEqual({ kind: 'running', progress: 0.5 });
    last().says(answerTo('a'));
    expect(simulator.status).toEqual({ kind: 'idle' });
    expect(answered()).toEqual({ request: 'a' });
    expect(simulator.isStale).toBe(false);
    expect(changes).toBe(2);
  });

  it('asks the same worker again, which has the module already', async () => {
    simulator.want(job('a'));
    await later();
    last().says(answerTo('a'));
    simulator.want(job('b'));
    await later();
    expect(workers).toHaveLength(1);
    expect(last().tasks[1]).toEqual({ kind: 'simulate', request: 'b', calibrations: ['index'] });
  });

  it('gives up what is stale, keeps the earlier answer, and drops what comes late', async () => {
    simulator.want(job('a'));
    await later();
    last().says(answerTo('a'));
    simulator.want(job('b'));
    await later();
    simulator.want(job('c'));
    const [first] = workers;
    expect(first?.isTerminated).toBe(true);
    first?.says(answerTo('b'));
    expect(answered()).toEqual({ request: 'a' });
    expect(simulator.isStale).toBe(true);
    await later();
    expect(workers).toHaveLength(2);
    last().says(answerTo('c'));
    expect(answered()).toEqual({ request: 'c' });
    expect(simulator.isStale).toBe(false);
  });

  it('waits for a pause in typing', async () => {
    simulator.want(job('1'));
    await later();
    last().says(answerTo('1'));
    for (const request of ['12', '123', '1234']) {
      simulator.want(job(request));
      await vi.advanceTimersByTimeAsync(100);
    }
    await later();
    expect(last().tasks.map(({ request }) => request)).toEqual(['1', '1234']);
    expect(workers).toHaveLength(1);
  });

  it('does not run what it has answered, nor what runs already', async () => {
    simulator.want(job('a'));
    simulator.want(job('a'));
    await later();
    last().says(answerTo('a'));
    simulator.want(job('b'));
    simulator.want(job('a'));
    expect(simulator.status).toEqual({ kind: 'idle' });
    await later();
    expect(last().tasks).toHaveLength(1);
  });

  it('runs again once the measurements are there', async () => {
    simulator.want(job('a'));
    await later();
    last().says(answerTo('a'));
    simulator.want(job('a', ['index', 'curves']));
    expect(simulator.isStale).toBe(true);
    await later();
    expect(last().tasks.at(-1)).toMatchObject({ request: 'a', calibrations: ['index', 'curves'] });
  });

  it('stays cancelled until something else is wanted, or the same again', async () => {
    simulator.want(job('a'));
    await later();
    simulator.cancel();
    expect(last().isTerminated).toBe(true);
    simulator.want(job('a'));
    await later();
    expect(simulator.status).toEqual({ kind: 'cancelled' });
    expect(workers).toHaveLength(1);
    simulator.again();
    await later();
    expect(workers).toHaveLength(2);
    last().says(answerTo('a'));
    expect(simulator.status).toEqual({ kind: 'idle' });
  });

  it('stops when nothing is wanted any more, also while it starts', async () => {
    simulator.want(job('a'));
    await later();
    simulator.want(null);
    expect(last().isTerminated).toBe(true);
    expect(simulator.status).toEqual({ kind: 'idle' });

    let arrive = (): void => undefined;
    background.fetched = () => new Promise((resolve) => (arrive = resolve));
    simulator.want(job('b'));
    await later();
    simulator.want(null);
    arrive();
    await later();
    expect(last().isTerminated).toBe(true);
    expect(last().tasks).toEqual([]);
  });

  it('tells what the engine refuses, keeps the last good answer and the worker', async () => {
    simulator.want(job('a'));
    await later();
    last().says(answerTo('a'));
    simulator.want(job('bad'));
    await later();
    last().says(refused);
    expect(simulator.status).toMatchObject({ kind: 'refused', error: { message: 'no' } });
    expect(answered()).toEqual({ request: 'a' });
    expect(last().isTerminated).toBe(false);
  });

  it.each<[string, () => void]>([
    [
      'says so',
      () => {
        last().says({ stopped: 'memory' });
      },
    ],
    [
      'fails',
      () => {
        last().onerror?.({ message: 'memory', preventDefault: () => undefined } as ErrorEvent);
      },
    ],
  ])('tells that the worker stopped where it %s, and starts another', async (_, stop) => {
    simulator.want(job('a'));
    await later();
    stop();
    expect(simulator.status).toEqual({ kind: 'stopped', reason: 'memory' });
    expect(last().isTerminated).toBe(true);
    simulator.again();
    await later();
    expect(workers).toHaveLength(2);
    expect(last().tasks[0]).toHaveProperty('wasm');
  });

  it('tells that it could not be loaded, and tries again when asked', async () => {
    background.fetched = () => Promise.reject(new Error('offline'));
    simulator.want(job('a'));
    await later();
    expect(simulator.status).toEqual({ kind: 'stopped', reason: 'offline' });
    background.fetched = () => Promise.resolve();
    simulator.again();
    await later();
    expect(last().tasks).toHaveLength(1);
  });
});
