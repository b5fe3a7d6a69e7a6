import { describe, expect, it } from 'vitest';
import { defaultInputs, weightTypes, type Inputs } from '../src/inputs';
import { requestForCommandLine } from '../src/request';
import { pack, TooLarge, unpack } from '../src/share/codec';
import { linkLimit, readLink, writeLink } from '../src/share/link';

const own: Inputs = {
  ...defaultInputs,
  modelPreset: null,
  config: '{"architectures": ["LlamaForCausalLM"], "名": "模型"}\n',
  acceleratorPreset: null,
  custom: { ...defaultInputs.custom, name: '卡', memory: '64', memoryUnit: 'GB' },
  concurrency: '32',
};

describe('share links', () => {
  it('are empty for the page as it opens', async () => {
    expect(await writeLink(defaultInputs)).toBe('');
    expect(await readLink('')).toEqual({ inputs: defaultInputs, problems: [] });
    expect(await readLink('#v1')).toEqual({ inputs: defaultInputs, problems: [] });
  });

  it('give back what they were made of', async () => {
    const preset: Inputs = {
      ...defaultInputs,
      modelPreset: 'deepseek-r1',
      gpus: '8',
      kvCache: 'fp8',
      utilisation: '45.5',
    };
    expect(await writeLink(preset)).toBe('v1?m=deepseek-r1&n=8&kv=fp8&u=45.5');
    for (const inputs of [preset, own]) {
      expect(await readLink(`#${(await writeLink(inputs)) ?? ''}`)).toEqual({ inputs, problems: [] });
    }
  });

  // Such numbers were answered, but the link with them opened with the defaults in their place.
  it('carry numbers that are typed in other ways than links have them', async () => {
    const typed = { gpus: '８', inputTokens: '1e3', outputTokens: '64.0', concurrency: ' 4 ', price: '.5' };
    const link = (await writeLink({ ...defaultInputs, ...typed })) ?? '';
    expect(link).toBe('v1?n=8&in=1000&out=64&b=4&p=0.5');
    const read = { gpus: '8', inputTokens: '1000', outputTokens: '64', concurrency: '4', price: '0.5' };
    expect(await readLink(`#${link}`)).toEqual({ inputs: { ...defaultInputs, ...read }, problems: [] });
  });

  it('carry the choice among several pasted configs', async () => {
    const chosen: Inputs = { ...own, config: '{} {}', choice: '100' };
    const link = (await writeLink(chosen)) ?? '';
    expect(JSON.parse(await unpack(link.slice('v1z='.length), 1000))).toHaveProperty('c', '100');
    expect(await readLink(`#${link}`)).toEqual({ inputs: chosen, problems: [] });
  });

  it('leave the choice out where there is none to make, as links before it did', async () => {
    const link = (await writeLink(own)) ?? '';
    expect(JSON.parse(await unpack(link.slice('v1z='.length), 1000))).not.toHaveProperty('c');
    expect((await readLink(`#${link}`)).inputs.choice).toBe('');
    expect(await writeLink({ ...defaultInputs, config: '{} {}', choice: '2' })).toBe('');
  });

  it.each(['0', '01', '101', '-1', 'x', ''])('refuse the choice %j', async (c) => {
    const { inputs, problems } = await readLink(`#v1z=${await pack(JSON.stringify({ config: '{} {}', c }))}`);
    expect(inputs.choice).toBe('');
    expect(problems).toEqual([{ kind: 'bad', fields: 'c' }]);
  });

  it.each(weightTypes)('carry the format of weights: %s', async (weights) => {
    const inputs: Inputs = { ...defaultInputs, weights };
    expect(await writeLink(inputs)).toBe(weights === 'auto' ? '' : `v1?w=${weights}`);
    expect(await readLink(`#v1?w=${weights}`)).toEqual({ inputs, problems: [] });
  });

  it('take an alias for a preset', async () => {
    expect((await readLink('#v1?a=H20')).inputs.acceleratorPreset).toBe('h20-96-sxm');
    const packed = await pack(JSON.stringify({ a: '昇腾 910B2', config: '{}' }));
    expect((await readLink(`#v1z=${packed}`)).inputs.acceleratorPreset).toBe('ascend-910b2');
  });

  it('carry a price of one’s own, and its currency only with it', async () => {
    const priced: Inputs = { ...defaultInputs, price: '2.5', currency: 'CNY' };
    expect(await writeLink(priced)).toBe('v1?p=2.5&pc=CNY');
    expect(await readLink('#v1?p=2.5&pc=CNY')).toEqual({ inputs: priced, problems: [] });
    expect(await writeLink({ ...priced, currency: 'USD' })).toBe('v1?p=2.5');
    expect(await writeLink({ ...priced, price: '' })).toBe('');
  });

  it('carry an engine, and its version only with it', async () => {
    const served: Inputs = { ...defaultInputs, engine: 'llama.cpp', engineVersion: 'b4000 (CUDA)' };
    expect(await writeLink(served)).toBe('v1?e=llama.cpp&ev=b4000+%28CUDA%29');
    expect(await readLink('#v1?e=llama.cpp&ev=b4000+%28CUDA%29')).toEqual({ inputs: served, problems: [] });
    expect(await writeLink({ ...served, engine: 'generic' })).toBe('');
    expect(await writeLink({ ...served, engineVersion: '' })).toBe('v1?e=llama.cpp');
  });

  it('refuse an engine that is none, and a version of any length', async () => {
    const { inputs, problems } = await readLink(`#v1?e=VLLM&ev=${'9'.repeat(41)}`);
    expect(inputs).toEqual(defaultInputs);
    expect(problems).toEqual([{ kind: 'bad', fields: 'e, ev' }]);
  });

  it.each(['-1', 'x', '', '1e3', '1,5'])('refuse the price %j', async (p) => {
    const { inputs, problems } = await readLink(`#v1?p=${p}&pc=EUR`);
    expect(inputs).toEqual(defaultInputs);
    expect(problems).toEqual([{ kind: 'bad', fields: 'p, pc' }]);
  });

  it.each<[string, object]>([
    ['a text that is none', { nic: 5 }],
    ['a topology that is none', { topology: 'ring' }],
    ['a class that is none', { class: 'toaster' }],
    ['a file that is none', { file: [1] }],
  ])('refuse an own accelerator with %s', async (_, patch) => {
    const state = { custom: { ...defaultInputs.custom, ...patch } };
    const { inputs, problems } = await readLink(`#v1z=${await pack(JSON.stringify(state))}`);
    expect(inputs).toEqual(defaultInputs);
    expect(problems).toEqual([{ kind: 'bad', fields: 'custom' }]);
  });

  it('open an own accelerator as links had it before it could say more', async () => {
    const custom = {
      name: '国产卡',
      memory: '64',
      memoryUnit: 'GB',
      bandwidth: '1600',
      fp16: '320',
      bf16: '320',
      fp8: '',
      int8: '640',
      link: '196',
    };
    const { inputs, problems } = await readLink(`#v1z=${await pack(JSON.stringify({ custom }))}`);
    expect(problems).toEqual([]);
    const { accelerator } = requestForCommandLine({ ...inputs, gpus: '4' });
    expect(accelerator.custom).toEqual({
      name: '国产卡',
      memory_bytes: 64e9,
      memory_bandwidth_bytes_per_s: 1.6e12,
      peak_flops_per_s: { fp16: 3.2e14, bf16: 3.2e14, int8: 6.4e14 },
      link: { topology: 'switch', bandwidth_bytes_per_s: 1.96e11, domain_size: 4 },
    });
  });

  it('are not made when they would be too long', async () => {
    let config = '';
    while (config.length < 2 * linkLimit) config += Math.random().toString(36);
    expect(await writeLink({ ...own, config })).toBeUndefined();
    expect(await writeLink({ ...own, config: ' '.repeat(1_000_000) })).toBeUndefined();
  });

  it.each([
    ['#v1?m=nope&n=0', 'bad', 'm=nope, n'],
    [`#v1?a=${'x'.repeat(50)}`, 'bad', `a=${'x'.repeat(40)}`],
    ['#v1?in=0&b=-1&n=08', 'bad', 'n, in, b'],
    ['#v1?__proto__=1&x=2', 'unknown', '__proto__, x'],
  ])('use the default for what makes no sense: %s', async (hash, kind, fields) => {
    const { inputs, problems } = await readLink(hash);
    expect(inputs).toEqual(defaultInputs);
    expect(problems).toEqual([{ kind, fields }]);
  });

  it.each(['#v1z=', '#v1z=!!', '#v1z=AAAA', '#v0?x', '#foo', '#v1x'])('tell damage: %s', async (hash) => {
    expect(await readLink(hash)).toEqual({ inputs: defaultInputs, problems: [{ kind: 'broken' }] });
  });

  it.each(['[]', '1', 'null', '"text"'])('tell packed %s for damage', async (text) => {
    expect((await readLink(`#v1z=${await pack(text)}`)).problems).toEqual([{ kind: 'broken' }]);
  });

  it('tell packed values of a wrong type, field by field', async () => {
    const state = { config: 5, custom: { name: 'x' }, b: 3, in: [], u: null };
    const { inputs, problems } = await readLink(`#v1z=${await pack(JSON.stringify(state))}`);
    expect(inputs).toEqual({ ...defaultInputs, concurrency: '3' });
    expect(problems).toEqual([{ kind: 'bad', fields: 'in, u, config, custom' }]);
  });

  it('tell a later version', async () => {
    expect((await readLink('#v12?m=x')).problems).toEqual([{ kind: 'newer', version: '12' }]);
  });

  it('do not unfold beyond a limit', async () => {
    await expect(unpack(await pack(' '.repeat(1_000_000)), 1000)).rejects.toThrow(TooLarge);
  });
});
