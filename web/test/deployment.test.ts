/** Speculative decoding, overlap and uneven experts: from inputs to requests, links and back from errors. */
import { describe, expect, it } from 'vitest';
import { applied } from '../src/change';
import { fieldOf } from '../src/errors';
import { defaultInputs, draftMethods, overlaps, type Inputs } from '../src/inputs';
import { draftOf, requestForCommandLine, requestForEngine } from '../src/request';
import { readLink, writeLink } from '../src/share/link';
import { engineFile } from './engine-source';

const deployment = (patch: Partial<Inputs>) =>
  requestForCommandLine({ ...defaultInputs, ...patch }).deployment;

const drafted: Inputs = {
  ...defaultInputs,
  speculation: 'draft_model',
  draftModel: 'llama-3.2-1b',
  draftTokens: '4',
  acceptance: '70',
};

describe('speculative decoding', () => {
  it('is asked for only where it is chosen', () => {
    expect(deployment({ draftModel: 'x', draftTokens: '4', acceptance: '70' })).not.toHaveProperty(
      'speculative',
    );
    expect(deployment({ speculation: 'ngram', draftTokens: '4', acceptance: '70' }).speculative).toEqual({
      method: 'ngram',
      draft_tokens: 4,
      acceptance: 0.7,
    });
  });

  it('leaves out for MTP what the engine knows, and asks nothing silently of others', () => {
    expect(deployment({ speculation: 'mtp' }).speculative).toEqual({ method: 'mtp' });
    expect(deployment({ speculation: 'ngram' }).speculative).toEqual({
      method: 'ngram',
      draft_tokens: '',
      acceptance: '',
    });
  });

  it('names the draft for the command line, and sends its config to the engine in the page', () => {
    expect(deployment(drafted).speculative?.model).toEqual({ preset: 'llama-3.2-1b' });
    const draft = { id: 'llama-3.2-1b', name: 'L', organisation: 'M', config: { a: 1 } };
    const request = requestForEngine(drafted, { model: null, accelerator: null, draft });
    expect(request.deployment.speculative?.model).toEqual({ preset: 'llama-3.2-1b', config: { a: 1 } });
  });

  it('has a draft only by that method', () => {
    expect(draftOf(drafted)).toBe('llama-3.2-1b');
    expect(draftOf({ ...drafted, speculation: 'ngram' })).toBeNull();
    expect(deployment({ ...drafted, speculation: 'ngram' }).speculative).not.toHaveProperty('model');
  });

  it('goes through links, without what says nothing', async () => {
    expect(await writeLink(drafted)).toBe('v1?sp=draft_model&dm=llama-3.2-1b&dt=4&da=70');
    expect(await readLink('#v1?sp=draft_model&dm=llama-3.2-1b&dt=4&da=70')).toEqual({
      inputs: drafted,
      problems: [],
    });
    expect(await writeLink({ ...drafted, speculation: 'mtp' })).toBe('v1?sp=mtp&dt=4&da=70');
    expect(await writeLink({ ...drafted, speculation: '' })).toBe('');
  });

  it.each(['sp=eagle', 'dm=gpt-9', 'dt=0', 'dt=x', 'da=101', 'da=-1', 'ov=both', 'sk=x'])(
    'and uneven experts refuse %s',
    async (query) => {
      const { inputs, problems } = await readLink(`#v1?${query}`);
      expect(inputs).toEqual(defaultInputs);
      expect(problems).toEqual([{ kind: 'bad', fields: query.startsWith('dm') ? query : query.slice(0, 2) }]);
    },
  );
});

describe('experts over GPUs', () => {
  it('overlap and are uneven only where that is asked for', () => {
    expect(deployment({ ep: '8' })).not.toHaveProperty('expert_skew');
    const uneven = { overlap: 'two_batch', expertSkew: '1.5' } as const;
    expect(deployment(uneven)).toMatchObject({ overlap: 'two_batch', expert_skew: 1.5 });
    expect(deployment({ expertSkew: '' })).toHaveProperty('expert_skew', '');
  });

  it('go through links', async () => {
    const inputs: Inputs = { ...defaultInputs, ep: '8', overlap: 'two_batch', expertSkew: '1.5' };
    expect(await writeLink(inputs)).toBe('v1?ep=8&ov=two_batch&sk=1.5');
    expect(await readLink('#v1?ep=8&ov=two_batch&sk=1.5')).toEqual({ inputs, problems: [] });
  });
});

describe('offload', () => {
  it('is in whole bytes, of what was typed in GiB', () => {
    expect(deployment({})).not.toHaveProperty('offload');
    expect(deployment({ offloadWeights: '20.5' }).offload).toEqual({ weight_bytes: 22011707392 });
    expect(deployment({ offloadWeights: '0.1', offloadKv: 'much' }).offload).toEqual({
      weight_bytes: 107374182,
      kv_bytes: 'much',
    });
  });

  it('goes through links', async () => {
    const inputs: Inputs = { ...defaultInputs, offloadWeights: '20.5', offloadKv: '4' };
    expect(await writeLink(inputs)).toBe('v1?ow=20.5&ok=4');
    expect(await readLink('#v1?ow=20.5&ok=4')).toEqual({ inputs, problems: [] });
  });

  it('is what a proposed change makes of it: at least as much', () => {
    const change = { change: 'offload', value: 70e9, free_bytes: 0 };
    expect(applied(defaultInputs, change)).toEqual({ offloadWeights: '65.2' });
    expect(65.2 * 2 ** 30).toBeGreaterThan(70e9);
  });

  it('is refused at the field that was filled', () => {
    const refused = { code: 'unsupported_offload', path: '/deployment/offload' };
    expect(fieldOf(refused, { ...defaultInputs, offloadWeights: '1' })).toBe('offloadWeights');
    expect(fieldOf(refused, { ...defaultInputs, offloadKv: '1' })).toBe('offloadKv');
    const outside = { code: 'out_of_range', path: '/deployment/offload/kv_bytes' };
    expect(fieldOf(outside, { ...defaultInputs, offloadWeights: '1' })).toBe('offloadKv');
  });
});

describe('what is offered', () => {
  const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

  it('is what the engine takes', () => {
    expect(engineFile('report/speculation_request.cpp')).toContain(`"method", {${quoted(draftMethods)}}`);
    expect(engineFile('report/request.cpp')).toContain(`"overlap", {${quoted(overlaps)}}`);
  });
});

describe('an error of the deployment', () => {
  it.each([
    ['/deployment/overlap', 'overlap'],
    ['/deployment/expert_skew', 'expertSkew'],
    ['/deployment/speculative', 'speculation'],
    ['/deployment/speculative/method', 'speculation'],
    ['/deployment/speculative/model', 'draftModel'],
    ['/deployment/speculative/model/config', 'draftModel'],
    ['/deployment/speculative/draft_tokens', 'draftTokens'],
    ['/deployment/speculative/acceptance', 'acceptance'],
    ['/deployment/disaggregation', 'disaggregation'],
    ['/deployment/disaggregation/prefill/instances', 'prefillInstances'],
    ['/deployment/disaggregation/decode', 'decodeInstances'],
  ])('at %s stands at its field', (path, field) => {
    expect(fieldOf({ code: 'out_of_range', path }, defaultInputs)).toBe(field);
  });
});
