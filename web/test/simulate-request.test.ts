import { describe, expect, it } from 'vitest';
import { defaultInputs, type Inputs } from '../src/inputs';
import { commandLine, requestForCommandLine } from '../src/request';
import { loadNames } from '../src/share/fields';
import { readLink, writeLink } from '../src/share/link';
import { pack } from '../src/share/codec';
import { loadFields, textOf, withText, type Typable } from '../src/simulate/fields';
import { loadFieldOf, simulateRequest } from '../src/simulate/request';

const loaded = (texts: Partial<Record<Typable, string>>, rest: Partial<Inputs> = {}): Inputs => ({
  ...defaultInputs,
  ...rest,
  load: Object.entries(texts).reduce<Inputs['load']>(
    (load, [field, text]) => withText(load, field as Typable, text),
    { ul: '1' },
  ),
});

const asked = (inputs: Inputs) => simulateRequest(requestForCommandLine(inputs), inputs.load);

const lengths = { input_tokens: 1024, output_tokens: 1024 };

describe('what the simulator is asked', () => {
  it('is the answered deployment, with its users in a closed loop', () => {
    const { workload, ...rest } = asked(loaded({}, { concurrency: '16', engine: 'vllm' }));
    expect(workload).toEqual({ ...lengths, concurrency: 16, curve: true });
    expect(rest).toEqual({
      schema: 1,
      model: { preset: 'qwen2.5-32b' },
      accelerator: { preset: 'h20-96-sxm' },
      deployment: { gpus: 1, engine: 'vllm', weights: 'auto', kv_cache: 'auto', memory_fraction: 0.9 },
    });
  });

  // The factors were once left out here, so that the page's estimate was scaled and its simulation was not.
  it('is scaled by the reader’s own measurement, as the estimate is', () => {
    const measured = ',1.5,,0.2,3,vllm,llama-3.1-8b,h100-80-sxm';
    expect(asked(loaded({}, { measured })).measured).toEqual({
      decode_time_factor: 1.5,
      decode_time_spread: 0.2,
      rows: 3,
    });
    expect(asked(loaded({}))).not.toHaveProperty('measured');
  });

  it('is of a rate without users and their think time', () => {
    const rate = { loadKind: 'rate', requestRate: '2.5', thinkTime: '9', burstiness: '0.5' };
    expect(asked(loaded(rate)).workload).toEqual({
      ...lengths,
      request_rate: 2.5,
      arrivals: 'poisson',
      curve: true,
    });
    expect(asked(loaded({ ...rate, arrivals: 'bursty' })).workload).toMatchObject({
      arrivals: 'bursty',
      burstiness: 0.5,
    });
  });

  it('says of lengths, the cache and think time what differs', () => {
    const spread = { lengths: 'lognormal', inputSpread: '80', prefixHit: '50', thinkTime: '20' };
    expect(asked(loaded(spread)).workload).toEqual({
      ...lengths,
      concurrency: 1,
      think_time_s: 20,
      lengths: 'lognormal',
      input_spread: 0.8,
      prefix_hit: 0.5,
      curve: true,
    });
    expect(asked(loaded({ ...spread, lengths: 'fixed' })).workload).not.toHaveProperty('input_spread');
  });

  it('has limits in seconds, at the percentile that is chosen', () => {
    expect(asked(loaded({ ttftLimit: '2000', tpotLimit: '50' })).workload['limits']).toEqual({
      ttft_s: { p95: 2 },
      tpot_s: { p95: 0.05 },
    });
    expect(asked(loaded({ tpotLimit: '50', statistic: 'mean' })).workload['limits']).toEqual({
      tpot_s: { mean: 0.05 },
    });
    expect(asked(loaded({ ttftLimit: ' ', statistic: 'p99' })).workload).not.toHaveProperty('limits');
  });

  it('keeps what is no number as it was typed, for the engine to refuse', () => {
    const { workload } = asked(loaded({ loadKind: 'rate', requestRate: 'many', ttftLimit: 'soon' }));
    expect(workload).toMatchObject({ request_rate: 'many', limits: { ttft_s: { p95: 'soon' } } });
  });

  it('has the limits of the scheduler in the deployment, as the estimate does', () => {
    const inputs = loaded({ maxSequences: '64', maxBatchedTokens: 'x', blockTokens: ' ' });
    const limits = { max_sequences: 64, max_batched_tokens: 'x' };
    expect(asked(inputs).deployment).toMatchObject(limits);
    expect(requestForCommandLine(inputs).deployment).toMatchObject(limits);
    expect(requestForCommandLine(inputs).deployment).not.toHaveProperty('block_tokens');
    expect(requestForCommandLine(loaded({})).deployment).not.toHaveProperty('max_sequences');
  });

  it('has prefill and decode apart only where that is chosen, and only in what is simulated', () => {
    const apart = { disaggregation: 'apart', prefillInstances: '2', decodeInstances: 'x' };
    const pools = { prefill: { instances: 2 }, decode: { instances: 'x' } };
    expect(asked(loaded(apart)).deployment).toMatchObject({ disaggregation: pools });
    expect(requestForCommandLine(loaded(apart)).deployment).not.toHaveProperty('disaggregation');
    expect(asked(loaded({ prefillInstances: '2' })).deployment).not.toHaveProperty('disaggregation');
  });

  it('says how many requests are measured, and of which seed, where that is not the engine’s own', () => {
    const { workload } = asked(loaded({ requests: '5000', seed: '7' }));
    expect(workload).toMatchObject({ requests: 5000, seed: 7 });
    expect(asked(loaded({ requests: '1000', seed: '1' })).workload).toEqual(asked(loaded({})).workload);
  });

  it('is a command of its own', () => {
    expect(commandLine(asked(loaded({})), 'simulate')).toMatch(
      /^tokencast simulate <<'JSON'\n\{.*\}\nJSON\n$/,
    );
  });
});

