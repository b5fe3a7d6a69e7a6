import { describe, expect, it } from 'vitest';
import golden from '../../tests/golden/simulate-llama-3.1-8b-to-meet-limits.response.json';
import { defaultInputs, type Inputs } from '../src/inputs';
import { changed } from '../src/simulate/to-meet';
import type { Capacity, MeetChange } from '../src/simulate/types';

/** Two replicas of two ranks, on two nodes. */
const inputs: Inputs = { ...defaultInputs, gpus: '4', dp: '2', nodes: '2', load: { ul: '1', ld: 'rate' } };
const deployment = { gpus: 4, tp: 2, dp: 2 };
const by = (change: MeetChange['change'], value: number | string): Partial<Inputs> =>
  changed(inputs, deployment, { change, value, gpus: 1 });

describe('a change that keeps limits', () => {
  it('grows GPUs and nodes with replicas and ranks', () => {
    // 3 replicas × 2 ranks; 2 nodes × 3/2.
    expect(by('dp', 3)).toEqual({ dp: '3', gpus: '6', nodes: '3' });
    // 2 replicas × 4 ranks; 2 nodes × 2.
    expect(by('tp', 4)).toEqual({ gpus: '8', nodes: '4' });
  });

  it('asks for no nodes where none were asked for, or they would not be whole', () => {
    const at = (nodes: string) =>
      changed({ ...inputs, nodes }, deployment, { change: 'dp', value: 3, gpus: 6 });
    expect(at('')).toEqual({ dp: '3', gpus: '6' });
    expect(at('1')).toEqual({ dp: '3', gpus: '6', nodes: '' });
  });

  it('counts the GPUs of one instance, where the change has those of all', () => {
    const change = { change: 'tp', value: 4, gpus: 24 } as const;
    expect(changed({ ...inputs, nodes: '' }, { gpus: 2, tp: 2, dp: 1 }, change)).toEqual({ gpus: '4' });
  });

  it('is a field of the page or of the load', () => {
    expect(by('kv_cache', 'fp8')).toEqual({ kvCache: 'fp8' });
    expect(by('concurrency', 74)).toEqual({ concurrency: '74' });
    // To the last digit: this rate was simulated.
    expect(by('request_rate', 7.777906792191512)).toEqual({
      load: { ul: '1', ld: 'rate', rr: '7.777906792191512' },
    });
    expect(by('prefill_instances', 2)).toEqual({ load: { ul: '1', ld: 'rate', pi: '2' } });
    expect(by('decode_instances', 3)).toEqual({ load: { ul: '1', ld: 'rate', di: '3' } });
  });

  it('leaves what else has changed of the load since', () => {
    const change = { change: 'decode_instances', value: 3, gpus: 4 } as const;
    expect(changed(inputs, deployment, change, { ul: '1', lt: '9' })).toEqual({
      load: { ul: '1', lt: '9', di: '3' },
    });
  });

  it('is as the engine writes it', () => {
    const capacity = golden.result.capacity as Capacity;
    expect(capacity.keeps).toBe(false);
    expect(capacity.to_meet?.map(({ change }) => change)).toEqual(['dp', 'request_rate']);
    expect(capacity.to_meet?.every(({ at }) => at !== undefined)).toBe(true);
    expect(capacity.tried?.map(({ change }) => change)).toEqual(['kv_cache', 'tp']);
  });
});
