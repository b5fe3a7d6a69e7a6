import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CompareResponse, EstimateRequest } from '../src/engine/types';
import { Comparer, type Compared } from '../src/own/comparer';
import { FakeBackground, wasm } from './fake-worker';

const request = { model: { config: {} } } as unknown as EstimateRequest;
const refusal = (message: string): CompareResponse => ({
  ok: false,
  schema: 1,
  error: { code: 'x', path: '', message, hint: '' },
});
const compared = (message: string): Compared => ({ response: refusal(message), tookMs: 1 });

let background: FakeBackground;
let calibrations: string[] = [];
let comparer: Comparer;
let ended: Compared[] = [];

/** Until the worker has it. */
async function compare(measurement: string): Promise<void> {
  comparer.compare(request, measurement, (ending) => ended.push(ending));
  await vi.waitUntil(() =>
    background.workers.some(({ tasks }) => tasks.some((task) => JSON.stringify(task).includes(measurement))),
  );
}

const says = (message: string, worker = background.last): void => {
  worker.says({ response: JSON.stringify(refusal(message)), tookMs: 1 });
};

beforeEach(() => {
  background = new FakeBackground();
  calibrations = ['index'];
  comparer = new Comparer(calibrations, background);
  ended = [];
});

describe('the comparer', () => {
  it('asks the same worker again, with the calibrations that have come since', async () => {
    await compare('one');
    says('1');
    calibrations.push('curves');
    await compare('two');
    says('2');
    expect(ended).toEqual([compared('1'), compared('2')]);
    const asked = { kind: 'compare', request: JSON.stringify(request) };
    expect(background.workers.map(({ tasks }) => tasks)).toEqual([
      [
        { ...asked, measurement: 'one', calibrations, wasm },
        { ...asked, measurement: 'two', calibrations },
      ],
    ]);
  });

  it('gives up a comparison for a newer one', async () => {
    await compare('one');
    const first = background.last;
    await compare('two');
    expect(first.isTerminated).toBe(true);
    says('1', first);
    says('2');
    expect(ended).toEqual([compared('2')]);
    comparer.giveUp();
    expect(background.last.isTerminated).toBe(false);
  });

  it('tells that its worker stopped, and takes another', async () => {
    await compare('one');
    background.last.says({ stopped: 'memory' });
    await compare('two');
    says('2');
    expect(ended).toEqual([{ stopped: 'memory' }, compared('2')]);
    expect(background.workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  });
});