describe('an error of the simulator', () => {
  const at = (path: string): string =>
    loadFieldOf({ code: 'out_of_range', path, message: '', hint: '' }, defaultInputs);

  it('belongs to the field that its path names', () => {
    expect(at('/workload/request_rate')).toBe('requestRate');
    expect(at('/workload/think_time_s')).toBe('thinkTime');
    expect(at('/workload/limits/ttft_s/p95')).toBe('ttftLimit');
    expect(at('/workload/limits/tpot_s/mean')).toBe('tpotLimit');
    expect(at('/workload/limits/tpot_s/p42x')).toBe('statistic');
    expect(at('/workload/concurrency')).toBe('users');
    expect(at('/workload/input_spread')).toBe('inputSpread');
    expect(at('/workload/requests')).toBe('requests');
    expect(at('/workload/seed')).toBe('seed');
    expect(at('/workload/input_tokens')).toBe('inputTokens');
    expect(at('/deployment/max_batched_tokens')).toBe('maxBatchedTokens');
    expect(at('/deployment/tp')).toBe('gpus');
    expect(at('')).toBe('form');
  });
});

describe('the load in a link', () => {
  it('has a name for every field, and no other', () => {
    expect(['ul', ...Object.values(loadFields).map(({ name }) => name)]).toEqual(
      expect.arrayContaining([...loadNames]),
    );
    expect(loadNames).toHaveLength(Object.keys(loadFields).length + 1);
    expect(new Set(loadNames).size).toBe(loadNames.length);
  });

  it('comes back as it was typed, each field of it', async () => {
    for (const field of Object.keys(loadFields) as Typable[]) {
      for (const text of ['3.5', 'what is this?', '']) {
        const inputs = loaded({ [field]: text });
        const { inputs: read, problems } = await readLink(`#${(await writeLink(inputs)) ?? ''}`);
        expect(textOf(read.load, field)).toBe(text);
        expect(read).toEqual(inputs);
        expect(problems).toEqual([]);
      }
    }
  });

  it('is readable, opens the section, and says only what differs', async () => {
    expect(await writeLink(loaded({}))).toBe('v1?ul=1');
    expect(await writeLink(loaded({ loadKind: 'rate', requestRate: '4', thinkTime: '0' }))).toBe(
      'v1?ul=1&ld=rate&rr=4',
    );
    expect((await readLink('#v1?rr=4')).inputs.load).toEqual({ ul: '1', rr: '4' });
    expect((await readLink('#v1?b=4')).inputs.load).toEqual({});
  });

  // Closing the section once left no trace in a link with other fields of it, which then opened it again.
  it('keeps a section closed that was closed, with what was entered there', async () => {
    const inputs = { ...defaultInputs, load: { ul: '0', ld: 'rate', ms: '64' } };
    expect(await writeLink(inputs)).toBe('v1?ul=0&ld=rate&ms=64');
    expect(await readLink('#v1?ul=0&ld=rate&ms=64')).toEqual({ inputs, problems: [] });
  });

  it('travels with a pasted config', async () => {
    const inputs = { ...loaded({ thinkTime: '5' }), modelPreset: null, config: '{}' };
    expect((await readLink(`#${(await writeLink(inputs)) ?? ''}`)).inputs).toEqual(inputs);
    const packed = await pack(JSON.stringify({ config: '{}', rr: 3 }));
    expect((await readLink(`#v1z=${packed}`)).inputs.load).toEqual({ ul: '1', rr: '3' });
  });

  it('is refused where it is no text of a field', async () => {
    const { inputs, problems } = await readLink(`#v1?rr=${'9'.repeat(41)}`);
    expect(inputs).toEqual(defaultInputs);
    expect(problems).toEqual([{ kind: 'bad', fields: 'rr' }]);
  });
});
